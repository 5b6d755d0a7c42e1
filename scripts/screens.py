"""`python scripts/screens.py [FOLDER]`: pictures of what the tool shows, made by running it.

Each picture is of real runs on a terminal of 100 columns, in a folder of its own with files of fixed times.
What differs from run to run (numbers of processes, milliseconds, the folder's name) is written as something
fixed.
"""

import os
import pty
import re
import shutil
import struct
import subprocess
import sys
import tempfile
import termios
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from fcntl import ioctl
from io import StringIO
from pathlib import Path

from rich._export_format import CONSOLE_SVG_FORMAT
from rich.console import Console
from rich.text import Text

ROOT = Path(__file__).resolve().parents[1]
COLUMNS = 100
NIGHT = 1_790_000_000
"""When all files of the demo were written, in seconds since the epoch."""

DEMO = ROOT / "tests" / "cli" / "demo"
"""What the tests of the tool show, too."""

SCREENS: dict[str, Sequence[str]] = {
    "looking": ["vfs ls -l :", "vfs du :", "vfs cat :letters/anna.txt"],
    "checking": ["vfs check wrong.yaml", "vfs cat :lettres/anna.txt"],
    "copying": [
        "vfs cp -r :letters notes:",
        "vfs sync --delete -n :letters notes:letters",
        "vfs cp :letters/anna.txt notes:letters",
    ],
    "watching": ["vfs status /mnt/storage", "vfs mounts /mnt/storage", "vfs journal list /mnt/storage"],
}
"""The commands of each picture; `watching` is of a mount."""

ALWAYS = (
    (r"process \d+", "process 4242"),
    (r"OK in \d+ ms", "OK in 2 ms"),
    (r"names \d+% remembered", "names 90% remembered"),
    (r"\b\d+ calls", "12 calls"),
    (r"(?m)^d +[\d,]+", "d          4,096"),
)
"""What differs from run to run, and what is written instead."""


def main(folder: str) -> None:
    """Make all pictures below a folder."""
    os.makedirs(folder, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="vfs-screens-") as place:
        room = Path(place)
        _fill(room)
        for name, commands in SCREENS.items():
            with _mounted(room, wanted=name == "watching"):
                screen = "".join(f"\x1b[1m$ {command}\x1b[0m\n{_run(room, command)}" for command in commands)
            Path(folder, f"{name}.svg").write_text(_picture(name, screen.rstrip("\n")), encoding="utf-8")


def _fill(room: Path) -> None:
    shutil.copyfile(DEMO / "right.yaml", room / "vfs.yaml")
    shutil.copyfile(DEMO / "wrong.yaml", room / "wrong.yaml")
    (room / "mnt").mkdir()
    shutil.copytree(DEMO / "letters", room / "files" / "letters")
    for name, content in (("a report*.txt", "2026\n"), ("line\nbreak", "1")):
        (room / "files" / name).write_text(content)
    for place in sorted((room / "files").rglob("*"), reverse=True):
        os.utime(place, (NIGHT, NIGHT))


@contextmanager
def _mounted(room: Path, *, wanted: bool) -> Iterator[None]:
    if not wanted:
        yield
        return
    subprocess.run(_command("vfsmount vfs.yaml mnt"), cwd=room, env=_environment(room), check=True)
    try:
        (room / "mnt" / "notes" / "plan.md").write_text("tea\n")
        yield
    finally:
        subprocess.run(["fusermount3", "-u", room / "mnt"], check=True)


def _run(room: Path, command: str) -> str:
    """What a command shows on a terminal, as it looks everywhere."""
    ours, theirs = pty.openpty()
    ioctl(theirs, termios.TIOCSWINSZ, struct.pack("4H", 24, COLUMNS, 0, 0))
    given = _command(command.replace("/mnt/storage", "mnt"))
    # Bars are drawn where stderr is a terminal, and gone in the end.
    with (
        tempfile.TemporaryFile() as stderr,
        subprocess.Popen(
            given, cwd=room, env=_environment(room), stdin=theirs, stdout=theirs, stderr=stderr
        ) as process,
    ):
        os.close(theirs)
        seen = b"".join(_read(ours))
        process.wait()
        stderr.seek(0)
        seen += stderr.read()
    os.close(ours)
    shown = seen.decode().replace("\r\n", "\n").replace(f"{room}/mnt", "/mnt/storage")
    shown = shown.replace(f"{room}/", "/home/anna/")
    for pattern, fixed in ALWAYS:
        shown = re.sub(pattern, fixed, shown)
    return shown


def _read(terminal: int) -> Iterator[bytes]:
    while True:
        try:
            yield os.read(terminal, 1 << 16)
        except OSError:  # Linux says so when the other end is closed
            return


def _command(line: str) -> list[str]:
    name, *arguments = line.split()
    return [sys.executable, "-m", f"vfs.cli.{name}", *arguments]


def _environment(room: Path) -> dict[str, str]:
    given = {"HOME": str(room), "TZ": "UTC", "TERM": "xterm-256color", "LANG": "C.UTF-8"}
    return {"PATH": os.environ["PATH"], "PYTHONPATH": os.environ.get("PYTHONPATH", str(ROOT)), **given}


def _picture(name: str, screen: str) -> str:
    console = Console(record=True, width=COLUMNS, file=StringIO(), color_system="truecolor")
    console.print(Text.from_ansi(screen))
    # Pictures ask no other server for a font.
    template = re.sub(r"@font-face \{\{.*?\}\}\s*", "", CONSOLE_SVG_FORMAT, flags=re.DOTALL)
    return console.export_svg(title="vfs", code_format=template, unique_id=name)


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else os.fspath(ROOT / "docs" / "screens"))
