"""BlockingBackend: an AsyncBackend as a Backend, so that it can be mounted like any other."""

from collections.abc import Iterator, Mapping
from typing import Literal, cast

from vfs.aio.backends.carrying import AS_THEY_ARE, AWAITED, by_loop
from vfs.aio.backends.contract import AsyncBackend
from vfs.aio.backends.loop_thread import LoopThread
from vfs.aio.backends.pieces import given_to_loop
from vfs.engine.backend import AbilityT, Backend, Buffer, Source
from vfs.engine.capabilities import Capability
from vfs.engine.entries import Attributes, Entry, WriteResult


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
        given = given_to_loop(source)
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
        form = AWAITED.get(wanted)
        if form is None:
            return self.inner.ability(wanted) if wanted in AS_THEY_ARE else super().ability(wanted)
        able: object = self.inner.ability(form)
        return None if able is None else cast("AbilityT", by_loop(able, form, self._loop))

    def close(self) -> None:
        self._loop.close(self.inner.aclose)
