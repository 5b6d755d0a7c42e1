"""S3's words for what is said of objects: its headers."""

import email.utils
import functools
from collections.abc import Mapping
from urllib.parse import quote

from vfs.engine.backends.objects.stored import KEPT_HEADERS, NewObject, StoredObject, quoted

_META = "x-amz-meta-"


def request_headers(new: NewObject) -> dict[str, str]:
    return {**new.headers, **{_META + name: value for name, value in new.metadata.items()}}


def copy_source(bucket: str, object_key: str, version: str | None = None) -> str:
    """The header that names what to copy."""
    name = quote(f"{bucket}/{object_key}", safe="/~")
    return name if version is None else f"{name}?versionId={quote(version, safe='')}"


def of_headers(headers: Mapping[str, str]) -> StoredObject:
    """What the headers of a GET or a HEAD, their names in lower case, tell of an object."""
    return StoredObject(
        size=_whole_size(headers),
        etag=quoted(headers.get("etag", "")),
        modified_ns=_time_ns(headers["last-modified"]),
        metadata={
            name.removeprefix(_META): _as_utf8(value)
            for name, value in headers.items()
            if name.startswith(_META)
        },
        headers={name: headers[name] for name in KEPT_HEADERS if name in headers},
        version_id=known_version(headers.get("x-amz-version-id")),
    )


@functools.lru_cache(maxsize=1024)
def _time_ns(date: str) -> int:
    """A header's date. Files that came together share it, and reading it costs as much as all the rest."""
    return int(email.utils.parsedate_to_datetime(date).timestamp()) * 1_000_000_000


def known_version(version: str | None) -> str | None:
    """A version id that means something: "null" is the name of the state before versioning was on."""
    return None if version in {None, "", "null"} else version


def _whole_size(headers: Mapping[str, str]) -> int:
    """The object's size, also in an answer that holds a range of it."""
    whole = headers.get("content-range", "").rpartition("/")[2]
    return int(whole or headers.get("content-length") or 0)


def _as_utf8(value: str) -> str:
    """A header value that was sent as UTF-8 and read as Latin-1."""
    try:
        return value.encode("latin-1").decode("utf-8")
    except UnicodeError:
        return value
