"""Single blobs of one container: head, get, put, copy, delete, each tried again while that may help.

obstore carries what it can say: ordinary names, and bytes. Names with control characters and the calls it has
no word for go as signed requests.
"""

import base64
import datetime
import hashlib
import threading
import time
from collections.abc import Mapping
from typing import Any

import obstore
from obstore.exceptions import GenericError
from obstore.store import AzureStore

from vfs.engine.backend import Buffer
from vfs.engine.backends.azure.errors import azure_errors
from vfs.engine.backends.azure.identity import Identity
from vfs.engine.backends.azure.options import AzureOptions
from vfs.engine.backends.azure.signed import SignedRequests
from vfs.engine.backends.azure.stored import (
    condition_headers,
    metadata_headers,
    obstore_attributes,
    obstore_mode,
    of_headers,
    of_obstore,
    request_headers,
)
from vfs.engine.backends.fsspec_backend import status_of
from vfs.engine.backends.objects.exchange import Answer
from vfs.engine.backends.objects.keys import is_plain
from vfs.engine.backends.objects.retrying import Retrying
from vfs.engine.backends.objects.stored import (
    ALWAYS,
    Condition,
    NewObject,
    Stored,
    StoredObject,
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
        self._long_timeout = max(options.timeout, options.deadline)
        self._store_name = identity.store_name
        self._store = _obstore(options, identity)
        self._closed = threading.Event()

    def close(self) -> None:
        """Let nobody wait for a copy."""
        self._closed.set()

    def head(self, blob: str, path: str, *, version: str | None = None) -> StoredObject:
        """Everything but the bytes. Raises NotFound."""
        query = {"versionid": version} if version is not None else {}
        answer = self._retrying.run(lambda: self._signed.send("HEAD", blob, query=query, path=path))
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
        if not is_plain(blob):
            return self._retrying.run(lambda: self._signed_get(blob, path, start, end, version, if_match))
        options: dict[str, Any] = {}
        if end is not None:
            options["range"] = (start, end)
        elif start:
            options["range"] = {"offset": start}
        if if_match is not None:
            options["if_match"] = if_match
        if version is not None:
            options["version"] = version
        return self._retrying.run(lambda: self._plain_get(blob, path, options))

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
                **condition_headers(condition),
            }
            return stored_by(self._signed.send("PUT", blob, headers=headers, body=body, path=path))

        def settle(error: StorageError) -> Stored:
            md5 = hashlib.md5(body, usedforsecurity=False).digest()
            return self.settle(error, blob, path, new, len(body), base64.b64encode(md5).decode("ascii"))

        return self._retrying.run(once, settle=settle)

    def settle(
        self, error: StorageError, blob: str, path: str, new: NewObject, size: int, md5: str | None = None
    ) -> Stored:
        """After a lost reply, a write may fail because it happened: what is there may be ours.

        Ours is what has our metadata, which hold the moment of writing in nanoseconds, or else our bytes.
        """
        if not isinstance(error, Conflict | NotFound):
            raise error
        try:
            headers = self._retrying.run(lambda: self._signed.send("HEAD", blob, path=path)).headers
        except NotFound:
            raise error from None
        found = of_headers(headers)
        told_apart = "mtime" in new.metadata or (md5 is not None and headers.get("content-md5") == md5)
        if found.size == size and dict(found.metadata) == dict(new.metadata) and told_apart:
            return Stored(found.etag, found.version_id)
        raise error

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
        headers = {"x-ms-copy-source": url, **condition_headers(condition)}
        if source_etag is not None:
            headers["x-ms-source-if-match"] = source_etag

        def once() -> Stored:
            answer = self._signed.send("PUT", target, headers=headers, path=path, timeout=self._long_timeout)
            if answer.headers.get("x-ms-copy-status") == "pending":
                return self._wait_until_copied(target, path, answer.headers.get("x-ms-copy-id", ""))
            return stored_by(answer)

        def settle(error: StorageError) -> Stored:
            if source_container is not None:
                raise error
            made = self.head(target, path)
            original = self.head(source, path, version=source_version)
            if source != target and "mtime" in made.metadata and made.metadata == original.metadata:
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

    def _plain_get(self, blob: str, path: str, options: dict[str, Any]) -> tuple[StoredObject | None, Buffer]:
        with azure_errors(path, self._store_name):
            try:
                result = obstore.get(self._store, blob, options=options)  # type: ignore[arg-type]
                return of_obstore(result), memoryview(result.bytes())
            except GenericError as error:
                if status_of(error) == 416 or "InvalidRangeRequest" in str(error):
                    return None, b""
                if "contained non UTF-8" not in str(error):
                    raise
        span = options.get("range", (0, None))
        start, end = (span["offset"], None) if isinstance(span, dict) else span
        return self._signed_get(blob, path, start, end, options.get("version"), options.get("if_match"))

    def _signed_get(
        self,
        blob: str,
        path: str,
        start: int,
        end: int | None,
        version: str | None,
        if_match: str | None,
    ) -> tuple[StoredObject | None, Buffer]:
        headers = {"if-match": if_match} if if_match is not None else {}
        if start or end is not None:
            headers["x-ms-range"] = f"bytes={start}-{'' if end is None else end - 1}"
        query = {"versionid": version} if version is not None else {}
        answer = self._signed.send("GET", blob, headers=headers, query=query, path=path, accept=416)
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
                mode=obstore_mode(condition),
                use_multipart=False,
            )
        return Stored(quoted(result["e_tag"] or ""), result["version"])


def stored_by(answer: Answer) -> Stored:
    """What the store says of a blob that it has just taken."""
    return Stored(quoted(answer.headers.get("etag", "")), answer.headers.get("x-ms-version-id"))


def _obstore(options: AzureOptions, identity: Identity) -> AzureStore:
    """One attempt a call: trying again is ours to decide."""
    endpoint = identity.account.endpoint
    timeout = datetime.timedelta(seconds=options.timeout)
    return AzureStore(
        options.container,
        endpoint=endpoint,
        client_options={
            "allow_http": endpoint.startswith("http:"),
            "timeout": timeout,
            "connect_timeout": timeout,
        },
        retry_config={"max_retries": 0, "retry_timeout": timeout},
        **identity.for_obstore(),
    )
