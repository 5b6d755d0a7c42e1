"""Objects sent in parts: uploads that a caller fills, streams of any length, copies beyond one request."""

import errno
import re
import threading
from collections.abc import Iterable, Mapping
from xml.sax.saxutils import escape, unescape

from vfs.engine.backend import Buffer, PartLimits
from vfs.engine.backends.objects.answers import Answer
from vfs.engine.backends.objects.refusals import error_code_in, error_of_status
from vfs.engine.backends.objects.stored import ALWAYS, Condition, NewObject, Stored, quoted
from vfs.engine.backends.s3.connection import Connection
from vfs.engine.backends.s3.stored import copy_source, known_version, request_headers
from vfs.engine.errors import NotFound, StorageError

MIB = 1 << 20
SMALLEST_PART = 5 * MIB
LARGEST_PART = 5 << 30
MAX_PARTS = 10_000
LARGEST_OBJECT = 5 << 40
LARGEST_COPY = 5 << 30
"""What one copy request takes; more is copied in parts."""

_COPIED_PART = 512 * MIB
_UPLOAD_ID = re.compile(r"<UploadId>([^<]+)</UploadId>")
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
        self._id = self._begun()

    @property
    def size(self) -> int:
        """The bytes of all parts so far."""
        with self._lock:
            return sum(size for _, size in self._parts.values())

    def put(self, number: int, data: Buffer) -> None:
        """Send a part."""
        self._check(number)
        answer = self._send(number, {}, data)
        self._took(number, quoted(answer.headers.get("etag", "")), len(data))

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
        answer = self._send(number, headers, b"", self._long_timeout)
        self._took(number, quoted(self._told(answer, _ETAG)), end - start)

    def complete(self, condition: Condition = ALWAYS) -> Stored:
        """Publish. Raises Conflict unless the condition holds; the upload can be aborted then."""
        with self._lock:
            parts = [(number, self._parts[number][0]) for number in sorted(self._parts)]
        if not parts:
            self.abort()
            return self._connection.objects.put(self._object_key, self._path, b"", self._new, condition)
        body, query = _list_of(parts), {"uploadId": self._id}

        def once() -> Stored:
            answer = self._request("POST", query, condition.headers(), body, self._long_timeout)
            version = known_version(answer.headers.get("x-amz-version-id"))
            return Stored(quoted(self._told(answer, _ETAG)), version)

        return self._connection.retrying.run(once, settle=self._settle)

    def abort(self) -> None:
        """Forget the parts; an upload already gone is no error."""
        try:
            self._connection.retrying.run(lambda: self._request("DELETE", {"uploadId": self._id}))
        except NotFound:
            return

    def _settle(self, error: StorageError) -> Stored:
        """After a lost reply: what stands there may be this upload."""
        return self._connection.objects.settle(error, self._object_key, self._path, self._new, self.size)

    def _begun(self) -> str:
        """The name that the store gives the upload."""

        def once() -> str:
            return self._told(self._request("POST", {"uploads": ""}, request_headers(self._new)), _UPLOAD_ID)

        return unescape(self._connection.retrying.run(once))

    def _send(
        self, number: int, headers: Mapping[str, str], data: Buffer, timeout: float | None = None
    ) -> Answer:
        query: dict[str, str | int] = {"partNumber": number, "uploadId": self._id}
        return self._connection.retrying.run(lambda: self._request("PUT", query, headers, data, timeout))

    def _request(
        self,
        method: str,
        query: Mapping[str, str | int],
        headers: Mapping[str, str] | None = None,
        body: Buffer = b"",
        timeout: float | None = None,
    ) -> Answer:
        return self._connection.signed.send(
            method,
            self._object_key,
            query=query,
            headers=headers,
            body=body,
            path=self._path,
            timeout=timeout,
        )

    def _told(self, answer: Answer, wanted: re.Pattern[str]) -> str:
        """What an answer says; the work may fail after its 200 was sent: then the body is an error."""
        text = answer.text
        found = wanted.search(text)
        if found is None:
            code = error_code_in(text) or "InternalError"
            raise error_of_status(500, code, self._path, self._connection.options.store_name)
        return found[1]

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
    """Copy an object in more than one request; its ETag pins it until the last part is taken.

    One that was stored in parts of our size is copied in the same: S3 gives it the same ETag then, and nobody
    must read both to compare them.
    """
    upload = ObjectUpload(connection, target, path, new)
    try:
        step = _copied_part(size, etag, connection.options.part_size)
        spans = [(start, min(size, start + step)) for start in range(0, size, step)]
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


def _copied_part(size: int, etag: str, ours: int) -> int:
    """Bytes of each part of a copy; the number of the original's parts is behind the dash of its ETag."""
    count = etag.strip('"').rpartition("-")[2]
    return ours if count == str(-(-size // ours)) else _COPIED_PART


def _list_of(parts: Iterable[tuple[int, str]]) -> bytes:
    """The body that publishes parts, numbers and ETags in order."""
    listed = "".join(
        f"<Part><PartNumber>{number}</PartNumber><ETag>{escape(etag)}</ETag></Part>" for number, etag in parts
    )
    namespace = "http://s3.amazonaws.com/doc/2006-03-01/"
    return f'<CompleteMultipartUpload xmlns="{namespace}">{listed}</CompleteMultipartUpload>'.encode()
