"""The abilities that also work below `.versions`; what is passed on for all other keys is given."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from vfs.engine import paths
from vfs.engine.backend import (
    STREAM_CHUNK,
    Buffer,
    CompletesEntries,
    Copies,
    DeletesMany,
    KeepsVersions,
    ReadsBeginning,
    ReadsRanges,
    SweepsTree,
)
from vfs.engine.entries import Entry, WriteResult
from vfs.engine.layers.versions_dir.places import is_past
from vfs.engine.originals import Original, TellsOriginal
from vfs.engine.partial_moves import MovesSome

if TYPE_CHECKING:
    from vfs.engine.layers.versions_dir.layer import VersionsLayer


class _Copies:
    def __init__(self, layer: "VersionsLayer", passed: Copies) -> None:
        self._layer = layer
        self._passed = passed

    def copy(self, source: str, target: str, *, overwrite: bool = True) -> WriteResult:
        """An old version over its own file is restored inside the store; over another one it is written."""
        if not is_past(source) or is_past(target):
            return self._passed.copy(source, target, overwrite=overwrite)
        entry = self._layer.past.file(source)
        kept = self._layer.past.kept_or_none(source)
        keeps = self._layer.ability(KeepsVersions)
        if keeps is not None and kept is not None and kept.key == target and overwrite:
            return keeps.restore_version(target, kept.version.id)
        return self._layer.write(target, self._pieces(source, entry), overwrite=overwrite)

    def _pieces(self, key: str, entry: Entry) -> Iterator[Buffer]:
        for start in range(0, entry.size, STREAM_CHUNK):
            end = min(start + STREAM_CHUNK, entry.size)
            yield self._layer.past.read(key, start, end, if_match=entry.etag)


class _MovesSome:
    def __init__(self, layer: "VersionsLayer", passed: MovesSome) -> None:
        self._passed = passed
        self.move_file = passed.move_file

    def can_move(self, source: str, target: str) -> bool:
        return not is_past(source) and not is_past(target) and self._passed.can_move(source, target)


class _ReadsBeginning:
    def __init__(self, layer: "VersionsLayer", passed: ReadsBeginning) -> None:
        self._layer = layer
        self._passed = passed

    def read_beginning(self, key: str, size: int) -> tuple[Entry, Buffer]:
        side = self._layer.past if is_past(key) else self._passed
        return side.read_beginning(key, size)


class _ReadsRanges:
    def __init__(self, layer: "VersionsLayer", passed: ReadsRanges) -> None:
        self._layer = layer
        self._passed = passed

    def read_ranges(
        self, key: str, ranges: Sequence[tuple[int, int]], *, if_match: str | None = None
    ) -> list[Buffer]:
        if not is_past(key):
            return self._passed.read_ranges(key, ranges, if_match=if_match)
        return [self._layer.past.read(key, start, end, if_match=if_match) for start, end in ranges]


class _SweepsTree:
    def __init__(self, layer: "VersionsLayer", passed: SweepsTree) -> None:
        self._layer = layer
        self._passed = passed

    def sweep(self, key: str) -> Iterator[tuple[str, Entry]]:
        return self._layer.past.sweep(key) if is_past(key) else self._passed.sweep(key)


class _CompletesEntries:
    def __init__(self, layer: "VersionsLayer", passed: CompletesEntries) -> None:
        self._layer = layer
        self._passed = passed

    def complete_entries(self, folder: str, entries: Sequence[Entry]) -> Sequence[Entry]:
        if not is_past(folder):
            return self._passed.complete_entries(folder, entries)
        return [self._layer.past.stat(paths.join(folder, entry.name)) for entry in entries]


class _DeletesMany:
    def __init__(self, layer: "VersionsLayer", passed: DeletesMany) -> None:
        self._layer = layer
        self._passed = passed

    def delete_many(self, keys: Iterable[str]) -> None:
        def present() -> Iterator[str]:
            for key in keys:
                if is_past(key):
                    self._layer.delete_version(key)
                else:
                    yield key

        self._passed.delete_many(present())


class _TellsOriginal:
    def __init__(self, layer: "VersionsLayer", passed: TellsOriginal) -> None:
        self._layer = layer
        self._passed = passed

    def original(self, key: str) -> Original:
        """Of an old version, a place that no other mount can copy from."""
        if not is_past(key):
            return self._passed.original(key)
        paths.check_key(key)
        return Original(f"versions {id(self._layer)}", key)


BESIDE: Mapping[type, Callable[["VersionsLayer", Any], object]] = {
    CompletesEntries: _CompletesEntries,
    Copies: _Copies,
    DeletesMany: _DeletesMany,
    MovesSome: _MovesSome,
    ReadsBeginning: _ReadsBeginning,
    ReadsRanges: _ReadsRanges,
    SweepsTree: _SweepsTree,
    TellsOriginal: _TellsOriginal,
}
