"""Another mount as the fast one in front of a slow store: what was read or written is read from there."""

import builtins
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from itertools import chain
from typing import Annotated, TypeVar, cast

from pydantic import AfterValidator, BaseModel, Field

from vfs.engine import paths
from vfs.engine.backend import (
    AbilityT,
    Backend,
    Buffer,
    HasLocation,
    OpensInPlace,
    ReadsBeginning,
    ReadsRanges,
    Source,
)
from vfs.engine.composition import Composition
from vfs.engine.entries import Attributes, Entry, WriteResult
from vfs.engine.errors import Conflict, NotFound
from vfs.engine.layers.acts import READS, Act
from vfs.engine.layers.believed import Believed
from vfs.engine.layers.copied import Copied
from vfs.engine.layers.fast_copies import CHUNK, Content, FastCopies, origin_of
from vfs.engine.layers.intercepted_abilities import INTERCEPTED
from vfs.engine.layers.interception import InterceptingLayer
from vfs.engine.option_types import Duration, MountName, Size

ResultT = TypeVar("ResultT")

_UNSEEN = frozenset({Act.BEGIN_UPLOAD, Act.PUT_PART, Act.COPY_PART, Act.ABORT_UPLOAD})
"""Acts that change nothing that can be seen yet."""

_OF_TREES = frozenset({Act.MOVE, Act.EXCHANGE})

TRIES = 10
"""How often a read that nobody pinned begins anew when the file is replaced under it."""


class CacheOptions(BaseModel, frozen=True, extra="forbid"):
    """Where copies are kept, how many, and for how long the slow store is believed not to change."""

    mount: MountName
    """The fast mount."""
    prefix: Annotated[str, AfterValidator(paths.normalize), Field(min_length=1)] = ".vfs-cache"
    """The folder in it that belongs to caches; several may share one, and then share the smallest size."""
    size: Size = 1 << 30
    """Bytes of files kept there."""
    expiry: Duration = 60.0
    """Seconds for which what the slow store said of a file is believed; 0 asks it at every read."""


def open_cache(inner: Backend, options: CacheOptions, composition: Composition) -> "CacheLayer":
    """The layer with the mount that its options name."""
    return CacheLayer(inner, composition.member(options.mount), options)


