"""Which old versions are kept: by their number, by their age, by the room that they take."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Annotated

from pydantic import BaseModel, Field

from vfs.engine.layers.versioned.records import Record
from vfs.engine.option_types import Duration, Size


class Retention(BaseModel, frozen=True, extra="forbid"):
    """Limits of each file's history; a version goes as soon as one says so, the oldest first."""

    count: Annotated[int, Field(ge=1)] | None = None
    """Old contents of one file; unlimited unless said."""
    age: Duration | None = None
    """How long ago a content was replaced or deleted at the most."""
    size: Size | None = None
    """Bytes that the old contents of one file may have together."""

    def __bool__(self) -> bool:
        return any(limit is not None for limit in (self.count, self.age, self.size))


def superfluous(records: Sequence[Record], retention: Retention, now_ns: int) -> list[Record]:
    """Those of one key, oldest first, that are not to be kept; never the newest content that stands there.

    Markers before which nothing is left tell nothing, and go too.
    """
    replaced = {record.id: after.time_ns for record, after in pairwise(records)}
    old = [record for record in records if record.id in replaced and not record.is_marker]
    going: set[str] = set()
    size = 0
    for number, record in enumerate(reversed(old), 1):
        size += record.size
        if (
            (retention.count is not None and number > retention.count)
            or (retention.age is not None and now_ns - replaced[record.id] > retention.age * 1e9)
            or (retention.size is not None and size > retention.size)
        ):
            going.add(record.id)
    gone = []
    is_first = True
    for record in records:
        if record.id in going or (is_first and record.is_marker):
            gone.append(record)
        else:
            is_first = False
    return gone
