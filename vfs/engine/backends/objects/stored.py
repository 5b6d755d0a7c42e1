"""What is said of objects, by a store and to it."""

import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

KEPT_HEADERS = (
    "content-type",
    "cache-control",
    "content-disposition",
    "content-encoding",
    "content-language",
)
"""What describes the content and goes along with it, besides user metadata."""


@dataclass(frozen=True, slots=True)
class StoredObject:
    """What the store says of one object, without its bytes."""

    size: int
    etag: str
    modified_ns: int
    metadata: Mapping[str, str]
    headers: Mapping[str, str] = field(default_factory=dict)
    """Those of `KEPT_HEADERS` that are there, in lower case."""
    version_id: str | None = None
    revision: str | None = None
    """Names this state of the metadata, where a store tells it apart from the state of the content."""

    @property
    def content_type(self) -> str | None:
        return self.headers.get("content-type")


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which bytes of which state of an object: from `start` up to `end`, or to its end."""

    start: int = 0
    end: int | None = None
    version: str | None = None
    if_match: str | None = None

    @property
    def most(self) -> int:
        """Bytes that may come."""
        return sys.maxsize if self.end is None else self.end - self.start

    @property
    def range_header(self) -> str | None:
        """The bytes as HTTP's Range says them; None for all."""
        if not self.start and self.end is None:
            return None
        return f"bytes={self.start}-{'' if self.end is None else self.end - 1}"


@dataclass(frozen=True, slots=True)
class Stored:
    """What the store said when it took an object."""

    etag: str
    version_id: str | None = None


@dataclass(frozen=True, slots=True)
class NewObject:
    """What an object is to be, besides its bytes: user metadata, and headers that describe the content."""

    metadata: Mapping[str, str]
    headers: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Condition:
    """What must hold at the key for a write to happen; nothing by default."""

    absent: bool = False
    etag: str | None = None

    def headers(self) -> dict[str, str]:
        """The condition as HTTP has it."""
        if self.absent:
            return {"If-None-Match": "*"}
        return {"If-Match": self.etag} if self.etag is not None else {}


ALWAYS = Condition()


@dataclass(frozen=True, slots=True)
class ListedObject:
    """One object as a listing shows it; `stored` is all there is to say of it, where listings tell that."""

    object_key: str
    size: int
    etag: str
    modified_ns: int
    stored: StoredObject | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """One answer: objects, the prefixes that the delimiter cut off, and where to go on (None: nowhere)."""

    objects: list[ListedObject]
    prefixes: list[str]
    next_token: str | None


def quoted(etag: str) -> str:
    """An ETag as headers have it; some answers and some servers leave the quotes out."""
    return etag if etag.startswith(('"', "W/")) else f'"{etag}"'


def every_page(page: Callable[[str | None], Page]) -> Iterator[Page]:
    """The pages of a listing, each asked for, with the token of the one before, when it is needed."""
    token: str | None = None
    while True:
        found = page(token)
        yield found
        token = found.next_token
        if token is None:
            return
