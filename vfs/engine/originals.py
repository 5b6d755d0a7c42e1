"""Files as a store itself keeps them: what lets one mount copy from another without the bytes coming here."""

# pyright: reportReturnType=false
# It takes a protocol's methods that are a docstring alone for bodies; mypy checks what they return.

from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from vfs.engine.entries import Entry, WriteResult


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
        return self.place == other.place or self.place.startswith(f"{other.place.rstrip('/')}/")


@runtime_checkable
class TellsOriginal(Protocol):
    """Tells where the store keeps a key's bytes, exactly as this stack shows them; asks nobody."""

    def original(self, key: str) -> Original:
        """Raises InvalidPath for what can be no key."""


@runtime_checkable
class CopiesFrom(Protocol):
    """Copies files of any mount of the same store inside it; metadata and attributes go along."""

    def can_copy_from(self, original: Original, entry: Entry) -> bool:
        """Whether `copy_from` would, as far as can be told without asking; the entry may be as listed."""

    def copy_from(self, original: Original, entry: Entry, target: str) -> WriteResult:
        """Replace whatever file is at the target.

        Raises NotFound for the original, Conflict when it is another one now than the entry tells of, and
        for the target what `Backend.write` does.
        """
