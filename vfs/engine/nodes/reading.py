"""Readable: a content read whole, by a range or in pieces, by nodes in mounts and by virtual ones alike."""

import json
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import AbstractContextManager, nullcontext
from typing import Any, Literal, overload

from vfs.engine.backend import STREAM_CHUNK
from vfs.engine.files.present_state import PresentFile


class Readable(ABC):
    """Something with a content."""

    __slots__ = ()

    @abstractmethod
    def _opened(self) -> PresentFile:
        """The content as it is now. Raises NotFound, IsADirectory."""

    def _telling(self) -> AbstractContextManager[None]:
        """Errors raised inside are told the place of this content, if it has one."""
        return nullcontext()

    def read_bytes(self, start: int = 0, end: int | None = None) -> bytes:
        """The bytes from `start` up to, not including, `end`; fewer where the content ends."""
        check_offsets(start, end)
        with self._telling():
            content = self._opened()
            try:
                return read_span(content, start, content.stat().size if end is None else end)
            finally:
                content.close()

    def read_text(self, encoding: str = "utf-8", errors: str = "strict") -> str:
        """The decoded bytes; line ends stay as they are."""
        return self.read_bytes().decode(encoding, errors)

    @overload
    def read(self, mode: Literal["r"] = "r", encoding: str = "utf-8") -> str: ...

    @overload
    def read(self, mode: Literal["rb"], encoding: str = "utf-8") -> bytes: ...

    def read(self, mode: Literal["r", "rb"] = "r", encoding: str = "utf-8") -> str | bytes:
        """All of it, as text (`r`) or bytes (`rb`)."""
        if mode not in {"r", "rb"}:
            raise ValueError(f"invalid mode: {mode!r}; read takes 'r' or 'rb'")
        return self.read_bytes() if mode == "rb" else self.read_text(encoding)

    def read_json(self, encoding: str = "utf-8") -> Any:
        """The value that the content is as JSON. Raises ValueError for what is none."""
        return json.loads(self.read_text(encoding))

    def iter_bytes(self, start: int = 0, end: int | None = None) -> Iterator[bytes]:
        """The bytes from `start` up to, not including, `end`, in pieces of at most 1 MiB.

        All pieces are of one state of the content, or Conflict says that it is gone.
        """
        with self._telling():
            content = self._opened()
            try:
                while piece := content.read(start, _step(start, end)):
                    start += len(piece)
                    yield bytes(piece)
            finally:
                content.close()


def check_offsets(start: int, end: int | None) -> None:
    """Raises ValueError for offsets that do not count from the beginning."""
    if start < 0 or (end is not None and end < 0):
        raise ValueError("offsets count from the beginning")


def read_span(content: PresentFile, start: int, end: int) -> bytes:
    """The bytes of one range; fewer where the content ends."""
    return bytes(content.read(start, end - start)) if start < end else b""


def _step(start: int, end: int | None) -> int:
    return STREAM_CHUNK if end is None else max(0, min(STREAM_CHUNK, end - start))
