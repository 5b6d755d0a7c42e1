"""Objects as the JSON API tells them, and as it is told them.

The ETag of a file is the object's generation, in quotes: it changes with the content and only then, and every
request can be made to depend on it.
"""

import base64
import binascii
import datetime
from collections.abc import Mapping
from typing import Any

from vfs.engine.backends.objects.stored import (
    KEPT_HEADERS,
    Condition,
    ListedObject,
    NewObject,
    Stored,
    StoredObject,
    quoted,
)
from vfs.engine.errors import Conflict

FIELDS = (
    "name,size,generation,metageneration,timeCreated,updated,metadata,contentType,cacheControl,"
    "contentDisposition,contentEncoding,contentLanguage"
)
"""What we read of an object; the rest is left out of listings."""

_NO_GENERATION = "0"
"""As a condition: nothing is there."""

_EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC)


def etag_of(generation: str) -> str:
    return quoted(generation)


def generation_of(etag: str, path: str) -> str:
    """The generation that an ETag stands for. Raises Conflict for an ETag that none of ours can be."""
    generation = etag.strip('"')
    if not generation.isascii() or not generation.isdigit():
        raise Conflict("the object is another one now", path)
    return generation


def stored_object(told: Mapping[str, Any]) -> StoredObject:
    """What a resource tells. Metadata without a value are none: servers may keep names of removed ones."""
    metadata: Mapping[str, str] = told.get("metadata") or {}
    headers = {name: str(told[_camel(name)]) for name in KEPT_HEADERS if told.get(_camel(name))}
    return StoredObject(
        size=int(told.get("size", 0)),
        etag=etag_of(told["generation"]),
        modified_ns=ns_of(told["timeCreated"]),
        metadata={name.lower(): value for name, value in metadata.items() if value},
        headers=headers,
        version_id=told["generation"],
        revision=told.get("metageneration"),
    )


def listed_object(told: Mapping[str, Any]) -> ListedObject:
    stored = stored_object(told)
    return ListedObject(told["name"], stored.size, stored.etag, stored.modified_ns, stored)


def stored(told: Mapping[str, Any]) -> Stored:
    """What a resource tells of an object that was just made."""
    return Stored(etag_of(told["generation"]), told["generation"])


def resource(new: NewObject) -> dict[str, Any]:
    """What an object is to be."""
    told: dict[str, Any] = {_camel(name): value for name, value in new.headers.items()}
    return told | {"metadata": dict(new.metadata)}


def precondition(condition: Condition, path: str) -> dict[str, str]:
    """The query that makes a request depend on what is there."""
    if condition.absent:
        return {"ifGenerationMatch": _NO_GENERATION}
    if condition.etag is not None:
        return {"ifGenerationMatch": generation_of(condition.etag, path)}
    return {}


def hash_of(told: Mapping[str, Any]) -> tuple[str, str] | None:
    """MD5, or CRC32C for what was composed."""
    for name, algorithm in (("md5Hash", "md5"), ("crc32c", "crc32c")):
        try:
            digest = base64.b64decode(told.get(name) or "", validate=True).hex()
        except binascii.Error:
            continue
        if digest:
            return algorithm, digest
    return None


def ns_of(moment: str) -> int:
    """Nanoseconds since the epoch, from RFC 3339 with up to microseconds."""
    since = datetime.datetime.fromisoformat(moment) - _EPOCH
    return (since.days * 86_400 + since.seconds) * 1_000_000_000 + since.microseconds * 1000


def _camel(header: str) -> str:
    """`content-type` is `contentType`."""
    first, *rest = header.split("-")
    return first + "".join(word.title() for word in rest)
