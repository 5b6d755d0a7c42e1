"""A command run in this process with a terminal, or a pipe, at its standard descriptors."""

import functools
import os
import pty
import struct
import sys
import termios
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from fcntl import ioctl
from tempfile import TemporaryFile
from threading import Thread
from unittest import mock


@dataclass(frozen=True)
class Look:
    """How somebody looks at a command: on a terminal of so many columns, or through a pipe."""

    name: str
    columns: int | None
    """None for a pipe."""
    is_json: bool = False


@dataclass(frozen=True)
class Screen:
    """What one run sent to both its outputs, in the order in which it came, and its exit status."""

    status: int
    seen: bytes


def run(command: Callable[[], int], look: Look, *, typed: bytes = b"") -> Screen:
    """Run it as a process of its own would be; `typed` is what it finds on its standard input."""
    ours, theirs = _terminal(look.columns) if look.columns is not None else os.pipe()
    pieces: list[bytes] = []
    # Read meanwhile: a terminal holds few bytes, and who writes more waits.
    reading = Thread(target=lambda: pieces.extend(_pieces(ours)), name="screen")
    reading.start()
    with TemporaryFile() as given:
        given.write(typed)
        given.seek(0)
        try:
            with _standard(given.fileno(), theirs):
                status = _status_of(command)
        finally:
            os.close(theirs)
            reading.join()
            os.close(ours)
    return Screen(status, b"".join(pieces))


def _terminal(columns: int) -> tuple[int, int]:
    ours, theirs = pty.openpty()
    ioctl(theirs, termios.TIOCSWINSZ, struct.pack("4H", 24, columns, 0, 0))
    attributes = termios.tcgetattr(theirs)
    attributes[1] &= ~termios.OPOST  # line breaks stay as they were sent
    termios.tcsetattr(theirs, termios.TCSANOW, attributes)
    return ours, theirs


@contextmanager
def _standard(given: int, told: int) -> Iterator[None]:
    """Within, 0 is what is `given`, 1 and 2 are what is `told` to, for Python's own streams too."""
    kept = [os.dup(number) for number in range(3)]
    try:
        for number, other in enumerate((given, told, told)):
            os.dup2(other, number)
        with (
            _stream(0, "r") as stdin,
            _stream(1, "w") as stdout,
            _stream(2, "w") as stderr,
            mock.patch.multiple(sys, stdin=stdin, stdout=stdout, stderr=stderr),
        ):
            yield
    finally:
        for number, other in enumerate(kept):
            os.dup2(other, number)
            os.close(other)


_stream = functools.partial(open, closefd=False, encoding="utf-8", errors="surrogateescape")


def _status_of(command: Callable[[], int]) -> int:
    try:
        return command()
    except SystemExit as left:
        return int(left.code or 0)


def _pieces(descriptor: int) -> Iterator[bytes]:
    while True:
        try:
            piece = os.read(descriptor, 1 << 16)
        except OSError:  # Linux says so when the other end of a terminal is closed
            return
        if not piece:
            return
        yield piece
