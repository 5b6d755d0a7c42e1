"""ThreadedBackend: any Backend as an AsyncBackend, its calls made in threads."""

from collections.abc import AsyncIterator, Iterator, Mapping

from vfs.aio.backends.carrying import AS_THEY_ARE, BLOCKING, in_threads
from vfs.aio.backends.contract import AsyncBackend, Pieces
from vfs.aio.feeding import storing
from vfs.aio.iteration import AsyncIteration
from vfs.aio.threads import changing, reading
from vfs.engine.backend import AbilityT, Backend, Buffer
from vfs.engine.capabilities import Capability
from vfs.engine.entries import Attributes, Entry, WriteResult


class ThreadedBackend(AsyncBackend):
    """What is cancelled is as with nodes: looking is given up, a change that has begun is finished."""

    def __init__(self, inner: Backend) -> None:
        """Closing this closes the inner backend."""
        self.inner = inner
        self.largest_file = inner.largest_file
        self.is_remote = inner.is_remote
        self.lists_cheaply = inner.lists_cheaply
        self.lists_sizes = inner.lists_sizes

    @property
    def capabilities(self) -> frozenset[Capability]:
        return self.inner.capabilities

    def check_key(self, key: str) -> None:
        self.inner.check_key(key)

    async def stat(self, key: str) -> Entry:
        return await reading(self.inner.stat, key)

    def list(self, key: str) -> AsyncIterator[Entry]:
        return AsyncIteration(self._listed(key))

    def _listed(self, key: str) -> Iterator[Entry]:
        """In a thread, the call itself too."""
        yield from self.inner.list(key)

    async def read(
        self,
        key: str,
        start: int = 0,
        end: int | None = None,
        *,
        version: str | None = None,
        if_match: str | None = None,
    ) -> Buffer:
        return await reading(self.inner.read, key, start, end, version=version, if_match=if_match)

    async def write(
        self,
        key: str,
        source: Pieces,
        *,
        overwrite: bool = True,
        if_match: str | None = None,
        metadata: Mapping[str, str] | None = None,
        attributes: Attributes | None = None,
    ) -> WriteResult:
        return await storing(
            source,
            lambda given: self.inner.write(
                key,
                given,
                overwrite=overwrite,
                if_match=if_match,
                metadata=metadata,
                attributes=attributes,
            ),
        )

    async def delete(self, key: str, *, if_match: str | None = None) -> None:
        await changing(self.inner.delete, key, if_match=if_match)

    async def make_directory(self, key: str, *, attributes: Attributes | None = None) -> Entry:
        return await changing(self.inner.make_directory, key, attributes=attributes)

    async def remove_directory(self, key: str) -> None:
        await changing(self.inner.remove_directory, key)

    def ability(self, wanted: type[AbilityT]) -> AbilityT | None:
        blocking = BLOCKING.get(wanted)
        if blocking is None:
            return self.inner.ability(wanted) if wanted in AS_THEY_ARE else super().ability(wanted)
        able: object = self.inner.ability(blocking)
        return None if able is None else in_threads(able, wanted)

    async def aclose(self) -> None:
        await changing(self.inner.close)
