"""BlockingBackend: an AsyncBackend as a Backend, so that it can be mounted like any other."""

from collections.abc import AsyncIterator, Iterator, Mapping
from typing import Literal

from anyio import to_thread

from vfs.aio.backends.contract import (
    AsyncBackend,
    AsyncCopies,
    AsyncKeepsMetadata,
    AsyncMoves,
    AsyncSignsUrls,
    Pieces,
)
from vfs.aio.backends.loop_thread import LoopThread
from vfs.aio.threads import no_limit
from vfs.engine.backend import AbilityT, Backend, Buffer, Copies, KeepsMetadata, Moves, SignsUrls, Source
from vfs.engine.capabilities import Capability
from vfs.engine.entries import Attributes, Entry, WriteResult
from vfs.engine.sources import pieces

_AWAITED: Mapping[type, type] = {
    Copies: AsyncCopies,
    Moves: AsyncMoves,
    KeepsMetadata: AsyncKeepsMetadata,
    SignsUrls: AsyncSignsUrls,
}
"""Abilities, by what an asynchronous storage has for each."""


class BlockingBackend(Backend):
    """Every call is made in one private loop, in a thread of its own; the caller's waits for the answer."""

    def __init__(self, inner: AsyncBackend, library: Literal["asyncio", "trio"] = "asyncio") -> None:
        """`library` is the loop that the storage is written for."""
        self.inner = inner
        self.largest_file = inner.largest_file
        self.is_remote = inner.is_remote
        self.lists_cheaply = inner.lists_cheaply
        self.lists_sizes = inner.lists_sizes
        self._loop = LoopThread(library)

    @property
    def capabilities(self) -> frozenset[Capability]:
        return self.inner.capabilities

    def check_key(self, key: str) -> None:
        self.inner.check_key(key)

    def stat(self, key: str) -> Entry:
        return self._loop.call(lambda: self.inner.stat(key))

    def list(self, key: str) -> Iterator[Entry]:
        return self._loop.iterate(lambda: self.inner.list(key))

    def read(
        self,
        key: str,
        start: int = 0,
        end: int | None = None,
        *,
        version: str | None = None,
        if_match: str | None = None,
    ) -> Buffer:
        return self._loop.call(lambda: self.inner.read(key, start, end, version=version, if_match=if_match))

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
        given = _given(source)
        return self._loop.call(
            lambda: self.inner.write(
                key,
                given,
                overwrite=overwrite,
                if_match=if_match,
                metadata=metadata,
                attributes=attributes,
            )
        )

    def delete(self, key: str, *, if_match: str | None = None) -> None:
        self._loop.call(lambda: self.inner.delete(key, if_match=if_match))

    def make_directory(self, key: str, *, attributes: Attributes | None = None) -> Entry:
        return self._loop.call(lambda: self.inner.make_directory(key, attributes=attributes))

    def remove_directory(self, key: str) -> None:
        self._loop.call(lambda: self.inner.remove_directory(key))

    def ability(self, wanted: type[AbilityT]) -> AbilityT | None:
        awaited = _AWAITED.get(wanted)
        if awaited is not None and self.inner.ability(awaited) is None:
            return None
        return super().ability(wanted)

    def copy(self, source: str, target: str, *, overwrite: bool = True) -> WriteResult:
        inner = self._able(AsyncCopies)
        return self._loop.call(lambda: inner.copy(source, target, overwrite=overwrite))

    def move(self, source: str, target: str, *, overwrite: bool = True, exchange: bool = False) -> None:
        inner = self._able(AsyncMoves)
        self._loop.call(lambda: inner.move(source, target, overwrite=overwrite, exchange=exchange))

    def set_metadata(self, key: str, metadata: Mapping[str, str]) -> Entry:
        inner = self._able(AsyncKeepsMetadata)
        return self._loop.call(lambda: inner.set_metadata(key, metadata))

    def url(self, key: str, expires_in: int = 3600) -> str:
        inner = self._able(AsyncSignsUrls)
        return self._loop.call(lambda: inner.url(key, expires_in))

    def close(self) -> None:
        self._loop.close(self.inner.aclose)

    def _able(self, awaited: type[AbilityT]) -> AbilityT:
        able = self.inner.ability(awaited)
        if able is None:
            raise self._cannot(awaited.__name__.removeprefix("Async"), "")
        return able


def _given(source: Source) -> Pieces:
    if isinstance(source, bytes | bytearray):
        return source
    return source.cast("B") if isinstance(source, memoryview) else _fetched(source)


async def _fetched(source: Source) -> AsyncIterator[Buffer]:
    """A blocking source, read beside the loop: the next piece may be long in coming."""
    parts = pieces(source)
    while (piece := await to_thread.run_sync(next, parts, None, limiter=no_limit())) is not None:
        yield piece
