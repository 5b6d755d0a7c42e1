"""Objects of one bucket: head, get, put, copy, delete, each tried again while that may help.

obstore carries what it can say: ordinary keys, and bytes. Markers (`folder/`), names with control characters
and the calls it has no word for go as signed requests.
"""

import datetime
import hashlib
import re
from collections.abc import Callable
from typing import Any, TypeVar
from urllib.parse import urlsplit

import obstore
from obstore.exceptions import GenericError
from obstore.store import S3Store

from vfs.engine.backend import Buffer
from vfs.engine.backends.fsspec_backend import error_code_in, error_of_status, status_of, translated
from vfs.engine.backends.objects.exchange import Answer
from vfs.engine.backends.objects.keys import is_plain
from vfs.engine.backends.objects.retrying import Retrying
from vfs.engine.backends.objects.stored import ALWAYS, Condition, NewObject, Stored, StoredObject, quoted
from vfs.engine.backends.s3.identity import Identity
from vfs.engine.backends.s3.options import S3Options
from vfs.engine.backends.s3.signed import SignedRequests
from vfs.engine.backends.s3.stored import (
    condition_headers,
    copy_source,
    known_version,
    obstore_attributes,
    obstore_mode,
    of_headers,
    of_obstore,
    request_headers,
)
from vfs.engine.errors import Conflict, NotFound, StorageError

ResultT = TypeVar("ResultT")

_COPY_ETAG = re.compile(r"<ETag>(?:&quot;|&#34;|\")?([^<&\"]+)(?:&quot;|&#34;|\")?</ETag>")


