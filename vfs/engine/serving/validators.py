"""ETag and Last-Modified of a file, and the conditions of RFC 9110 section 13 that stand on them."""

import hashlib
import re
from dataclasses import dataclass

from werkzeug.http import parse_etags

from vfs.engine.dates import calendar_seconds
from vfs.engine.entries import Entry
from vfs.engine.serving.dates import http_date, seconds_in
from vfs.engine.serving.requests import Request

_ENTITY_TAG = re.compile(r'(W/)?"([\x21\x23-\x7e]*)"')
_OPAQUE = re.compile(r"[\x21\x23-\x7e]+")


@dataclass(frozen=True, slots=True)
class Validators:
    """What tells two states of a file apart. A weak tag does not promise equal bytes."""

    tag: str | None = None
    is_weak: bool = False
    modified: int | None = None
    """In whole seconds since the epoch: HTTP has no others."""

    @property
    def etag(self) -> str | None:
        """As a header has it."""
        return None if self.tag is None else f'{"W/" * self.is_weak}"{self.tag}"'

    @property
    def headers(self) -> list[tuple[str, str]]:
        found, etag = [], self.etag
        if etag is not None:
            found.append(("ETag", etag))
        if self.modified is not None:
            found.append(("Last-Modified", http_date(self.modified)))
        return found


def validators_of(entry: Entry, *, with_etag: bool = True) -> Validators:
    """The storage's own ETag where it has one; else a weak one of time and size, where there is a time."""
    modified = None if entry.mtime_ns is None else calendar_seconds(entry.mtime_ns // 10**9)
    tag, is_weak = _tag_of(entry) if with_etag else (None, False)
    return Validators(tag, is_weak, modified)


def _tag_of(entry: Entry) -> tuple[str | None, bool]:
    if entry.etag is None:
        return (None, False) if entry.mtime_ns is None else (f"{entry.mtime_ns:x}-{entry.size:x}", True)
    if quoted := _ENTITY_TAG.fullmatch(entry.etag):
        return quoted[2], quoted[1] is not None
    if _OPAQUE.fullmatch(entry.etag):
        return entry.etag, False
    # No ETag by the grammar: a time and a size, say, of a server that has none.
    return hashlib.sha256(entry.etag.encode("utf-8", "surrogateescape")).hexdigest()[:32], True


def status_under(request: Request, present: Validators) -> int:
    """200, or 304 or 412 where a condition says so; in the order of RFC 9110 section 13.2.2."""
    headers = request.headers
    if "if-match" in headers:
        if not _matches_strongly(headers["if-match"], present):
            return 412
    elif _is_after(present, headers.get("if-unmodified-since")) is True:
        return 412
    if "if-none-match" in headers:
        return 304 if _matches_weakly(headers["if-none-match"], present) else 200
    return 304 if _is_after(present, headers.get("if-modified-since")) is False else 200


def may_continue(request: Request, present: Validators) -> bool:
    """Whether a range of this file fits to what the client has of it: what If-Range asks."""
    condition = request.headers.get("if-range")
    if condition is None:
        return True
    date = seconds_in(condition)
    if date is not None:
        return date == present.modified
    return _matches_strongly(condition, present) and condition != "*"


def _matches_strongly(condition: str, present: Validators) -> bool:
    tags = parse_etags(condition)
    return tags.star_tag or (present.tag is not None and not present.is_weak and tags.contains(present.tag))


def _matches_weakly(condition: str, present: Validators) -> bool:
    tags = parse_etags(condition)
    return tags.star_tag or (present.tag is not None and tags.contains_weak(present.tag))


def _is_after(present: Validators, condition: str | None) -> bool | None:
    """Whether the file is newer than a date; None where either is unknown, or no date at all."""
    date = seconds_in(condition)
    return None if date is None or present.modified is None else present.modified > date
