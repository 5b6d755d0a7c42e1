"""The abilities that only nodes ask for, as an intercepting layer shows them; the others are beside this."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from vfs.engine.entries import EntryKind
from vfs.engine.layers.acts import Act
from vfs.engine.node_abilities import HasLocalPaths, HasNativePaths, KeepsTags, TellsKinds

if TYPE_CHECKING:
    from vfs.engine.layers.interception import InterceptingLayer


class _TellsKinds:
    def __init__(self, layer: "InterceptingLayer", inner: TellsKinds) -> None:
        self._layer = layer
        self._inner = inner

    def kind(self, key: str) -> EntryKind | None:
        return self._layer.around(Act.STAT, (key,), self._inner.kind)


class _KeepsTags:
    def __init__(self, layer: "InterceptingLayer", inner: KeepsTags) -> None:
        self._layer = layer
        self._inner = inner

    def get_tags(self, key: str) -> dict[str, str]:
        return self._layer.around(Act.STAT, (key,), self._inner.get_tags)

    def set_tags(self, key: str, tags: Mapping[str, str]) -> None:
        self._layer.around(Act.SET_METADATA, (key,), lambda place: self._inner.set_tags(place, tags))


class _HasLocalPaths:
    def __init__(self, layer: "InterceptingLayer", inner: HasLocalPaths) -> None:
        self._layer = layer
        self._inner = inner

    def local_path(self, key: str) -> str:
        return self._layer.around(Act.ORIGINAL, (key,), self._inner.local_path)


class _HasNativePaths:
    def __init__(self, layer: "InterceptingLayer", inner: HasNativePaths) -> None:
        self._layer = layer
        self._inner = inner

    def native_path(self, key: str) -> str:
        return self._layer.around(Act.ORIGINAL, (key,), self._inner.native_path)


INTERCEPTED_FOR_NODES: Mapping[type, Callable[["InterceptingLayer", Any], object]] = {
    HasLocalPaths: _HasLocalPaths,
    HasNativePaths: _HasNativePaths,
    KeepsTags: _KeepsTags,
    TellsKinds: _TellsKinds,
}
"""What stands before each. A client, and who names contents, are there without layers only."""
