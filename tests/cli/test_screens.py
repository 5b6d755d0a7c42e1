"""What a process of its own shows on a terminal, and while a copy goes on."""

import os
import pty
import re
import struct
import subprocess
import sys
import termios
from fcntl import ioctl
from pathlib import Path

import pytest

from tests.cli.screens import GOLDEN, NARROW
from tests.cli.shown import fill, words_of
from tests.cli.steady import steady


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A configuration, and files in its main mount whose names would ring and break lines."""
    fill(tmp_path)
    return tmp_path


def screen(folder: Path, *arguments: str, **environ: str) -> tuple[int, str]:
    """The status of a run on a terminal of 40 columns, and everything that it sent there."""
    ours, theirs = pty.openpty()
    ioctl(theirs, termios.TIOCSWINSZ, struct.pack("4H", 24, NARROW.columns, 0, 0))
    given = {"HOME": str(folder), "TZ": "UTC", "TERM": "xterm-256color", "LANG": "C.UTF-8", **environ}
    inherited = {name: os.environ[name] for name in ("PATH", "PYTHONPATH") if name in os.environ}
    command = [sys.executable, "-m", "vfs.cli.vfs", *arguments]
    with subprocess.Popen(
        command, cwd=folder, env=inherited | given, stdin=theirs, stdout=theirs, stderr=theirs
    ) as process:
        os.close(theirs)
        seen = b""
        while piece := _read(ours):
            seen += piece
    os.close(ours)
    return process.returncode, seen.decode().replace("\r\n", "\n")


def _read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 1 << 16)
    except OSError:  # Linux says so when the other end is closed
        return b""


def test_a_process_of_its_own_shows_what_is_kept(folder: Path) -> None:
    """The screens in `golden` are made inside the process of the tests, and no others."""
    command = "ls -l : :letters"
    kept = (GOLDEN / "ls" / f"{NARROW.name}.txt").read_text()
    status, seen = screen(folder, *words_of(command))
    assert status == 0
    assert f"$ vfs {command}\n{steady(seen, str(folder))}$ vfs " in kept


@pytest.mark.parametrize("environ", [{}, {"NO_COLOR": "1"}])
def test_a_copy_draws_a_bar_and_leaves_nothing_of_it(folder: Path, environ: dict[str, str]) -> None:
    """What was drawn is erased, and what is told stays; with NO_COLOR no colour is sent."""
    status, seen = screen(folder, "cp", "-r", ":letters", "notes:copy", **environ)
    assert status == 0
    assert seen.endswith("2 file(s) copied, 42 bytes\n")
    assert "\x1b[?25l" in seen
    assert "\x1b[?25h" in seen
    if environ:
        assert re.search(r"\x1b\[[0-9;]*3[0-9][0-9;]*m", seen) is None
