"""A layer that sees every call on its stack, the abilities' too, and passes each through one method."""

from abc import abstractmethod
from collections.abc import Callable, Iterator, Mapping
from typing import TypeVar, cast

from vfs.engine.backend import (
    AbilityT,
    Buffer,
    KeepsAttributes,
    KeepsMetadata,
    KeepsSymlinks,
    KeepsVersions,
    Moves,
    SignsUrls,
    Source,
)
from vfs.engine.capabilities import Capability
from vfs.engine.entries import Attributes, Entry, WriteResult
from vfs.engine.histories import History
from vfs.engine.layer import Layer
from vfs.engine.layers.acts import Act
from vfs.engine.layers.intercepted_abilities import INTERCEPTED, begun

ResultT = TypeVar("ResultT")

_TOLD_BY: Mapping[type, frozenset[Capability]] = {
    Moves: frozenset({Capability.ATOMIC_MOVE}),
    KeepsMetadata: frozenset({Capability.USER_METADATA}),
    KeepsSymlinks: frozenset({Capability.SYMLINKS}),
    KeepsAttributes: frozenset({Capability.POSIX_ATTRIBUTES}),
    KeepsVersions: frozenset({Capability.VERSIONING, Capability.VERSION_LISTING, Capability.VERSION_ACCESS}),
    SignsUrls: frozenset({Capability.PRESIGNED_URLS}),
}


class InterceptingLayer(Layer):
    """Subclasses say in `around` what happens about a call, and in `exposes` which abilities stay."""

    exposes: frozenset[type] = frozenset(INTERCEPTED)
    """Abilities of the inner backend that are there, intercepted like everything else."""

    @abstractmethod
    def around(self, act: Act, keys: tuple[str, ...], run: Callable[..., ResultT]) -> ResultT:
        """Carry out a call: `run` takes the keys, as many as came, and asks the inner backend.

        For a listing or a sweep, `run` returns when the first entry is here; see `shown` for the rest.
        """

    def shown(self, folder: str, entries: Iterator[Entry]) -> Iterator[Entry]:
        """The entries of a listing as this layer tells them."""
        return entries

    def swept(self, folder: str, found: Iterator[tuple[str, Entry]]) -> Iterator[tuple[str, Entry]]:
        """What a sweep found, as this layer tells it."""
        return found

    def swept_versions(self, folder: str, found: Iterator[History]) -> Iterator[History]:
        """What a sweep of versions found, as this layer tells it."""
        return found

    def stored(self, folder: str, entry: Entry) -> Entry:
        """The inner backend's entry for one that `shown` gave."""
        return entry

    def located(self, location: str) -> str:
        """The location of what this layer shows, given that of the inner backend."""
        return location

    @property
    def capabilities(self) -> frozenset[Capability]:
        told = {word for ability, words in _TOLD_BY.items() if ability not in self.exposes for word in words}
        return self.inner.capabilities - told

    def ability(self, wanted: type[AbilityT]) -> AbilityT | None:
        inner = self.inner.ability(wanted) if wanted in self.exposes else None
        return None if inner is None else cast("AbilityT", INTERCEPTED[wanted](self, inner))

    def stat(self, key: str) -> Entry:
        return self.around(Act.STAT, (key,), self.inner.stat)

    def list(self, key: str) -> Iterator[Entry]:
        entries = self.around(Act.LIST, (key,), lambda place: begun(self.inner.list(place)))
        return self.shown(key, entries)

    def read(
        self,
        key: str,
        start: int = 0,
        end: int | None = None,
        *,
        version: str | None = None,
        if_match: str | None = None,
    ) -> Buffer:
        return self.around(
            Act.READ,
            (key,),
            lambda place: self.inner.read(place, start, end, version=version, if_match=if_match),
        )

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
        return self.around(
            Act.WRITE,
            (key,),
            lambda place: self.inner.write(
                place,
                source,
                overwrite=overwrite,
                if_match=if_match,
                metadata=metadata,
                attributes=attributes,
            ),
        )

    def delete(self, key: str, *, if_match: str | None = None) -> None:
        self.around(Act.DELETE, (key,), lambda place: self.inner.delete(place, if_match=if_match))

    def make_directory(self, key: str, *, attributes: Attributes | None = None) -> Entry:
        return self.around(
            Act.MAKE_DIRECTORY,
            (key,),
            lambda place: self.inner.make_directory(place, attributes=attributes),
        )

    def remove_directory(self, key: str) -> None:
        self.around(Act.REMOVE_DIRECTORY, (key,), self.inner.remove_directory)
