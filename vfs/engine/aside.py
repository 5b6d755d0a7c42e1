"""Entries beside the stored ones: those that no listing tells of, and that are there for who asks by name."""

# pyright: reportReturnType=false
# It takes a protocol's methods that are a docstring alone for bodies; mypy checks what they return.

from collections.abc import Sequence
from typing import Protocol, runtime_checkable

from vfs.engine.backend import Backend
from vfs.engine.entries import Entry


@runtime_checkable
class ShowsAside(Protocol):
    """Shows such entries. They change with the stored ones: nobody above remembers them or their absence."""

    @property
    def beneath(self) -> Backend:
        """The same stack without them: what other mounts may stand on."""

    def is_aside(self, key: str) -> bool:
        """Whether a key can only be such an entry, or below one. Asks nobody."""

    def beside(self, folder: str) -> Sequence[Entry]:
        """Those in a folder that people are to see; programs that walk trees are told of none."""

    def changed(self, key: str) -> None:
        """What is stored at a key was changed around this layer."""
