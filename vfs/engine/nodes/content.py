"""The whole content of a node's file: read and written in one act, or in pieces."""

from collections.abc import Iterator, Mapping
from typing import Literal, overload

from vfs.engine.backend import STREAM_CHUNK, Source
from vfs.engine.entries import WriteResult
from vfs.engine.files.drafts import Replacement
from vfs.engine.mount_errors import naming_mount
from vfs.engine.nodes.live import LiveNode, telling_place


class NodeContent(LiveNode):
    """A place whose file can be read and written."""

    __slots__ = ()

    @telling_place
    def read_bytes(self) -> bytes:
        file = self._tree.open(self._key)
        try:
            return bytes(file.read(0, file.stat().size))
        finally:
            file.close()

    def read_text(self, encoding: str = "utf-8", errors: str = "strict") -> str:
        """The decoded bytes; line ends stay as they are."""
        return self.read_bytes().decode(encoding, errors)

    @overload
    def read(self, mode: Literal["r"] = "r", encoding: str = "utf-8") -> str: ...

    @overload
    def read(self, mode: Literal["rb"], encoding: str = "utf-8") -> bytes: ...

    def read(self, mode: Literal["r", "rb"] = "r", encoding: str = "utf-8") -> str | bytes:
        """The whole file, as text (`r`) or bytes (`rb`)."""
        if mode not in {"r", "rb"}:
            raise ValueError(f"invalid mode: {mode!r}; read takes 'r' or 'rb'")
        return self.read_bytes() if mode == "rb" else self.read_text(encoding)

    def iter_bytes(self, start: int = 0, end: int | None = None) -> Iterator[bytes]:
        """The bytes from `start` up to, not including, `end`, in pieces of at most 1 MiB.

        All pieces are of one state of the file, or Conflict says that it is gone.
        """
        with naming_mount(self._mount, self._key):
            file = self._tree.open(self._key)
            try:
                while piece := file.read(start, _step(start, end)):
                    start += len(piece)
                    yield bytes(piece)
            finally:
                file.close()

    @telling_place
    def write_bytes(
        self,
        data: Source,
        *,
        overwrite: bool = True,
        if_match: str | None = None,
        metadata: Mapping[str, str] | None = None,
    ) -> WriteResult:
        """Store a whole file in one act: others see the old file or the new one, never a part.

        `data` is bytes, a binary file read to its end or an iterator of pieces, taken as they come. Whatever
        goes wrong leaves the old file. `overwrite=False` raises AlreadyExists, `if_match` Conflict unless the
        file has that ETag. The mode, the owner and, unless given, the metadata of the old file stay.
        """
        wanted = Replacement(self._key, overwrite, if_match, metadata)
        return self._tree.replace(wanted, data)

    def write_text(
        self,
        data: str,
        encoding: str = "utf-8",
        errors: str = "strict",
        *,
        overwrite: bool = True,
        if_match: str | None = None,
        metadata: Mapping[str, str] | None = None,
    ) -> WriteResult:
        """As `write_bytes`; line ends stay as they are."""
        content = data.encode(encoding, errors)
        return self.write_bytes(content, overwrite=overwrite, if_match=if_match, metadata=metadata)

    @overload
    def write(self, data: str, mode: Literal["w"] = "w", encoding: str = "utf-8") -> WriteResult: ...

    @overload
    def write(self, data: Source, mode: Literal["wb"], encoding: str = "utf-8") -> WriteResult: ...

    def write(
        self, data: str | Source, mode: Literal["w", "wb"] = "w", encoding: str = "utf-8"
    ) -> WriteResult:
        """Store a whole file, from text (`w`) or bytes (`wb`); TypeError for data of the other kind."""
        if mode not in {"w", "wb"}:
            raise ValueError(f"invalid mode: {mode!r}; write takes 'w' or 'wb'")
        if isinstance(data, str) is (mode == "wb"):
            raise TypeError(f"mode {mode!r} does not take {type(data).__name__}")
        return self.write_text(data, encoding) if isinstance(data, str) else self.write_bytes(data)


def _step(start: int, end: int | None) -> int:
    return STREAM_CHUNK if end is None else max(0, min(STREAM_CHUNK, end - start))
