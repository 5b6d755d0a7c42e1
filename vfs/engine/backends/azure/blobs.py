"""Single blobs of one container: head, get, put, copy, delete, each tried again while that may help.

obstore carries what it can say: ordinary names, and bytes. Names with control characters and the calls it has
no word for go as signed requests.
"""

import base64
import hashlib
import threading
import time
from collections.abc import Mapping

import obstore
from obstore.store import AzureStore

from vfs.engine.backend import Buffer
from vfs.engine.backends.azure.errors import azure_errors
from vfs.engine.backends.azure.identity import Identity
from vfs.engine.backends.azure.options import AzureOptions
from vfs.engine.backends.azure.signed import SignedRequests
from vfs.engine.backends.azure.stored import (
    metadata_headers,
    obstore_attributes,
    of_headers,
    of_obstore,
    request_headers,
)
from vfs.engine.backends.objects.answers import Answer
from vfs.engine.backends.objects.keys import is_plain
from vfs.engine.backends.objects.obstores import UnreadableMetadata, get, mode_of, received, single_attempts
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
from vfs.engine.errors import Conflict, NotFound, StorageError

_COPY_PAUSE = 0.2


class Blobs:
    """One container by blob name. Every method blocks, is thread-safe, and names `path` in its errors."""

    def __init__(
        self, options: AzureOptions, identity: Identity, signed: SignedRequests, retrying: Retrying
    ) -> None:
        self._signed = signed
        self._retrying = retrying
        self._long_timeout = options.long_timeout
        self._store_name = identity.store_name
        self._store = _obstore(options, identity)
        self._closed = threading.Event()

    def close(self) -> None:
        """Let nobody wait for a copy."""
        self._closed.set()

    def head(
        self, blob: str, path: str, *, version: str | None = None, container: str | None = None
    ) -> StoredObject:
        """Everything but the bytes, of this container unless told. Raises NotFound."""
        query = {"versionid": version} if version is not None else {}
        answer = self._retrying.run(
            lambda: self._signed.send("HEAD", blob, query=query, path=path, container=container)
        )
        return of_headers(answer.headers)

    def get(
        self,
        blob: str,
        path: str,
        start: int = 0,
        end: int | None = None,
        *,
        version: str | None = None,
        if_match: str | None = None,
    ) -> tuple[StoredObject | None, Buffer]:
        """Bytes of a range, `end` after `start`, with what the store says of the blob.

        None and no bytes when the range begins at or past the end of the blob.
        """
        wanted = Wanted(start, end, version, if_match)
        once = self._plain_get if is_plain(blob) else self._signed_get
        return self._retrying.run(lambda: once(blob, path, wanted))

    def put(
        self, blob: str, path: str, body: Buffer, new: NewObject, condition: Condition = ALWAYS
    ) -> Stored:
        """Store a whole blob. Raises Conflict unless the condition holds."""

        def once() -> Stored:
            if is_plain(blob):
                return self._plain_put(blob, path, body, new, condition)
            headers = {
                "x-ms-blob-type": "BlockBlob",
                **request_headers(new),
                **condition.headers(),
            }
            return stored_by(self._signed.send("PUT", blob, headers=headers, body=body, path=path))

        def settle(error: StorageError) -> Stored:
            md5 = hashlib.md5(body, usedforsecurity=False).digest()
            return self.settle(error, blob, path, new, len(body), base64.b64encode(md5).decode("ascii"))

        return self._retrying.run(once, settle=settle)

    def settle(
        self, error: StorageError, blob: str, path: str, new: NewObject, size: int, md5: str | None = None
    ) -> Stored:
        """Find out whether a write whose reply was lost did happen; see `settled`. `md5` is in base64."""

        def look() -> tuple[StoredObject, bool]:
            headers = self._retrying.run(lambda: self._signed.send("HEAD", blob, path=path)).headers
            return of_headers(headers), md5 is not None and headers.get("content-md5") == md5

        return settled(error, look, new, size)

    def copy(
        self,
        source: str,
        target: str,
        path: str,
        *,
        condition: Condition = ALWAYS,
        source_version: str | None = None,
        source_etag: str | None = None,
        source_container: str | None = None,
    ) -> Stored:
        """Copy inside the account, metadata included; waits for the store where it takes its time."""
        url = self._signed.url_of(source, version=source_version, container=source_container)
        headers = {"x-ms-copy-source": url, **condition.headers()}
        if source_etag is not None:
            headers["x-ms-source-if-match"] = source_etag

        def once() -> Stored:
            answer = self._signed.send("PUT", target, headers=headers, path=path, timeout=self._long_timeout)
            if answer.headers.get("x-ms-copy-status") == "pending":
                return self._wait_until_copied(target, path, answer.headers.get("x-ms-copy-id", ""))
            return stored_by(answer)

        def settle(error: StorageError) -> Stored:
            made = self.head(target, path)
            original = self.head(source, path, version=source_version, container=source_container)
            is_itself = made.etag == original.etag
            if not is_itself and "mtime" in made.metadata and made.metadata == original.metadata:
                return Stored(made.etag, made.version_id)
            raise error

        return self._retrying.run(once, settle=settle)

    def _wait_until_copied(self, target: str, path: str, copy_id: str) -> Stored:
        until = time.monotonic() + self._long_timeout
        while True:
            answer = self._signed.send("HEAD", target, path=path)
            if answer.headers.get("x-ms-copy-id") != copy_id:
                raise Conflict("somebody else wrote the target of a copy", path)
            status = answer.headers.get("x-ms-copy-status")
            if status == "success":
                return stored_by(answer)
            if status != "pending":
                raise StorageError(f"{self._store_name} gave up a copy ({status})", path)
            if time.monotonic() > until or self._closed.wait(_COPY_PAUSE):
                self._abort_copy(target, path, copy_id)
                raise StorageError(f"{self._store_name} takes too long for a copy", path)

    def _abort_copy(self, target: str, path: str, copy_id: str) -> None:
        query = {"comp": "copy", "copyid": copy_id}
        self._signed.send("PUT", target, query=query, headers={"x-ms-copy-action": "abort"}, path=path)

    def change_metadata(self, blob: str, path: str, metadata: Mapping[str, str], etag: str) -> Stored:
        """Replace all metadata of a blob. Raises Conflict unless its ETag matches."""
        headers = {"if-match": etag, **metadata_headers(metadata)}

        def once() -> Stored:
            return stored_by(
                self._signed.send("PUT", blob, query={"comp": "metadata"}, headers=headers, path=path)
            )

        def settle(error: StorageError) -> Stored:
            found = self.head(blob, path)
            if dict(found.metadata) == dict(metadata):
                return Stored(found.etag, found.version_id)
            raise error

        return self._retrying.run(once, settle=settle)

    def delete(
        self, blob: str, path: str, *, if_match: str | None = None, version: str | None = None
    ) -> None:
        """Delete. Raises NotFound, Conflict for another ETag."""
        headers = {"if-match": if_match} if if_match is not None else {}
        query = {"versionid": version} if version is not None else {}

        def once() -> None:
            self._signed.send("DELETE", blob, headers=headers, query=query, path=path)

        def settle(error: StorageError) -> None:
            if not isinstance(error, NotFound) and self._is_there(blob, path):
                raise error

        self._retrying.run(once, settle=settle)

    def _is_there(self, blob: str, path: str) -> bool:
        try:
            self.head(blob, path)
        except NotFound:
            return False
        return True

    def delete_many(self, blobs: list[str], path: str) -> None:
        """Delete plain names in one request. Raises NotFound where one was not there; the others went."""

        def once() -> None:
            with azure_errors(path, self._store_name):
                obstore.delete(self._store, blobs)

        self._retrying.run(once)

    def _plain_get(self, blob: str, path: str, wanted: Wanted) -> tuple[StoredObject | None, Buffer]:
        try:
            with azure_errors(path, self._store_name):
                result = get(self._store, blob, wanted)
                return (None, b"") if result is None else (of_obstore(result), received(result, path))
        except UnreadableMetadata:
            return self._signed_get(blob, path, wanted)

    def _signed_get(self, blob: str, path: str, wanted: Wanted) -> tuple[StoredObject | None, Buffer]:
        headers = {"if-match": wanted.if_match} if wanted.if_match is not None else {}
        if wanted.range_header is not None:
            headers["x-ms-range"] = wanted.range_header
        query = {"versionid": wanted.version} if wanted.version is not None else {}
        answer = self._signed.send(
            "GET", blob, headers=headers, query=query, path=path, accept=416, most=wanted.most
        )
        if answer.status == 416:
            return None, b""
        return of_headers(answer.headers), answer.body

    def _plain_put(self, blob: str, path: str, body: Buffer, new: NewObject, condition: Condition) -> Stored:
        with azure_errors(path, self._store_name):
            result = obstore.put(
                self._store,
                blob,
                body,
                attributes=obstore_attributes(new),
                mode=mode_of(condition),
                use_multipart=False,
            )
        return Stored(quoted(result["e_tag"] or ""), result["version"])


def stored_by(answer: Answer) -> Stored:
    """What the store says of a blob that it has just taken."""
    return Stored(quoted(answer.headers.get("etag", "")), answer.headers.get("x-ms-version-id"))


def _obstore(options: AzureOptions, identity: Identity) -> AzureStore:
    endpoint = identity.account.endpoint
    return AzureStore(
        options.container,
        endpoint=endpoint,
        **single_attempts(endpoint, options.timeout, proxy=identity.proxy, authorities=identity.authorities),
        **identity.for_obstore(),
    )
