"""What a storage written with `async def` must do: `Backend`, awaited.

Keys, arguments, results, errors and the order of decisions are those of `vfs.engine.backend`. Calls come from
many tasks of one loop, asyncio's or trio's.
"""

from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Mapping
from typing import TypeVar

from vfs.engine.backend import Buffer
from vfs.engine.capabilities import Capability
from vfs.engine.entries import Attributes, Entry, WriteResult
from vfs.engine.errors import CapabilityNotSupported
from vfs.engine.paths import check_key

AbilityT = TypeVar("AbilityT")

Pieces = bytes | bytearray | memoryview | AsyncIterator[Buffer]
"""What is to be written: bytes, or pieces as they come; a piece is good until the next one is asked for."""


class AsyncBackend(ABC):
    """One storage: a tree of files and folders under keys."""

    largest_file: int = 8 << 40
    is_remote: bool = True
    lists_cheaply: bool = True
    lists_sizes: bool = True

    @property
    @abstractmethod
    def capabilities(self) -> frozenset[Capability]:
        """What this storage, configured as it is, can do."""

    @abstractmethod
    async def stat(self, key: str) -> Entry:
        """Raises NotFound."""

    @abstractmethod
    def list(self, key: str) -> AsyncIterator[Entry]:
        """The entries of one folder, as an async generator gives them. Raises before any entry."""

    @abstractmethod
    async def read(
        self,
        key: str,
        start: int = 0,
        end: int | None = None,
        *,
        version: str | None = None,
        if_match: str | None = None,
    ) -> Buffer:
        """Fewer bytes than asked only where the file ends."""

    async def write(
        self,
        key: str,
        source: Pieces,
        *,
        overwrite: bool = True,
        if_match: str | None = None,
        metadata: Mapping[str, str] | None = None,
        attributes: Attributes | None = None,
    ) -> WriteResult:
        """Store a file, atomically; what the source raises goes through, and leaves the old file."""
        raise self._cannot("write", key)

    async def delete(self, key: str, *, if_match: str | None = None) -> None:
        raise self._cannot("delete", key)

    async def make_directory(self, key: str, *, attributes: Attributes | None = None) -> Entry:
        raise self._cannot("make_directory", key)

    async def remove_directory(self, key: str) -> None:
        raise self._cannot("remove_directory", key)

    def check_key(self, key: str) -> None:
        """Raise InvalidPath for a key that can never be a file's here; asks the storage nothing."""
        check_key(key)

    def ability(self, wanted: type[AbilityT]) -> AbilityT | None:
        """This storage as one of the protocols in `abilities`, or None where it has no such ability."""
        return self if isinstance(self, wanted) else None

    async def aclose(self) -> None:  # noqa: B027 - not every storage has something to give back
        """Give back connections; in the loop that they belong to. Calling it again is harmless."""

    def _cannot(self, act: str, key: str) -> CapabilityNotSupported:
        return CapabilityNotSupported(f"{type(self).__name__} cannot {act.replace('_', ' ')}", key)
