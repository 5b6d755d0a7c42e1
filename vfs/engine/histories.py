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


@runtime_checkable
class CompactsVersions(Protocol):
    """Removes old versions of a file that have the content of the version before them."""

    def compact_versions(self, key: str, *, dry_run: bool = False) -> int:
        """How many were removed, or would be. The older of two stays."""


@dataclass(slots=True)
class HistoryReport:
    """What a check of a history found, in numbers."""

    files: int = 0
    versions: int = 0
    contents: int = 0
    orphans: int = 0
    """Contents that some version was to need, which is not there."""
    unfinished: int = 0
    """Contents on their way, of writers who are gone."""
    lost: int = 0
    """Versions without a content: the file was changed by somebody past the history."""
    unmarked: int = 0
    """Files that are gone without a mark of it."""
    expired: int = 0
    """Versions that were not to be kept any longer, and were removed."""

    @property
    def is_sound(self) -> bool:
        """Whether nothing is there that should not, and nothing is missing."""
        return not (self.orphans or self.unfinished or self.lost or self.unmarked)


@runtime_checkable
class ChecksHistory(Protocol):
    """Keeps a history that can be looked through as a whole."""

    def check_history(self, *, repair: bool = False) -> HistoryReport:
        """With `repair`, put right what was found, and remove what is not to be kept any longer."""


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
