"""An ability of open files besides: what lies in a file of this machine has its descriptor."""

# pyright: reportReturnType=false
# It takes a protocol's methods that are a docstring alone for bodies; mypy checks what they return.

from typing import Protocol, TypeGuard, runtime_checkable


@runtime_checkable
class LiesInLocalFile(Protocol):
    """An open file whose bytes are those of a file of this machine, at the same offsets, while it is open."""

    def fileno(self) -> int:
        """A descriptor whose position nobody else uses; it stays the open file's, to be closed with it."""


def lies_in_local_file(file: object) -> TypeGuard[LiesInLocalFile]:
    """As `isinstance`, which takes longer with a protocol than a small file takes to be read."""
    return hasattr(file, "fileno")
