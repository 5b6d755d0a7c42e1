"""Abilities of a storage that the Python API alone asks for; what every front needs is in `backend`."""

# pyright: reportReturnType=false
# It takes a protocol's methods that are a docstring alone for bodies; mypy checks what they return.

from collections.abc import Mapping
from typing import Protocol, TypeVar, runtime_checkable

from vfs.engine.backend import Backend, Source
from vfs.engine.entries import EntryKind, WriteResult
from vfs.engine.errors import CapabilityNotSupported

ClientT = TypeVar("ClientT")


@runtime_checkable
class TellsKinds(Protocol):
    """Tells what stands at a key for less than its entry costs."""

    def kind(self, key: str) -> EntryKind | None:
        """None where nothing stands, or can. Raises as `Backend.stat` does otherwise."""


@runtime_checkable
class NamesContent(Protocol):
    """Stores a content under a key of its own choosing: the result's `path`, whatever key was asked for."""

    def write_named(
        self,
        key: str,
        source: Source,
        *,
        overwrite: bool = True,
        if_match: str | None = None,
        metadata: Mapping[str, str] | None = None,
    ) -> WriteResult:
        """Conditions are about `key`. Raises as `Backend.write` does."""


@runtime_checkable
class KeepsTags(Protocol):
    """Keeps tags of a file (str to str), which can change without the file being another one."""

    def get_tags(self, key: str) -> dict[str, str]:
        """Raises NotFound, IsADirectory."""

    def set_tags(self, key: str, tags: Mapping[str, str]) -> None:
        """Replace all tags. Raises NotFound, IsADirectory, and InvalidPath for tags that cannot be kept."""


@runtime_checkable
class HasNativePaths(Protocol):
    """Tells what the storage itself calls a key. Asks nobody."""

    def native_path(self, key: str) -> str:
        """Of "" what all the others begin with. Raises InvalidPath for what can be no key."""


@runtime_checkable
class HasLocalPaths(Protocol):
    """Has each file on this machine, with exactly the bytes that it shows. Asks nobody."""

    def local_path(self, key: str) -> str:
        """Absolute. InvalidPath for what can be no key, CapabilityNotSupported for a file stored nowhere."""


def local_path_of(backend: Backend, key: str) -> str | None:
    """The path on this machine of a file's own bytes; None where it has none. Raises InvalidPath."""
    places = backend.ability(HasLocalPaths)
    try:
        return None if places is None else places.local_path(key)
    except CapabilityNotSupported:
        return None


@runtime_checkable
class HoldsClients(Protocol):
    """Gives out what it talks to its storage with, past everything that vfs does."""

    def client(self, wanted: type[ClientT]) -> ClientT | None:
        """The driver's own object of this type; None where it has none."""
