"""Abilities carried over between the colours: what blocks awaited, and what is awaited blocking.

How a method is carried is read from its awaited form in `abilities`: a coroutine is a call, an async iterator
an iteration, anything else asks nobody and is called as it is.
"""

import inspect
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from functools import cache, partial
from itertools import islice
from operator import methodcaller
from typing import Any, TypeVar, cast, get_origin, get_type_hints

from vfs.aio.backends import abilities as awaited
from vfs.aio.backends.contract import Pieces
from vfs.aio.backends.loop_thread import LoopThread
from vfs.aio.backends.pieces import given_to_loop
from vfs.aio.feeding import storing
from vfs.aio.iteration import AsyncIteration
from vfs.aio.threads import changing, reading, to_its_end
from vfs.engine import backend as blocking
from vfs.engine import histories, node_abilities, originals, partial_moves
from vfs.engine.backend import Source
from vfs.engine.entries import WriteResult

AbilityT = TypeVar("AbilityT")

AWAITED: Mapping[type, type] = {
    blocking.ChecksHealth: awaited.AsyncChecksHealth,
    blocking.CompletesEntries: awaited.AsyncCompletesEntries,
    blocking.Copies: awaited.AsyncCopies,
    blocking.DeletesMany: awaited.AsyncDeletesMany,
    blocking.HashesContent: awaited.AsyncHashesContent,
    blocking.KeepsAttributes: awaited.AsyncKeepsAttributes,
    blocking.KeepsHardLinks: awaited.AsyncKeepsHardLinks,
    blocking.KeepsMetadata: awaited.AsyncKeepsMetadata,
    blocking.KeepsSpecialFiles: awaited.AsyncKeepsSpecialFiles,
    blocking.KeepsSymlinks: awaited.AsyncKeepsSymlinks,
    blocking.KeepsVersions: awaited.AsyncKeepsVersions,
    blocking.KeepsXattrs: awaited.AsyncKeepsXattrs,
    blocking.Moves: awaited.AsyncMoves,
    blocking.OpensInPlace: awaited.AsyncOpensInPlace,
    blocking.ReadsBeginning: awaited.AsyncReadsBeginning,
    blocking.ReadsRanges: awaited.AsyncReadsRanges,
    blocking.ReportsSpace: awaited.AsyncReportsSpace,
    blocking.SignsUrls: awaited.AsyncSignsUrls,
    blocking.SweepsTree: awaited.AsyncSweepsTree,
    blocking.UploadsParts: awaited.AsyncUploadsParts,
    histories.ChecksHistory: awaited.AsyncChecksHistory,
    histories.CompactsVersions: awaited.AsyncCompactsVersions,
    histories.SweepsVersions: awaited.AsyncSweepsVersions,
    node_abilities.KeepsTags: awaited.AsyncKeepsTags,
    node_abilities.NamesContent: awaited.AsyncNamesContent,
    node_abilities.TellsKinds: awaited.AsyncTellsKinds,
    originals.CopiesFrom: awaited.AsyncCopiesFrom,
    partial_moves.MovesSome: awaited.AsyncMovesSome,
}
"""Each ability, and its awaited form."""

BLOCKING: Mapping[type, type] = {form: ability for ability, form in AWAITED.items()}
"""Each awaited form, and its ability."""

AS_THEY_ARE = frozenset(
    {
        blocking.HasLocation,
        node_abilities.HasLocalPaths,
        node_abilities.HasNativePaths,
        node_abilities.HoldsClients,
        originals.TellsOriginal,
    }
)
"""Abilities that ask nobody: they are the same in both colours, and may be called from any thread."""

LOOKS = frozenset(
    {
        "complete_entries",
        "content_hash",
        "get_tags",
        "get_xattr",
        "kind",
        "list_versions",
        "list_xattrs",
        "ping",
        "read",
        "read_beginning",
        "read_ranges",
        "read_symlink",
        "space",
        "stat",
        "url",
    }
)
"""Methods that change nothing: given up at once when their await is cancelled."""

_OPENED = (awaited.AsyncPartUpload, awaited.AsyncOpenFile)
"""What methods give that has acts of its own."""

