"""Renames in one act between some keys and not between others, as where a tree lies in several stores."""

# pyright: reportReturnType=false
# It takes a protocol's methods that are a docstring alone for bodies; mypy checks what they return.

from typing import Protocol, runtime_checkable


@runtime_checkable
class MovesSome(Protocol):
    """Renames files and symlinks, never folders, in one atomic act where `can_move` says so."""

    def can_move(self, source: str, target: str) -> bool:
        """Whether one act can do it, wherever they are; asks nobody."""

    def move_file(self, source: str, target: str) -> None:
        """Replaces a file or symlink at the target. Raises as `Moves.move` does."""
