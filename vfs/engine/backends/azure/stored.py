"""What is said of blobs, by Azure and to it: headers, and metadata whose names must be identifiers."""

import calendar
import email.utils
import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from vfs.engine.backends.objects.stored import KEPT_HEADERS, NewObject, StoredObject, quoted

_META = "x-ms-meta-"

_FOLDER_NAME = "hdi_isfolder"
"""The metadata that makes a blob a folder for every tool of Azure; hierarchical accounts set it alone."""

_FOREIGN_NAME = "is_directory"
"""adlfs writes it to every file."""

_FOLDER_MARK = "\0folder"
"""What `hdi_isfolder` is called among metadata here: a name that no user can give."""

_UNFIT = re.compile(r"[^A-Za-z0-9_]|^[0-9]|_(?=x[0-9a-f]{4}_)")
_HTTP_DATE = re.compile(r"\w{3}, (\d\d) (\w{3}) (\d{4}) (\d\d):(\d\d):(\d\d) GMT")
_MONTHS = {
    name: number
    for number, name in enumerate(
        ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"], 1
    )
}
_ESCAPE = re.compile(r"_x([0-9a-f]{4})_")


def encode_name(name: str) -> str:
    """A name of metadata as an identifier: `-` is `_x002d_`, the form in which XML tools write such names."""
    if name == _FOLDER_MARK:
        return _FOLDER_NAME
    if name in {_FOLDER_NAME, _FOREIGN_NAME}:
        return name.replace("_", "_x005f_")
    return _UNFIT.sub(lambda found: f"_x{ord(found[0]):04x}_", name)


def decode_metadata(metadata: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Metadata by the names that `encode_name` was given; those of others in lower case, as headers are."""
    found = {}
    for name, value in metadata:
        lowered = name.lower()
        if lowered == _FOLDER_NAME:
            found[_FOLDER_MARK] = value.lower()
        elif lowered != _FOREIGN_NAME:
            found[_unescaped(lowered) if "_x" in lowered else lowered] = value
    return found


def _unescaped(name: str) -> str:
    return _ESCAPE.sub(lambda escape: chr(int(escape[1], 16)), name)


def is_marker(stored: StoredObject) -> bool:
    """Whether this blob stands for a folder."""
    return stored.metadata.get(_FOLDER_MARK) == "true"


def unmarked(stored: StoredObject, headers: Mapping[str, str] | None = None) -> StoredObject:
    """The same without the mark, with other headers where given."""
    metadata = {name: value for name, value in stored.metadata.items() if name != _FOLDER_MARK}
    return replace(stored, metadata=metadata, headers=stored.headers if headers is None else headers)


def marked(new: NewObject) -> NewObject:
    """The same as a folder's marker."""
    return replace(new, metadata={**new.metadata, _FOLDER_MARK: "true"})


def metadata_headers(metadata: Mapping[str, str]) -> dict[str, str]:
    return {_META + encode_name(name): value for name, value in metadata.items()}


def request_headers(new: NewObject) -> dict[str, str]:
    """The headers that make a blob what it is to be."""
    return {f"x-ms-blob-{name}": value for name, value in new.headers.items()} | metadata_headers(
        new.metadata
    )


def obstore_attributes(new: NewObject) -> dict[str, str]:
    described = {name.title(): value for name, value in new.headers.items()}
    return described | {encode_name(name): value for name, value in new.metadata.items()}


def of_obstore(result: Any) -> StoredObject:
    """What obstore tells of a blob with a GET or a HEAD."""
    meta, attributes = result.meta, result.attributes
    headers = {name.lower(): value for name, value in attributes.items() if name.lower() in KEPT_HEADERS}
    return StoredObject(
        size=meta["size"],
        etag=quoted(meta["e_tag"] or ""),
        modified_ns=int(meta["last_modified"].timestamp()) * 1_000_000_000,
        metadata=decode_metadata(item for item in attributes.items() if item[0].lower() not in KEPT_HEADERS),
        headers=headers,
        version_id=meta["version"],
    )


def of_headers(headers: Mapping[str, str]) -> StoredObject:
    """What the headers of a GET or a HEAD tell of a blob."""
    lowered = {name.lower(): value for name, value in headers.items()}
    return StoredObject(
        size=_whole_size(lowered),
        etag=quoted(lowered.get("etag", "")),
        modified_ns=nanoseconds(lowered["last-modified"]),
        metadata=decode_metadata(
            (name.removeprefix(_META), value) for name, value in lowered.items() if name.startswith(_META)
        ),
        headers={name: lowered[name] for name in KEPT_HEADERS if name in lowered},
        version_id=lowered.get("x-ms-version-id"),
    )


def nanoseconds(http_date: str) -> int:
    """A date of HTTP, which has whole seconds, since the epoch."""
    told = _HTTP_DATE.fullmatch(http_date)
    if told is None:
        return int(email.utils.parsedate_to_datetime(http_date).timestamp()) * 1_000_000_000
    day, month, year, hour, minute, second = told.groups()
    moment = (int(year), _MONTHS[month], int(day), int(hour), int(minute), int(second))
    return calendar.timegm(moment) * 1_000_000_000


def _whole_size(headers: Mapping[str, str]) -> int:
    """The blob's size, also in an answer that holds a range of it."""
    whole = headers.get("content-range", "").rpartition("/")[2]
    return int(whole or headers.get("content-length") or 0)