DELETED_AT_ONCE = 1000


def in_threads(inner: object, form: type[AbilityT]) -> AbilityT:
    """What blocks, in its awaited form: each call is made in a thread."""
    kind = _NamesContentInThreads if form is awaited.AsyncNamesContent else _InThreads
    return cast("AbilityT", kind(inner, form))


def by_loop(inner: object, form: type, loop: LoopThread) -> Any:
    """What is awaited, as what blocks: each call is made in the loop."""
    return _BY_LOOP.get(form, _ByLoop)(inner, form, loop)


@cache
def _given(form: type, name: str) -> object:
    """What a method of an awaited form gives; None for what is no call that waits."""
    method = getattr(form, name, None)
    if not inspect.isfunction(method):
        return None
    given: object = get_type_hints(method)["return"]
    return given if inspect.iscoroutinefunction(method) or get_origin(given) is AsyncIterator else None


class _InThreads:
    def __init__(self, inner: object, form: type) -> None:
        self._inner = inner
        self._form = form

    def __getattr__(self, name: str) -> object:
        act: Any = getattr(self._inner, name)
        given = _given(self._form, name)
        if given is None:
            return act
        if get_origin(given) is AsyncIterator:
            return lambda *args, **options: AsyncIteration(_begun_late(act, *args, **options))
        if given in _OPENED:
            return lambda *args, **options: _opened(lambda: act(*args, **options), cast("type", given))
        run = reading if name in LOOKS else changing
        return lambda *args, **options: run(act, *args, **options)


def _begun_late(act: Callable[..., Iterable[Any]], *args: object, **options: object) -> Any:
    """In a thread, the call itself too."""
    yield from act(*args, **options)


async def _opened(open: Callable[[], Any], form: type) -> object:
    """What was opened for an await that is gone is given back: nobody else could."""
    give_back = "abort" if form is awaited.AsyncPartUpload else "close"
    return in_threads(await to_its_end(open, undo=methodcaller(give_back)), form)


class _NamesContentInThreads(_InThreads):
    async def write_named(self, key: str, source: Pieces, **options: Any) -> WriteResult:
        inner = cast("node_abilities.NamesContent", self._inner)
        return await storing(source, lambda given: inner.write_named(key, given, **options))


class _ByLoop:
    def __init__(self, inner: object, form: type, loop: LoopThread) -> None:
        self._inner = inner
        self._form = form
        self._loop = loop

    def __getattr__(self, name: str) -> object:
        act: Any = getattr(self._inner, name)
        given = _given(self._form, name)
        if given is None:
            return act
        if get_origin(given) is AsyncIterator:
            return lambda *args, **options: self._loop.iterate(lambda: act(*args, **options))
        if given in _OPENED:
            return lambda *args, **options: by_loop(
                self._loop.call(lambda: act(*args, **options)), cast("type[object]", given), self._loop
            )
        return lambda *args, **options: self._loop.call(lambda: act(*args, **options))


class _NamesContentByLoop(_ByLoop):
    def write_named(self, key: str, source: Source, **options: Any) -> WriteResult:
        inner = cast("awaited.AsyncNamesContent", self._inner)
        given = given_to_loop(source)
        return self._loop.call(lambda: inner.write_named(key, given, **options))


class _DeletesManyByLoop(_ByLoop):
    def delete_many(self, keys: Iterable[str]) -> None:
        """The keys are gone through in the caller's thread: what tells them may block."""
        inner = cast("awaited.AsyncDeletesMany", self._inner)
        remaining = iter(keys)
        while batch := list(islice(remaining, DELETED_AT_ONCE)):
            self._loop.call(partial(inner.delete_many, batch))


class _OpenFileByLoop(_ByLoop):
    def read_ready(self, offset: int, size: int) -> None:
        """Whoever does not want to wait gets nothing: the bytes are on the other side of a loop."""


_BY_LOOP: Mapping[type, type[_ByLoop]] = {
    awaited.AsyncDeletesMany: _DeletesManyByLoop,
    awaited.AsyncNamesContent: _NamesContentByLoop,
    awaited.AsyncOpenFile: _OpenFileByLoop,
}
