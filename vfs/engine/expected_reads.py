"""An ability of open files besides: what is fetched from afar can be told which reads to expect."""

# pyright: reportReturnType=false
# It takes a protocol's methods that are a docstring alone for bodies; mypy checks what they return.

from typing import Protocol, TypeGuard


class FetchesAhead(Protocol):
    """An open file that fetches ahead of its readers."""

    def expect(self, start: int, end: int) -> None:
        """Reads will follow each other from `start` to `end`, and stop there. Nothing is fetched yet."""


def fetches_ahead(file: object) -> TypeGuard[FetchesAhead]:
    """As `isinstance`, which takes longer with a protocol than a small file takes to be read."""
    return hasattr(file, "expect")
