"""Object stores of `vfs.stores` for asyncio and trio: opened by `async with`, each act awaited."""

from collections.abc import Callable
from types import TracebackType
from typing import ParamSpec

import anyio

from vfs import stores
from vfs.aio.mapping import AsyncFolderMapping
from vfs.aio.pending import Pending
from vfs.aio.threads import changing, to_its_end

P = ParamSpec("P")


class AsyncStore(AsyncFolderMapping):
    """A store that is open."""

    def __init__(self, store: stores.Store) -> None:
        super().__init__(store)
        self._store = store

    def close(self) -> Pending[None]:
        return changing(self._store.close)


class OpeningStore:
    """A store about to be opened; the `async with` block closes it."""

    def __init__(self, open: Callable[[], stores.Store]) -> None:
        self._open = open
        self._opened: list[AsyncStore] = []

    async def __aenter__(self) -> AsyncStore:
        store = AsyncStore(await to_its_end(self._open, undo=stores.Store.close))
        self._opened.append(store)
        return store

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with anyio.CancelScope(shield=True):
            await self._opened.pop().close()


def opened_later(kind: Callable[P, stores.Store]) -> Callable[P, OpeningStore]:
    """The same arguments for a store that `async with` opens."""

    def opening(*args: P.args, **kwargs: P.kwargs) -> OpeningStore:
        return OpeningStore(lambda: kind(*args, **kwargs))

    opening.__doc__ = kind.__doc__
    return opening


AsyncBucketStore = opened_later(stores.BucketStore)
AsyncDictStore = opened_later(stores.DictStore)
AsyncFilesystemStore = opened_later(stores.FilesystemStore)
AsyncHashdirStore = opened_later(stores.HashdirStore)
AsyncSqliteStore = opened_later(stores.SqliteStore)
AsyncZipStore = opened_later(stores.ZipStore)


def made_around(kind: Callable[..., stores.DecoratedStore]) -> Callable[..., AsyncStore]:
    """The same decorator for a store that is open; nothing is awaited, and no storage asked."""

    def around(base: AsyncStore, **config: object) -> AsyncStore:
        return AsyncStore(kind(base._store, **config))

    around.__doc__ = kind.__doc__
    return around


AsyncBase64Store = made_around(stores.Base64Store)
AsyncBufferStore = made_around(stores.BufferStore)
AsyncExceptionLoggingStore = made_around(stores.ExceptionLoggingStore)
AsyncGzipStore = made_around(stores.GzipStore)
AsyncHashPrefixStore = made_around(stores.HashPrefixStore)
AsyncKeyValidatingStore = made_around(stores.KeyValidatingStore)
AsyncLoggingStore = made_around(stores.LoggingStore)
AsyncNotifyingStore = made_around(stores.NotifyingStore)
AsyncPrefixStore = made_around(stores.PrefixStore)
AsyncReadonlyStore = made_around(stores.ReadonlyStore)
AsyncRegexValidatingStore = made_around(stores.RegexValidatingStore)
AsyncTextEncodingStore = made_around(stores.TextEncodingStore)
AsyncUrlEncodingStore = made_around(stores.UrlEncodingStore)
AsyncUrlValidatingStore = made_around(stores.UrlValidatingStore)
AsyncWriteonlyStore = made_around(stores.WriteonlyStore)
