"""S3's words for what is said of objects: its headers, and obstore's form of them."""

import email.utils
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from vfs.engine.backends.objects.stored import KEPT_HEADERS, NewObject, StoredObject, quoted

_META = "x-amz-meta-"


def request_headers(new: NewObject) -> dict[str, str]:
    return {**new.headers, **{_META + name: value for name, value in new.metadata.items()}}


def obstore_attributes(new: NewObject) -> dict[str, str]:
    return {name.title(): value for name, value in new.headers.items()} | dict(new.metadata)


def copy_source(bucket: str, object_key: str, version: str | None = None) -> str:
    """The header that names what to copy."""
    name = quote(f"{bucket}/{object_key}", safe="/~")
    return name if version is None else f"{name}?versionId={quote(version, safe='')}"


def of_obstore(result: Any) -> StoredObject:
    """What obstore tells of an object with a GET or a HEAD."""
    meta, attributes = result.meta, result.attributes
    headers = {name.lower(): value for name, value in attributes.items() if name.lower() in KEPT_HEADERS}
    return StoredObject(
        size=meta["size"],
        etag=quoted(meta["e_tag"] or ""),
        modified_ns=int(meta["last_modified"].timestamp()) * 1_000_000_000,
        metadata={name: value for name, value in attributes.items() if name.lower() not in headers},
        headers=headers,
        version_id=known_version(meta["version"]),
    )


def of_headers(headers: Mapping[str, str]) -> StoredObject:
    """What the headers of a GET or a HEAD tell of an object."""
    lowered = {name.lower(): value for name, value in headers.items()}
    modified = email.utils.parsedate_to_datetime(lowered["last-modified"])
    return StoredObject(
        size=_whole_size(lowered),
        etag=quoted(lowered.get("etag", "")),
        modified_ns=int(modified.timestamp()) * 1_000_000_000,
        metadata={
            name.removeprefix(_META): _as_utf8(value)
            for name, value in lowered.items()
            if name.startswith(_META)
        },
        headers={name: lowered[name] for name in KEPT_HEADERS if name in lowered},
        version_id=known_version(lowered.get("x-amz-version-id")),
    )


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
