"""Objects of one bucket: head, get, put, copy, delete, each tried again while that may help.

obstore carries the bytes that are read, over the XML API; names that it would change, and all else, go by
the JSON API.
"""

import base64
import contextlib
import json
import secrets
from collections.abc import Mapping
from typing import Any

import google_crc32c
from obstore.store import GCSStore

from vfs.engine.backend import Buffer
from vfs.engine.backends.fsspec_backend import translated
from vfs.engine.backends.gcs.identity import Identity
from vfs.engine.backends.gcs.options import GcsOptions
from vfs.engine.backends.gcs.requests import JsonRequests
from vfs.engine.backends.gcs.resources import (
    FIELDS,
    etag_of,
    precondition,
    resource,
    stored,
    stored_object,
)
from vfs.engine.backends.objects.keys import is_plain
from vfs.engine.backends.objects.obstores import UnreadableMetadata, get, received, single_attempts
from vfs.engine.backends.objects.retrying import Retrying
from vfs.engine.backends.objects.settling import settled
from vfs.engine.backends.objects.stored import (
    ALWAYS,
    KEPT_HEADERS,
    Condition,
    NewObject,
    Stored,
    StoredObject,
    Wanted,
)
from vfs.engine.errors import Conflict, NotFound, StorageError

_AS_STORED = {"Accept-Encoding": "gzip"}
"""Without this, Google unpacks what is stored with `Content-Encoding: gzip`, and heeds no range."""

_ATTEMPTS = 5


class GcsObjects:
    """One bucket by object key. Every method blocks, is thread-safe, and names `path` in its errors."""

    def __init__(
        self, options: GcsOptions, identity: Identity, requests: JsonRequests, retrying: Retrying
    ) -> None:
        self._identity = identity
        self._requests = requests
        self._retrying = retrying
        self._store_name = options.store_name
        self._store = _obstore(options, identity)

    def head(self, object_key: str, path: str, *, version: str | None = None) -> StoredObject:
        """Everything but the bytes. Raises NotFound."""
        return stored_object(self.resource(object_key, path, FIELDS, version=version))

    def resource(
        self,
        object_key: str,
        path: str,
        fields: str,
        *,
        version: str | None = None,
        bucket: str | None = None,
    ) -> dict[str, Any]:
        """What the store tells of an object, of another bucket too. Raises NotFound."""
        query = {"fields": fields} | ({"generation": version} if version is not None else {})
        target = self._requests.object(object_key, bucket)
        return self._retrying.run(lambda: self._requests.call("GET", target, path, query=query))

    def get(
        self,
        object_key: str,
        path: str,
        start: int = 0,
        end: int | None = None,
        *,
        version: str | None = None,
        if_match: str | None = None,
    ) -> tuple[StoredObject | None, Buffer]:
        """Bytes of a range, `end` after `start`, with what the store says of the object.

        None and no bytes when the range begins past the end. Raises NotFound, Conflict for another ETag.
        """
        once = self._plain_get if is_plain(object_key) else self._json_get
        found, body = self._retrying.run(lambda: once(object_key, path, start, end, version))
        if if_match is not None:
            told = found or self.head(object_key, path, version=version)
            if told.etag != if_match:
                raise Conflict("the object is another one now", path)
        return found, body

    def put(
        self, object_key: str, path: str, body: Buffer, new: NewObject, condition: Condition = ALWAYS
    ) -> Stored:
        """Store a whole object, its checksum compared there. Raises Conflict unless the condition holds."""
        checksum = base64.b64encode(google_crc32c.value(bytes(body)).to_bytes(4)).decode()
        told = resource(new) | {"name": object_key, "crc32c": checksum}
        boundary = secrets.token_hex(16)
        content_type = new.headers.get("content-type", "application/octet-stream")
        sent = _related(boundary, told, content_type, body)
        headers = {"Content-Type": f"multipart/related; boundary={boundary}"}
        query = {"uploadType": "multipart", "fields": FIELDS, **precondition(condition, path)}

        def once() -> Stored:
            answer = self._requests.send(
                "POST", self._requests.uploads, path, query=query, headers=headers, body=sent
            )
            return stored(self._requests.parsed(answer.text, path))

        return self._retrying.run(
            once, settle=lambda error: self.settle(error, object_key, path, new, len(body), checksum)
        )

    def settle(
        self,
        error: StorageError,
        object_key: str,
        path: str,
        new: NewObject,
        size: int,
        checksum: str | None = None,
    ) -> Stored:
        """Find out whether a write whose reply was lost did happen; see `settled`."""

        def look() -> tuple[StoredObject, bool]:
            told = self.resource(object_key, path, f"{FIELDS},crc32c")
            return stored_object(told), checksum is not None and told.get("crc32c") == checksum

        return settled(error, look, new, size)

    def delete(
        self, object_key: str, path: str, *, if_match: str | None = None, version: str | None = None
    ) -> None:
        """Delete; what is not there is no error. Raises Conflict for another ETag."""
        query = precondition(Condition(etag=if_match), path)
        if version is not None:
            query["generation"] = version
        target = self._requests.object(object_key)

        def settle(error: StorageError) -> None:
            if version is None and self._etag(object_key, path) is not None:
                raise error

        self._retrying.run(
            lambda: self._delete(target, path, query), settle=settle if if_match is not None else None
        )

    def _delete(self, target: str, path: str, query: Mapping[str, str]) -> None:
        self._requests.send("DELETE", target, path, query=query, accept=404)

    def _etag(self, object_key: str, path: str) -> str | None:
        try:
            return self.head(object_key, path).etag
        except NotFound:
            return None

    def check(self, object_key: str, path: str, condition: Condition) -> None:
        """Raises Conflict unless the condition holds now: not every server heeds it with every request."""
        if condition != ALWAYS and self._etag(object_key, path) != condition.etag:
            raise Conflict("the object is another one now", path)

    def _plain_get(
        self, object_key: str, path: str, start: int, end: int | None, version: str | None
    ) -> tuple[StoredObject | None, Buffer]:
        self._identity.token()  # fails with an error of ours, where obstore would hide it
        try:
            with translated(path, self._store_name):
                result = get(self._store, object_key, Wanted(start, end, version))
                return (None, b"") if result is None else (_of_obstore(result), received(result, path))
        except UnreadableMetadata:
            return self._json_get(object_key, path, start, end, version)

    def _json_get(
        self, object_key: str, path: str, start: int, end: int | None, version: str | None
    ) -> tuple[StoredObject | None, Buffer]:
        """The range of one generation: first what there is, then its bytes."""
        for _ in range(_ATTEMPTS):
            found = self.head(object_key, path, version=version)
            if start >= found.size:
                return (found if start == 0 else None), b""
            last = found.size if end is None else min(end, found.size)
            # Gone since it was told of: replaced, or deleted, which the next look tells.
            with contextlib.suppress(NotFound):
                return found, self._media(object_key, path, found, start, last)
        raise Conflict("the file is replaced by others all the time", path)

    def _media(self, object_key: str, path: str, found: StoredObject, start: int, end: int) -> Buffer:
        answer = self._requests.send(
            "GET",
            self._requests.object(object_key),
            path,
            query={"alt": "media", "generation": found.version_id or ""},
            headers=_AS_STORED | {"Range": f"bytes={start}-{end - 1}"},
            most=end - start,
        )
        return answer.body


