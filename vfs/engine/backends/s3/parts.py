"""Objects sent in parts: uploads that a caller fills, streams of any length, copies beyond one request."""

import errno
import re
import threading
from collections.abc import Mapping
from typing import Any

from vfs.engine.backend import Buffer, PartLimits
from vfs.engine.backends.fsspec_backend import error_of_status
from vfs.engine.backends.objects.stored import ALWAYS, Condition, NewObject, Stored, quoted
from vfs.engine.backends.s3.connection import Connection
from vfs.engine.backends.s3.stored import copy_source, known_version
from vfs.engine.errors import NotFound, StorageError

MIB = 1 << 20
SMALLEST_PART = 5 * MIB
LARGEST_PART = 5 << 30
MAX_PARTS = 10_000
LARGEST_OBJECT = 5 << 40
LARGEST_COPY = 5 << 30
"""What one copy request takes; more is copied in parts."""

_COPIED_PART = 512 * MIB
_ETAG = re.compile(r"<ETag>(?:&quot;|&#34;|\")?([^<&\"]+)")


def part_limits(preferred: int) -> PartLimits:
    return PartLimits(SMALLEST_PART, preferred, LARGEST_PART, MAX_PARTS)


class ObjectUpload:
    """One object on its way in parts, by object key; errors name `path`. Thread-safe."""

    def __init__(self, connection: Connection, object_key: str, path: str, new: NewObject) -> None:
        self._connection = connection
        self._object_key = object_key
        self._path = path
        self._new = new
        # What the store does on its own side takes as long as the object is big.
        self._long_timeout = connection.options.long_timeout
        self._lock = threading.Lock()
        self._parts: dict[int, tuple[str, int]] = {}
        self._id: str = connection.calls.call(
            "create_multipart_upload",
            path,
            Key=object_key,
            Metadata=dict(new.metadata),
            **_as_arguments(new.headers),
        )["UploadId"]

    @property
    def size(self) -> int:
        """The bytes of all parts so far."""
        with self._lock:
            return sum(size for _, size in self._parts.values())

    def put(self, number: int, data: Buffer) -> None:
        """Send a part."""
        self._check(number)
        answer = self._send(number, {}, data)
        self._took(number, quoted(answer.headers.get("ETag", "")), len(data))

    def copy(
        self,
        number: int,
        source: str,
        start: int,
        end: int,
        *,
        if_match: str | None = None,
        version: str | None = None,
        bucket: str | None = None,
    ) -> None:
        """Take a part from an object, of this bucket unless told. Raises Conflict unless its ETag matches."""
        self._check(number)
        headers = {
            "x-amz-copy-source": copy_source(bucket or self._connection.options.bucket, source, version),
            "x-amz-copy-source-range": f"bytes={start}-{end - 1}",
        }
        if if_match is not None:
            headers["x-amz-copy-source-if-match"] = if_match
        text = self._send(number, headers, b"", self._long_timeout).body.decode("utf-8", "replace")
        found = _ETAG.search(text)
        if found is None:
            raise error_of_status(500, "InternalError", self._path, self._connection.options.store_name)
        self._took(number, quoted(found[1]), end - start)

    def complete(self, condition: Condition = ALWAYS) -> Stored:
        """Publish. Raises Conflict unless the condition holds; the upload can be aborted then."""
        with self._lock:
            parts = [{"PartNumber": number, "ETag": self._parts[number][0]} for number in sorted(self._parts)]
        if not parts:
            self.abort()
            return self._connection.objects.put(self._object_key, self._path, b"", self._new, condition)
        answer = self._connection.calls.call(
            "complete_multipart_upload",
            self._path,
            timeout=self._long_timeout,
            settle=self._settle,
            Key=self._object_key,
            UploadId=self._id,
            MultipartUpload={"Parts": parts},
            **_as_condition(condition),
        )
        return Stored(quoted(answer["ETag"]), known_version(answer.get("VersionId")))

    def abort(self) -> None:
        """Forget the parts; an upload already gone is no error."""
        try:
            self._connection.calls.call(
                "abort_multipart_upload", self._path, Key=self._object_key, UploadId=self._id
            )
        except NotFound:
            return

    def _settle(self, error: StorageError) -> dict[str, Any]:
        """After a lost reply: what stands there may be this upload."""
        stored = self._connection.objects.settle(error, self._object_key, self._path, self._new, self.size)
        return {"ETag": stored.etag, "VersionId": stored.version_id}

    def _send(
        self, number: int, headers: Mapping[str, str], data: Buffer, timeout: float | None = None
    ) -> Any:
        return self._connection.retrying.run(
            lambda: self._connection.signed.send(
                "PUT",
                self._object_key,
                query={"partNumber": number, "uploadId": self._id},
                headers=headers,
                body=data,
                path=self._path,
                timeout=timeout,
            )
        )

    def _check(self, number: int) -> None:
        if not 1 <= number <= MAX_PARTS:
            raise StorageError(
                f"S3 takes {MAX_PARTS} parts; set a bigger `part_size`", self._path, errno=errno.EFBIG
            )

    def _took(self, number: int, etag: str, size: int) -> None:
        with self._lock:
            self._parts[number] = (etag, size)


def copy_in_parts(
    connection: Connection,
    source: str,
    target: str,
    path: str,
    size: int,
    etag: str,
    new: NewObject,
    condition: Condition = ALWAYS,
    source_version: str | None = None,
    source_bucket: str | None = None,
) -> Stored:
    """Copy an object too big for one copy request; its ETag pins it until the last part is taken."""
    upload = ObjectUpload(connection, target, path, new)
    try:
        spans = [(start, min(size, start + _COPIED_PART)) for start in range(0, size, _COPIED_PART)]
        taken = connection.threads.map(
            lambda part: upload.copy(
                part[0], source, *part[1], if_match=etag, version=source_version, bucket=source_bucket
            ),
            enumerate(spans, 1),
        )
        for _ in taken:
            pass
        return upload.complete(condition)
    except BaseException:
        upload.abort()
        raise


def _as_arguments(headers: Mapping[str, str]) -> dict[str, Any]:
    """Headers as botocore names them: `content-type` is `ContentType`."""
    return {name.title().replace("-", ""): value for name, value in headers.items()}


def _as_condition(condition: Condition) -> dict[str, Any]:
    return {name.replace("-", ""): value for name, value in condition.headers().items()}
