"""Files that an application hands over to be sent: `wsgi.file_wrapper` of PEP 3333."""

from collections.abc import Iterator
from typing import Protocol


class Readable(Protocol):
    """What an application wraps; it may have `fileno` and `close` too."""

    def read(self, size: int, /) -> bytes: ...


class FileWrapper:
    """A file from its position on, as an answer: read in blocks, or sent by the system."""

    def __init__(self, file: Readable, block_size: int = 256 << 10) -> None:
        self._file = file
        self._block_size = block_size

    @property
    def descriptor(self) -> int | None:
        """Of a file of the system's, with its position where the answer begins; None for what is none."""
        fileno = getattr(self._file, "fileno", None)
        return None if fileno is None else int(fileno())

    def __iter__(self) -> Iterator[bytes]:
        while block := self._file.read(self._block_size):
            yield block

    def close(self) -> None:
        close = getattr(self._file, "close", None)
        if close is not None:
            close()