def _related(boundary: str, told: dict[str, Any], content_type: str, body: Buffer) -> bytes:
    """The body of a multipart upload: the resource, then the bytes."""
    head = (
        f"--{boundary}\r\nContent-Type: application/json; charset=UTF-8\r\n\r\n{json.dumps(told)}\r\n"
        f"--{boundary}\r\nContent-Type: {content_type}\r\n\r\n"
    )
    return b"".join((head.encode(), body, f"\r\n--{boundary}--\r\n".encode()))


def _of_obstore(result: Any) -> StoredObject:
    meta, attributes = result.meta, result.attributes
    headers = {name.lower(): value for name, value in attributes.items() if name.lower() in KEPT_HEADERS}
    metadata = {name.lower(): value for name, value in attributes.items() if name.lower() not in headers}
    return StoredObject(
        size=meta["size"],
        etag=etag_of(meta["version"] or ""),
        modified_ns=int(meta["last_modified"].timestamp()) * 1_000_000_000,
        metadata={name: value for name, value in metadata.items() if value},
        headers=headers,
        version_id=meta["version"],
    )


def _obstore(options: GcsOptions, identity: Identity) -> GCSStore:
    billed = {"x-goog-user-project": options.billed_project} if options.billed_project else {}
    return GCSStore(
        options.bucket,
        base_url=options.endpoint,
        **single_attempts(
            options.endpoint,
            options.timeout,
            _AS_STORED | billed,
            proxy=identity.proxy,
            authorities=identity.authorities,
        ),
        **identity.for_obstore(),
    )
