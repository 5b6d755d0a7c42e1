"""What a verb tells: lines for people or JSON for scripts on stdout, and words about failures on stderr."""

import json
import os
import re
import sys
from collections.abc import Iterable
from typing import Any, BinaryIO

from vfs.engine.backend import Buffer

_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]")
_SHORT = {"\n": r"\n", "\t": r"\t", "\r": r"\r", "\x1b": r"\e"}


def printable(text: str) -> str:
    """Text that a terminal shows and does not obey: control characters and stray bytes as escapes."""
    escaped = _CONTROLS.sub(lambda found: _SHORT.get(found[0]) or f"\\u{ord(found[0]):04x}", text)
    return escaped.encode("utf-8", "backslashreplace").decode("utf-8")


class Output:
    """Where a verb's words go. With `json`, each thing told is one line of JSON; `quiet` leaves notes out."""

    def __init__(
        self,
        *,
        json: bool = False,
        quiet: bool = False,
        out: BinaryIO | None = None,
        err: BinaryIO | None = None,
    ) -> None:
        self.json = json
        self.quiet = quiet
        self._out = sys.stdout.buffer if out is None else out
        self._err = sys.stderr.buffer if err is None else err
        self.is_terminal = self._out.isatty()
        self._columns = os.get_terminal_size(self._out.fileno()).columns if self.is_terminal else 0

    def row(self, cells: Iterable[str], *, joint: str = "  ", indent: int = 4) -> list[str]:
        """Cells as a line for `tell`; where a terminal would break it, as several, broken between cells.

        Those that follow the first begin with `indent` spaces.
        """
        first, *rest = map(printable, cells) if self.is_terminal else cells
        lines = [first]
        for cell in rest:
            if 0 < self._columns < len(lines[-1]) + len(joint) + len(cell):
                lines[-1] += joint.rstrip()
                lines.append(" " * indent + cell.lstrip())
            else:
                lines[-1] += joint + cell
        return lines

    def tell(self, *lines: str, **data: Any) -> None:
        """One thing: lines for people, or the data as JSON. A terminal shows names and never obeys them."""
        for line in [json.dumps(data)] if self.json else lines:
            self._write(printable(line) if self.is_terminal else line)

    def content(self, data: Buffer) -> None:
        """Bytes of a file, as they are."""
        self._out.write(data)

    def note(self, text: str) -> None:
        """What is good to know, on stderr, unless asked to be quiet."""
        if not self.quiet:
            self.failure(text)

    def failure(self, text: str) -> None:
        """What went wrong, on stderr, each line under the command's name."""
        self._out.flush()
        for line in text.splitlines():
            self._err.write(f"vfs: {printable(line)}\n".encode())
        self._err.flush()

    def _write(self, line: str) -> None:
        # Bytes that are no UTF-8 leave as the bytes that they are.
        self._out.write(f"{line}\n".encode("utf-8", "surrogateescape"))