class CacheLayer(InterceptingLayer):
    """Contents come from the fast storage where it has them; entries of files are believed for a while.

    A content is kept under its key and ETag, chunk by chunk: that of another ETag is never given. All else,
    listings and folders too, comes from the slow store; what is written is there before `write` returns.
    """

    exposes = frozenset(INTERCEPTED) - {OpensInPlace}

    def __init__(self, inner: Backend, fast: Backend, options: CacheOptions) -> None:
        super().__init__(inner)
        located = inner.ability(HasLocation)
        origin = origin_of(None if located is None else located.location)
        self._copies = FastCopies(fast, options.prefix, options.size, origin)
        self._kept_of_write = options.size // 4
        self.believed = Believed(options.expiry)

    def ability(self, wanted: type[AbilityT]) -> AbilityT | None:
        inner = self.inner.ability(wanted)
        if isinstance(inner, ReadsRanges) and wanted is ReadsRanges:
            return cast("AbilityT", _Ranges(self))
        if isinstance(inner, ReadsBeginning) and wanted is ReadsBeginning:
            return cast("AbilityT", _Beginning(self, inner))
        return super().ability(wanted)

    def around(self, act: Act, keys: tuple[str, ...], run: Callable[..., ResultT]) -> ResultT:
        if act in READS or act in _UNSEEN:
            return run(*keys)
        changed = keys[-1:] if act is Act.COPY else keys
        since = self.believed.now()
        left = None
        try:
            result = run(*keys)
            if isinstance(result, WriteResult) and result.etag is not None:
                left = Content(keys[-1], result.etag, result.size)
            return result
        finally:
            if act in _OF_TREES:
                self.believed.changed_trees(changed)
            self.believed.changed(changed, since, left)

    def shown(self, folder: str, entries: Iterator[Entry]) -> Iterator[Entry]:
        since = self.believed.now()
        for entry in entries:
            key = paths.join(folder, entry.name)
            self.believed.learn(key, entry, since, has_size=self.inner.lists_sizes)
            yield entry

    def forget(self, key: str) -> None:
        self.believed.changed_trees([key])
        super().forget(key)

    def stat(self, key: str) -> Entry:
        known = self.believed.entry(key)
        return self._asked(key) if known is None else known

    def read(
        self,
        key: str,
        start: int = 0,
        end: int | None = None,
        *,
        version: str | None = None,
        if_match: str | None = None,
    ) -> Buffer:
        if version is not None:
            return self.inner.read(key, start, end, version=version, if_match=if_match)
        return self.read_all(key, [(start, end)], if_match)[0]

    def read_all(
        self, key: str, ranges: Sequence[tuple[int, int | None]], if_match: str | None
    ) -> builtins.list[Buffer]:
        """Ranges of one content. Raises as `read` does."""
        for _ in range(TRIES):
            content = self._content(key, if_match)
            if content is None:
                return [self.inner.read(key, start, end, if_match=if_match) for start, end in ranges]
            try:
                return self._assembled(content, [_cut(content, start, end) for start, end in ranges])
            except (Conflict, NotFound):
                self.believed.changed([key], self.believed.now())
        raise Conflict("the file is being replaced all the time", key)

    def read_beginning(self, inner: ReadsBeginning, key: str, size: int) -> tuple[Entry, Buffer]:
        """The entry and the first bytes, of one moment; from `inner` where they are not known here."""
        known = self.believed.entry(key)
        if known is not None:
            with suppress(Conflict, NotFound):
                return known, self.read(key, 0, size, if_match=known.etag)
        since = self.believed.now()
        entry, beginning = inner.read_beginning(key, size)
        self.believed.learn(key, entry, since)
        if entry.etag is not None:
            self._keep(Content(key, entry.etag, entry.size), 0, memoryview(beginning))
        return entry, beginning

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
        copied = Copied(source, self._kept_of_write)
        result = super().write(
            key,
            copied.source,
            overwrite=overwrite,
            if_match=if_match,
            metadata=metadata,
            attributes=attributes,
        )
        if result.etag is not None and result.size == copied.size:
            content = Content(key, result.etag, result.size)
            for number in range(-(-result.size // CHUNK)):
                start = number * CHUNK
                self._copies.put(content, number, copied.read(start, start + content.chunk_size(number)))
        return result

    def _asked(self, key: str) -> Entry:
        since = self.believed.now()
        entry = self.inner.stat(key)
        self.believed.learn(key, entry, since)
        return entry

    def _content(self, key: str, if_match: str | None) -> Content | None:
        """What the file holds now; None for what cannot be kept: no file, or one without an ETag."""
        known = self.believed.content(key)
        if known is not None and if_match in {None, known.etag}:
            return known
        entry = self._asked(key)
        if not entry.is_file or entry.etag is None:
            return None
        if if_match not in {None, entry.etag}:
            raise Conflict("the file is another one now", key)
        return Content(key, entry.etag, entry.size)

    def _assembled(self, content: Content, ranges: Sequence[tuple[int, int]]) -> builtins.list[Buffer]:
        """Ranges from copies, and from the slow store where there are none."""
        sliced = [list(_slices(start, end)) for start, end in ranges]
        here = {
            piece: data
            for piece in chain.from_iterable(sliced)
            if (data := self._copies.get(content, *piece)) is not None
        }
        missing = sorted({piece[0] for piece in chain.from_iterable(sliced) if piece not in here})
        fetched = self._fetched(content, missing)
        return [
            _joined(
                [here[piece] if piece in here else fetched[piece[0]][piece[1] : piece[2]] for piece in own]
            )
            for own in sliced
        ]

    def _fetched(self, content: Content, numbers: Sequence[int]) -> dict[int, memoryview]:
        """Chunks from the slow store, neighbours in one request; copies are kept."""
        runs = list(_runs(content, numbers))
        reads = self.inner.ability(ReadsRanges) if len(runs) > 1 else None
        if reads is not None:
            answers = reads.read_ranges(content.key, runs, if_match=content.etag)
        else:
            answers = [self.inner.read(content.key, *run, if_match=content.etag) for run in runs]
        found: dict[int, memoryview] = {}
        for (start, end), answer in zip(runs, answers, strict=True):
            if len(answer) != end - start:
                raise Conflict("the file is another one now", content.key)
            found |= self._keep(content, start // CHUNK, memoryview(answer))
        return found

    def _keep(self, content: Content, first: int, data: memoryview) -> dict[int, memoryview]:
        """Keep those chunks that are whole in bytes which begin with one; all of them by number."""
        found: dict[int, memoryview] = {}
        for number in range(first, -(-content.size // CHUNK)):
            size = content.chunk_size(number)
            chunk, data = data[:size], data[size:]
            if len(chunk) < size:
                break
            found[number] = chunk
            self._copies.put(content, number, chunk)
        return found


class _Ranges:
    def __init__(self, layer: CacheLayer) -> None:
        self._layer = layer

    def read_ranges(
        self, key: str, ranges: Sequence[tuple[int, int]], *, if_match: str | None = None
    ) -> list[Buffer]:
        return self._layer.read_all(key, ranges, if_match)


class _Beginning:
    def __init__(self, layer: CacheLayer, inner: ReadsBeginning) -> None:
        self._layer = layer
        self._inner = inner

    def read_beginning(self, key: str, size: int) -> tuple[Entry, Buffer]:
        return self._layer.read_beginning(self._inner, key, size)


def _cut(content: Content, start: int, end: int | None) -> tuple[int, int]:
    """The part of a range that the file has."""
    end = content.size if end is None else min(end, content.size)
    return min(start, end), end


def _slices(start: int, end: int) -> Iterator[tuple[int, int, int]]:
    """A range chunk by chunk: the chunk's number, and where in it."""
    while start < end:
        number, first = divmod(start, CHUNK)
        last = min(CHUNK, first + end - start)
        yield number, first, last
        start += last - first


def _runs(content: Content, numbers: Sequence[int]) -> Iterator[tuple[int, int]]:
    """The ranges in the file of chunks, neighbours together."""
    at = 0
    while at < len(numbers):
        first = last = numbers[at]
        while at + 1 < len(numbers) and numbers[at + 1] == last + 1:
            at, last = at + 1, last + 1
        at += 1
        yield first * CHUNK, last * CHUNK + content.chunk_size(last)


def _joined(buffers: Sequence[Buffer]) -> Buffer:
    return buffers[0] if len(buffers) == 1 else b"".join(buffers)
