"""The abilities about old versions, as an intercepting layer shows them; the others are beside this."""

from collections.abc import Callable, Iterator, Mapping
from itertools import chain, islice
from typing import TYPE_CHECKING, Any

from vfs.engine.backend import KeepsVersions
from vfs.engine.entries import Version, WriteResult
from vfs.engine.histories import ChecksHistory, CompactsVersions, History, HistoryReport, SweepsVersions
from vfs.engine.layers.acts import Act

if TYPE_CHECKING:
    from vfs.engine.layers.interception import InterceptingLayer


class _KeepsVersions:
    def __init__(self, layer: "InterceptingLayer", inner: KeepsVersions) -> None:
        self._layer = layer
        self._inner = inner

    def list_versions(self, key: str) -> list[Version]:
        return self._layer.around(Act.LIST_VERSIONS, (key,), self._inner.list_versions)

    def restore_version(self, key: str, version: str) -> WriteResult:
        return self._layer.around(
            Act.RESTORE_VERSION, (key,), lambda place: self._inner.restore_version(place, version)
        )

    def delete_version(self, key: str, version: str) -> None:
        self._layer.around(
            Act.DELETE_VERSION, (key,), lambda place: self._inner.delete_version(place, version)
        )


class _SweepsVersions:
    def __init__(self, layer: "InterceptingLayer", inner: SweepsVersions) -> None:
        self._layer = layer
        self._inner = inner

    def sweep_versions(self, folder: str, *, deep: bool = False) -> Iterator[History]:
        def begin(place: str) -> Iterator[History]:
            found = self._inner.sweep_versions(place, deep=deep)
            return chain(list(islice(found, 1)), found)

        return self._layer.swept_versions(folder, self._layer.around(Act.SWEEP_VERSIONS, (folder,), begin))


class _CompactsVersions:
    def __init__(self, layer: "InterceptingLayer", inner: CompactsVersions) -> None:
        self._layer = layer
        self._inner = inner

    def compact_versions(self, key: str, *, dry_run: bool = False) -> int:
        return self._layer.around(
            Act.LIST_VERSIONS if dry_run else Act.DELETE_VERSION,
            (key,),
            lambda place: self._inner.compact_versions(place, dry_run=dry_run),
        )


class _ChecksHistory:
    def __init__(self, layer: "InterceptingLayer", inner: ChecksHistory) -> None:
        self._layer = layer
        self._inner = inner

    def check_history(self, *, repair: bool = False) -> HistoryReport:
        return self._layer.around(Act.PING, (), lambda: self._inner.check_history(repair=repair))


INTERCEPTED_VERSIONS: Mapping[type, Callable[["InterceptingLayer", Any], object]] = {
    ChecksHistory: _ChecksHistory,
    CompactsVersions: _CompactsVersions,
    KeepsVersions: _KeepsVersions,
    SweepsVersions: _SweepsVersions,
}
"""What stands before each."""
