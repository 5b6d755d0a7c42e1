"""What came of a copy: how many files were copied, skipped, left out, deleted, and which failed and why."""

from dataclasses import dataclass

from vfs.engine.errors import StorageError

MOST_FAILURES = 1000
"""Failures that are kept one by one; all are counted."""


@dataclass(frozen=True, slots=True)
class CopyFailure:
    """One entry that could not be copied; `path` is the source's, with its mount."""

    path: str
    error: StorageError


@dataclass(frozen=True, slots=True)
class CopySummary:
    """The numbers of one copy. With `dry_run`, what they would have been. Folders are not counted."""

    copied: int = 0
    bytes: int = 0
    """Of the files copied."""
    skipped: int = 0
    """Left alone, because the skip strategy said that they are there already."""
    excluded: int = 0
    """Never looked at, because of `include`, `exclude` or `filter`."""
    deleted: int = 0
    """Files at the target that the source has not."""
    failed: tuple[CopyFailure, ...] = ()
    """The first thousand failures, in the order in which they happened."""
    failed_count: int = 0

    @property
    def ok(self) -> bool:
        """Whether nothing failed."""
        return not self.failed_count

    def raise_for_failures(self) -> None:
        """Raise the first failure, if there is one; its text says how many there are."""
        if not self.failed:
            return
        first = self.failed[0].error
        if self.failed_count > 1:
            first.add_note(f"and {self.failed_count - 1} other entries failed")
        raise first


class Tally:
    """A summary while it grows. For one thread."""

    def __init__(self) -> None:
        self.copied = 0
        self.bytes = 0
        self.skipped = 0
        self.excluded = 0
        self.deleted = 0
        self.failed_count = 0
        self._failed: list[CopyFailure] = []

    @property
    def looked_at(self) -> int:
        """Files that are through, however it ended."""
        return self.copied + self.skipped + self.failed_count

    def fail(self, path: str, error: StorageError) -> None:
        self.failed_count += 1
        if len(self._failed) < MOST_FAILURES:
            self._failed.append(CopyFailure(path, error))

    def summary(self) -> CopySummary:
        return CopySummary(
            self.copied,
            self.bytes,
            self.skipped,
            self.excluded,
            self.deleted,
            tuple(self._failed),
            self.failed_count,
        )
