"""Objects of one bucket: head, get, put, copy, delete, each tried again while that may help.

Signed requests carry what is read, and whatever obstore has no word for: markers (`folder/`), names with
control characters, copies. obstore writes and deletes.
"""

import hashlib
import re
from urllib.parse import urlsplit

import obstore
from obstore.store import S3Store

from vfs.engine.backend import Buffer
from vfs.engine.backends.fsspec_backend import error_code_in, error_of_status, translated
from vfs.engine.backends.objects.exchange import Answer
from vfs.engine.backends.objects.keys import is_plain
from vfs.engine.backends.objects.obstores import Wanted, mode_of, single_attempts
from vfs.engine.backends.objects.retrying import Retrying
from vfs.engine.backends.objects.settling import settled
from vfs.engine.backends.objects.stored import ALWAYS, Condition, NewObject, Stored, StoredObject, quoted
from vfs.engine.backends.s3.identity import Identity
from vfs.engine.backends.s3.options import S3Options
from vfs.engine.backends.s3.signed import SignedRequests
from vfs.engine.backends.s3.stored import (
    copy_source,
    known_version,
    obstore_attributes,
    of_headers,
    request_headers,
)
from vfs.engine.errors import NotFound, StorageError

_COPY_ETAG = re.compile(r"<ETag>(?:&quot;|&#34;|\")?([^<&\"]+)(?:&quot;|&#34;|\")?</ETag>")


class BucketObjects:
    """One bucket by object key. Every method blocks, is thread-safe, and names `path` in its errors."""

    def __init__(
        self, options: S3Options, identity: Identity, signed: SignedRequests, retrying: Retrying
    ) -> None:
        self._signed = signed
        self._retrying = retrying
        self._bucket = options.bucket
        self._copy_timeout = options.long_timeout
        self._store_name = options.store_name
        self.store = _obstore(options, identity)

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
            if is_plain(object_key):
                return self._plain_put(object_key, path, body, new, condition)
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
        if is_plain(object_key) and if_match is None and version is None:
            self._retrying.run(lambda: self._plain_delete(object_key, path))
            return
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

    def _plain_put(
        self, object_key: str, path: str, body: Buffer, new: NewObject, condition: Condition
    ) -> Stored:
        with translated(path, self._store_name):
            result = obstore.put(
                self.store,
                object_key,
                body,
                attributes=obstore_attributes(new),
                mode=mode_of(condition),
                use_multipart=False,
            )
        return Stored(quoted(result["e_tag"] or ""), known_version(result["version"]))

    def _plain_delete(self, object_key: str, path: str) -> None:
        with translated(path, self._store_name):
            obstore.delete(self.store, object_key)

    def _get(self, object_key: str, path: str, wanted: Wanted) -> tuple[StoredObject | None, Buffer]:
        headers = {"If-Match": wanted.if_match} if wanted.if_match is not None else {}
        if wanted.range_header is not None:
            headers["Range"] = wanted.range_header
        query = {"versionId": wanted.version} if wanted.version is not None else {}
        answer = self._signed.send("GET", object_key, headers=headers, query=query, path=path, accept=416)
        if answer.status == 416:
            return None, b""
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


def _obstore(options: S3Options, identity: Identity) -> S3Store:
    endpoint = identity.endpoint
    if not options.path_style:
        parts = urlsplit(endpoint)
        endpoint = parts._replace(netloc=f"{options.bucket}.{parts.netloc}").geturl()
    return S3Store(
        options.bucket,
        endpoint=endpoint,
        virtual_hosted_style_request=not options.path_style,
        disable_bulk_delete=True,
        **single_attempts(endpoint, options.timeout),
        **identity.for_obstore(),
    )
