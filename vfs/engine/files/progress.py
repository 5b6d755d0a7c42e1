"""How far what was written here is on its way to the store."""

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from vfs.engine.files.outbox import Outbox
    from vfs.engine.files.shared import SharedFile


class SendState(StrEnum):
    """Where the newest bytes of a file are."""

    SENT = "sent"
    """In the store."""
    WRITING = "writing"
    """Here: written, and neither closed nor synced since."""
    QUEUED = "queued"
    """In the journal of this machine, waiting for their turn."""
    SENDING = "sending"
    FAILED = "failed"
    """In the journal; the last try failed, and they will be tried again."""


@dataclass(frozen=True, slots=True)
class SendProgress:
    """A state, and of `FAILED` what the last try ran into."""

    state: SendState
    failure: str | None = None

    def __str__(self) -> str:
        return self.state if self.failure is None else f"{self.state}: {self.failure}"


SENT = SendProgress(SendState.SENT)


def progress_of(file: "SharedFile", outbox: "Outbox") -> SendProgress:
    """Of an open file, or one that waits. Asks nobody; a failure is told until a later try succeeds."""
    if not file.is_dirty or file.unlinked:
        return SENT
    failure = outbox.failure_of(file)
    if failure is not None:
        return SendProgress(SendState.FAILED, failure)
    if file.is_being_sent:
        return SendProgress(SendState.SENDING)
    return SendProgress(SendState.QUEUED if file in outbox else SendState.WRITING)
