"""Objects of one bucket: head, get, put, copy, delete, each tried again while that may help.

All of it by signed requests: whatever names have in them, one client, with one way to the store.
"""

import hashlib
import re

from vfs.engine.backend import Buffer
from vfs.engine.backends.objects.answers import Answer
from vfs.engine.backends.objects.refusals import error_code_in, error_of_status
from vfs.engine.backends.objects.retrying import Retrying
from vfs.engine.backends.objects.settling import settled
from vfs.engine.backends.objects.stored import (
    ALWAYS,
    Condition,
    NewObject,
    Stored,
    StoredObject,
    Wanted,
    quoted,
)
from vfs.engine.backends.s3.options import S3Options
from vfs.engine.backends.s3.signed import SignedRequests
from vfs.engine.backends.s3.stored import (
    copy_source,
    known_version,
    of_headers,
    request_headers,
)
from vfs.engine.errors import NotFound, StorageError

_COPY_ETAG = re.compile(r"<ETag>(?:&quot;|&#34;|\")?([^<&\"]+)(?:&quot;|&#34;|\")?</ETag>")


class BucketObjects:
    """One bucket by object key. Every method blocks, is thread-safe, and names `path` in its errors."""

    def __init__(self, options: S3Options, signed: SignedRequests, retrying: Retrying) -> None:
        self._signed = signed
        self._retrying = retrying
        self._bucket = options.bucket
        self._copy_timeout = options.long_timeout
        self._store_name = options.store_name

    def head(self, object_key: str, path: str, *, version: str | None = None) -> StoredObject:
        """Everything but the bytes. Raises NotFound."""
        query = {"versionId": version} if version is not None else {}

        def once() -> StoredObject:
            return of_headers(self._signed.send("HEAD", object_key, query=query, path=path).headers)

        return self._retrying.run(once)

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

        None and no bytes when the range begins past the end of the object.
        """
        wanted = Wanted(start, end, version, if_match)
        return self._retrying.run(lambda: self._get(object_key, path, wanted))

    def put(
        self, object_key: str, path: str, body: Buffer, new: NewObject, condition: Condition = ALWAYS
    ) -> Stored:
        """Store a whole object. Raises Conflict unless the condition holds."""

        def once() -> Stored:
            headers = {**request_headers(new), **condition.headers()}
            answer = self._signed.send("PUT", object_key, headers=headers, body=body, path=path)
            return Stored(quoted(answer.headers.get("etag", "")), _version_in(answer))

        def settle(error: StorageError) -> Stored:
            md5 = hashlib.md5(body, usedforsecurity=False).hexdigest()
            return self.settle(error, object_key, path, new, len(body), md5)

        return self._retrying.run(once, settle=settle)

    def settle(
        self,
        error: StorageError,
        object_key: str,
        path: str,
        new: NewObject,
        size: int,
        md5: str | None = None,
    ) -> Stored:
        """Find out whether a write whose reply was lost did happen; see `settled`. `md5` is of its bytes."""

        def look() -> tuple[StoredObject, bool]:
            found = self.head(object_key, path)
            return found, found.etag.strip('"') == md5

        return settled(error, look, new, size)

    def copy(
        self,
        source: str,
        target: str,
        path: str,
        *,
        condition: Condition = ALWAYS,
        source_bucket: str | None = None,
        source_etag: str | None = None,
        source_version: str | None = None,
        new: NewObject | None = None,
    ) -> Stored:
        """Copy inside the store, up to 5 GiB; with `new`, the copy gets metadata of its own."""
        bucket = source_bucket or self._bucket
        headers = {
            "x-amz-copy-source": copy_source(bucket, source, source_version),
            **condition.headers(),
        }
        if source_etag is not None:
            headers["x-amz-copy-source-if-match"] = source_etag
        if new is not None:
            headers |= {"x-amz-metadata-directive": "REPLACE", **request_headers(new)}

        def once() -> Stored:
            # The store answers when the last byte is copied, up to 5 GiB of them.
            answer = self._signed.send("PUT", target, headers=headers, path=path, timeout=self._copy_timeout)
            return Stored(self._copied_etag(answer, path), _version_in(answer))

        def settle(error: StorageError) -> Stored:
            made = self.head(target, path)
            if bucket != self._bucket:
                if source_etag is not None and made.etag == source_etag:
                    return Stored(made.etag, made.version_id)
                raise error
            original = self.head(source, path, version=source_version)
            if source != target and (made.etag, made.metadata) == (original.etag, original.metadata):
                return Stored(made.etag, made.version_id)
            raise error

        return self._retrying.run(once, settle=settle)

    def delete(
        self, object_key: str, path: str, *, if_match: str | None = None, version: str | None = None
    ) -> None:
        """Delete; what is not there is no error. Raises Conflict for another ETag, if the store can tell."""
        headers = {"If-Match": if_match} if if_match is not None else {}
        query = {"versionId": version} if version is not None else {}

        def once() -> None:
            self._signed.send("DELETE", object_key, headers=headers, query=query, path=path)

        def settle(error: StorageError) -> None:
            if version is None and self._is_there(object_key, path):
                raise error

        self._retrying.run(once, settle=settle)

    def _is_there(self, object_key: str, path: str) -> bool:
        try:
            self.head(object_key, path)
        except NotFound:
            return False
        return True

    def _get(self, object_key: str, path: str, wanted: Wanted) -> tuple[StoredObject | None, Buffer]:
        headers = {"If-Match": wanted.if_match} if wanted.if_match is not None else {}
        if wanted.range_header is not None:
            headers["Range"] = wanted.range_header
        query = {"versionId": wanted.version} if wanted.version is not None else {}
        answer = self._signed.send(
            "GET", object_key, headers=headers, query=query, path=path, accept=416, most=wanted.most
        )
        if answer.status == 416:
            return None, b""
        if wanted.start and answer.status != 206:
            raise StorageError(f"{self._store_name} gives no parts of objects", path)
        return of_headers(answer.headers), answer.body

    def _copied_etag(self, answer: Answer, path: str) -> str:
        """The new ETag. A copy may fail after its 200 was sent: then the body is an error."""
        text = answer.text
        found = _COPY_ETAG.search(text)
        if found is None:
            raise error_of_status(500, error_code_in(text) or "InternalError", path, self._store_name)
        return quoted(found[1])


def _version_in(answer: Answer) -> str | None:
    return known_version(answer.headers.get("x-amz-version-id"))
