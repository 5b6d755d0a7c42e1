"""What is said of objects, by the store and to it."""

import email.utils
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

_META = "x-amz-meta-"

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

    @property
    def content_type(self) -> str | None:
        return self.headers.get("content-type")


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

    @property
    def request_headers(self) -> dict[str, str]:
        return {**self.headers, **{_META + name: value for name, value in self.metadata.items()}}

    @property
    def obstore_attributes(self) -> dict[str, str]:
        return {name.title(): value for name, value in self.headers.items()} | dict(self.metadata)


@dataclass(frozen=True, slots=True)
class Condition:
    """What must hold at the key for a write to happen; nothing by default."""

    absent: bool = False
    etag: str | None = None

    @property
    def headers(self) -> dict[str, str]:
        if self.absent:
            return {"If-None-Match": "*"}
        return {"If-Match": self.etag} if self.etag is not None else {}

    @property
    def obstore_mode(self) -> Any:
        if self.absent:
            return "create"
        return {"e_tag": self.etag} if self.etag is not None else "overwrite"


ALWAYS = Condition()


def quoted(etag: str) -> str:
    """An ETag as headers have it; some answers and some servers leave the quotes out."""
    return etag if etag.startswith(('"', "W/")) else f'"{etag}"'


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
