"""Files as a store itself keeps them: what lets one mount copy from another without the bytes coming here."""

# pyright: reportReturnType=false
# It takes a protocol's methods that are a docstring alone for bodies; mypy checks what they return.

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from vfs.engine import paths
from vfs.engine.entries import Entry, EntryKind, WriteResult
from vfs.engine.errors import NotFound


@dataclass(frozen=True, slots=True)
class Original:
    """One file, or a folder, in its store's own words.

    `store` is equal for mounts that reach the same store with the same rights and read the same things into
    what it holds; `place` is the whole address in it, `/`-joined. Neither holds a secret.
    """

    store: str
    place: str

    def is_within(self, other: "Original") -> bool:
        """True when this stands at the other's place, or below it."""
        if self.store != other.store:
            return False
        return self.place == other.place or paths.is_below(self.place, other.place.rstrip("/"))


@runtime_checkable
class TellsOriginal(Protocol):
    """Tells where the store keeps a key's bytes, exactly as this stack shows them; asks nobody."""

    def original(self, key: str) -> Original:
        """Raises InvalidPath for what can be no key."""


@runtime_checkable
class CopiesFrom(Protocol):
    """Copies files of any mount of the same store inside it; metadata and attributes go along."""

    def can_copy_from(self, original: Original, entry: Entry, *, overwrite: bool = True) -> bool:
        """Whether `copy_from` would, as far as can be told without asking; the entry may be as listed."""

    def copy_from(
        self, original: Original, entry: Entry, target: str, *, overwrite: bool = True
    ) -> WriteResult:
        """Replace whatever file is at the target, or without `overwrite` be the first one there.

        Raises NotFound for the original, Conflict (where the store can tell) when it is another one now than
        the entry tells of, and for the target what `Backend.write` does.
        """


class OwnOriginals(ABC):
    """Both abilities of a backend that copies its own files, for all mounts that stand on it."""

    @property
    def _top(self) -> Original:
        """Where the root is. Nothing else has the same unless this backend can copy from there."""
        return Original(f"{type(self).__name__} {id(self)}", "")

    @abstractmethod
    def copy(self, source: str, target: str, *, overwrite: bool = True) -> WriteResult:
        """See `Copies`."""

    def original(self, key: str) -> Original:
        top = self._top
        return Original(top.store, f"{top.place}/{key}" if key and top.place else top.place or key)

    def can_copy_from(self, original: Original, entry: Entry, *, overwrite: bool = True) -> bool:
        return entry.kind is EntryKind.FILE and original.is_within(self._top)

    def copy_from(
        self, original: Original, entry: Entry, target: str, *, overwrite: bool = True
    ) -> WriteResult:
        source = original.place.removeprefix(self._top.place).removeprefix("/")
        try:
            return self.copy(source, target, overwrite=overwrite)
        except NotFound as error:
            raise NotFound("the file to copy is gone", target) from error
