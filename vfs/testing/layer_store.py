"""The storage that layers are tried on: a tree in memory that tells what it was asked for."""

from collections.abc import Iterator, Mapping

from vfs.engine.backend import Buffer, Source
from vfs.engine.backends.memory import MemoryBackend
from vfs.engine.entries import Attributes, Entry, WriteResult
from vfs.engine.sources import pieces


class WatchedStore(MemoryBackend):
    """Memory with a location. `requests` are the calls that a store across a network would be asked."""

    location = "memory://watched"

    def __init__(self) -> None:
        super().__init__()
        self.requests: list[str] = []
        self.pieces: list[int] = []
        """Sizes of what arrived piece by piece, over all writes."""
        self.answers: list[int] = []
        """Sizes of what was read."""
        self.is_closed = False

    def stat(self, key: str) -> Entry:
        self.requests.append(f"stat {key}")
        return super().stat(key)

    def list(self, key: str) -> Iterator[Entry]:
        self.requests.append(f"list {key}")
        return super().list(key)

    def sweep(self, key: str) -> Iterator[tuple[str, Entry]]:
        self.requests.append(f"sweep {key}")
        return super().sweep(key)

    def ping(self) -> None:
        self.requests.append("ping")

    def read(
        self,
        key: str,
        start: int = 0,
        end: int | None = None,
        *,
        version: str | None = None,
        if_match: str | None = None,
    ) -> Buffer:
        self.requests.append(f"read {key}")
        data = super().read(key, start, end, version=version, if_match=if_match)
        self.answers.append(len(data))
        return data

    def write(
        self,
        key: str,
        source: Source,
        *,
        overwrite: bool = True,
        if_match: str | None = None,
        metadata: Mapping[str, str] | None = None,
        attributes: Attributes | None = None,
    ) -> WriteResult:
        self.requests.append(f"write {key}")
        return super().write(
            key,
            self._watched(source),
            overwrite=overwrite,
            if_match=if_match,
            metadata=metadata,
            attributes=attributes,
        )

    def _watched(self, source: Source) -> Iterator[Buffer]:
        for piece in pieces(source):
            self.pieces.append(len(piece))
            yield piece

    def close(self) -> None:
        self.is_closed = True
