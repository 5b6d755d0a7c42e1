"""What people see: on a terminal, in a narrow one, without colour, while a copy goes on."""

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

from tests.cli.tool import CONFIG

NARROW = 40
NIGHT = 1_790_000_000

LISTING = """\
-              1 2026-09-21 14:13  a.txt
-          2,000 2026-09-21 14:13  bell\\u0007.txt
-              3 2026-09-21 14:13  line\\nbreak
d          4,096 2026-09-21 14:13  sub
"""

FAILURE = """\
vfs: home:none: No such file or directory
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A configuration, and files in its main mount whose names would ring and break lines."""
    (tmp_path / "vfs.yaml").write_text(CONFIG)
    files = tmp_path / "files"
    (files / "sub").mkdir(parents=True)
    for name, size in (("a.txt", 1), ("bell\x07.txt", 2000), ("line\nbreak", 3)):
        (files / name).write_bytes(b"x" * size)
        os.utime(files / name, (NIGHT, NIGHT))
    os.utime(files / "sub", (NIGHT, NIGHT))
    return tmp_path


def screen(folder: Path, *arguments: str, **environ: str) -> tuple[int, str]:
    """The status of a run on a terminal of 40 columns, and everything that it sent there."""
    ours, theirs = pty.openpty()
    ioctl(theirs, termios.TIOCSWINSZ, struct.pack("4H", 24, NARROW, 0, 0))
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


def test_a_listing_obeys_no_name(folder: Path) -> None:
    """Bells and line breaks in names are shown; nothing is coloured or cut."""
    status, seen = screen(folder, "ls", "-l", ":")
    sizes_of_folders = re.sub(r"^d +[\d,]+ ", "d          4,096 ", seen, flags=re.MULTILINE)
    assert (status, sizes_of_folders) == (0, LISTING)


def test_a_failure_is_one_line(folder: Path) -> None:
    """Whatever the width of the terminal."""
    assert screen(folder, "cat", "home:none") == (1, FAILURE)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["lss", ":"], "vfs: error: unknown verb 'lss'; did you mean 'ls'?"),
        (["journal", "lists"], "vfs journal: error: unknown verb 'lists'; did you mean 'list'?"),
    ],
)
def test_a_wrong_verb_is_told_with_the_one_that_is_meant(folder: Path, words: list[str], told: str) -> None:
    """In one line below how the command is called; verbs of shells' completion are no word of it."""
    status, seen = screen(folder, *words, COLUMNS="100")
    assert (status, seen.splitlines()[-1]) == (2, told)
    assert "_places" not in screen(folder, "--help", COLUMNS="100")[1]


def test_help_fits_a_narrow_terminal(folder: Path) -> None:
    """No line is longer than the terminal, but for an option that is."""
    status, seen = screen(folder, "sync", "--help", COLUMNS=str(NARROW))
    assert status == 0
    long = [line.strip() for line in seen.splitlines() if len(line) > NARROW]
    assert long == ["[--skip {never,exists,size,hash}]"]


@pytest.mark.parametrize("environ", [{}, {"NO_COLOR": "1"}])
def test_a_copy_draws_a_bar_and_leaves_nothing_of_it(folder: Path, environ: dict[str, str]) -> None:
    """What was drawn is erased, and what is told stays; with NO_COLOR no colour is sent."""
    status, seen = screen(folder, "cp", "-r", ":", "other:copy", **environ)
    assert status == 0
    assert seen.endswith("3 file(s) copied, 2,004 bytes\n")
    assert "\x1b[?25l" in seen
    assert "\x1b[?25h" in seen
    if environ:
        assert re.search(r"\x1b\[[0-9;]*3[0-9][0-9;]*m", seen) is None


def test_quiet_draws_nothing(folder: Path) -> None:
    """Not even the numbers."""
    assert screen(folder, "cp", "-rq", ":", "other:copy") == (0, "")