class BucketObjects:
    """One bucket by object key. Every method blocks, is thread-safe, and names `path` in its errors."""

    def __init__(
        self, options: S3Options, identity: Identity, signed: SignedRequests, retrying: Retrying
    ) -> None:
        self._signed = signed
        self._retrying = retrying
        self._bucket = options.bucket
        self._copy_timeout = max(options.timeout, options.deadline)
        self._store_name = options.store_name
        self.store = _obstore(options, identity)

    def head(self, object_key: str, path: str, *, version: str | None = None) -> StoredObject:
        """Everything but the bytes. Raises NotFound."""
        if not is_plain(object_key):
            return self._run(lambda: self._signed_head(object_key, path, version))
        options: dict[str, Any] = {"head": True}
        if version is not None:
            options["version"] = version
        found = self._run(lambda: self._plain_get(object_key, path, options)[0])
        assert found is not None, "only a range can begin past the end"
        return found

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
        if not is_plain(object_key):
            return self._run(lambda: self._signed_get(object_key, path, start, end, version, if_match))
        options: dict[str, Any] = {}
        if end is not None:
            options["range"] = (start, end)
        elif start:
            options["range"] = {"offset": start}
        if if_match is not None:
            options["if_match"] = if_match
        if version is not None:
            options["version"] = version
        return self._run(lambda: self._plain_get(object_key, path, options))

    def put(
        self, object_key: str, path: str, body: Buffer, new: NewObject, condition: Condition = ALWAYS
    ) -> Stored:
        """Store a whole object. Raises Conflict unless the condition holds."""

        def once() -> Stored:
            if is_plain(object_key):
                return self._plain_put(object_key, path, body, new, condition)
            headers = {**request_headers(new), **condition_headers(condition)}
            answer = self._signed.send("PUT", object_key, headers=headers, body=body, path=path)
            return Stored(quoted(answer.headers.get("ETag", "")), _version_in(answer))

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
        """After a lost reply, a write may fail because it happened: what is there may be ours.

        Ours is what has our metadata, which holds the moment of writing in nanoseconds, or else our bytes.
        """
        if not isinstance(error, Conflict | NotFound):
            raise error
        try:
            found = self.head(object_key, path)
        except NotFound:
            raise error from None
        same_metadata = dict(found.metadata) == dict(new.metadata)
        told_apart = "mtime" in new.metadata or found.etag.strip('"') == md5
        if found.size == size and same_metadata and told_apart:
            return Stored(found.etag, found.version_id)
        raise error

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
            **condition_headers(condition),
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
            self._run(lambda: self._plain_delete(object_key, path))
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

    def _run(self, act: Callable[[], ResultT]) -> ResultT:
        return self._retrying.run(act)

    def _plain_get(
        self, object_key: str, path: str, options: dict[str, Any]
    ) -> tuple[StoredObject | None, Buffer]:
        with translated(path, self._store_name):
            try:
                result = obstore.get(self.store, object_key, options=options)  # type: ignore[arg-type]
                body = b"" if options.get("head") else memoryview(result.bytes())
                return of_obstore(result), body
            except GenericError as error:
                if status_of(error) == 416:
                    return None, b""
                if "contained non UTF-8" not in str(error):
                    raise
        return self._read_foreign(object_key, path, options)

    def _read_foreign(
        self, object_key: str, path: str, options: dict[str, Any]
    ) -> tuple[StoredObject | None, Buffer]:
        """Somebody else's object with metadata that obstore cannot read."""
        version, if_match = options.get("version"), options.get("if_match")
        if options.get("head"):
            return self._signed_head(object_key, path, version), b""
        span = options.get("range", (0, None))
        start, end = (span["offset"], None) if isinstance(span, dict) else span
        return self._signed_get(object_key, path, start, end, version, if_match)

    def _plain_put(
        self, object_key: str, path: str, body: Buffer, new: NewObject, condition: Condition
    ) -> Stored:
        with translated(path, self._store_name):
            result = obstore.put(
                self.store,
                object_key,
                body,
                attributes=obstore_attributes(new),
                mode=obstore_mode(condition),
                use_multipart=False,
            )
        return Stored(quoted(result["e_tag"] or ""), known_version(result["version"]))

    def _plain_delete(self, object_key: str, path: str) -> None:
        with translated(path, self._store_name):
            obstore.delete(self.store, object_key)

    def _signed_head(self, object_key: str, path: str, version: str | None) -> StoredObject:
        query = {"versionId": version} if version is not None else {}
        return of_headers(self._signed.send("HEAD", object_key, query=query, path=path).headers)

    def _signed_get(
        self,
        object_key: str,
        path: str,
        start: int,
        end: int | None,
        version: str | None,
        if_match: str | None,
    ) -> tuple[StoredObject | None, Buffer]:
        headers = {"If-Match": if_match} if if_match is not None else {}
        if start or end is not None:
            headers["Range"] = f"bytes={start}-{'' if end is None else end - 1}"
        query = {"versionId": version} if version is not None else {}
        answer = self._signed.send("GET", object_key, headers=headers, query=query, path=path, accept=416)
        if answer.status == 416:
            return None, b""
        return of_headers(answer.headers), answer.body

    def _copied_etag(self, answer: Answer, path: str) -> str:
        """The new ETag. A copy may fail after its 200 was sent: then the body is an error."""
        text = answer.body.decode("utf-8", "replace")
        found = _COPY_ETAG.search(text)
        if found is None:
            raise error_of_status(500, error_code_in(text) or "InternalError", path, self._store_name)
        return quoted(found[1])


def _version_in(answer: Answer) -> str | None:
    return known_version(answer.headers.get("x-amz-version-id"))


def _obstore(options: S3Options, identity: Identity) -> S3Store:
    """One attempt a call: trying again is ours to decide."""
    endpoint = identity.endpoint
    if not options.path_style:
        parts = urlsplit(endpoint)
        endpoint = parts._replace(netloc=f"{options.bucket}.{parts.netloc}").geturl()
    timeout = datetime.timedelta(seconds=options.timeout)
    return S3Store(
        options.bucket,
        endpoint=endpoint,
        virtual_hosted_style_request=not options.path_style,
        disable_bulk_delete=True,
        client_options={
            "allow_http": endpoint.startswith("http:"),
            "timeout": timeout,
            "connect_timeout": timeout,
        },
        retry_config={"max_retries": 0, "retry_timeout": timeout},
        **identity.for_obstore(),
    )
