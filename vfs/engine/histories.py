"""Histories: everything that a folder ever held, each file with all its versions, told in one sweep."""

# pyright: reportReturnType=false
# It takes a protocol's methods that are a docstring alone for bodies; mypy checks what they return.

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from vfs.engine.entries import Version


@dataclass(frozen=True, slots=True)
class History:
    """What stood at one key over time; it may be gone today."""

    key: str
    versions: tuple[Version, ...] = ()
    """Oldest first. Of a folder, those of its marker, and none where only keys below show it."""
    is_folder: bool = False


@runtime_checkable
class SweepsVersions(Protocol):
    """Tells the versions of all files of a folder at once, of deleted ones too."""

    def sweep_versions(self, folder: str, *, deep: bool = False) -> Iterator[History]:
        """What is or was directly in a folder; with `deep`, everything below it.

        Each key comes once, in no promised order. A deep sweep may leave out folders that only keys below
        show. Sizes are those of what is stored. Nothing comes of a folder that never was. Costs a request by
        the page of versions, never by the file.
        """


def at(versions: Sequence[Version], moment_ns: int) -> Version | None:
    """The version, of all of a file, that was its content at a moment; None where there was no such file."""
    seen = None
    for version in versions:
        if version.mtime_ns > moment_ns:
            break
        seen = version
    if seen is None or seen.is_delete_marker:
        return None
    ended = seen.ended_ns is not None and seen.ended_ns <= moment_ns
    return None if ended else seen
