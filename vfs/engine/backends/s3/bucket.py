"""A bucket of S3 as the tree over objects needs it."""

import re
from collections.abc import Mapping

from vfs.engine import paths
from vfs.engine.backends.objects.stored import ALWAYS, Condition, NewObject, Stored, StoredObject, quoted
from vfs.engine.backends.s3.connection import Connection
from vfs.engine.backends.s3.parts import LARGEST_COPY, ObjectUpload, copy_in_parts

_MD5 = re.compile(r"[0-9a-f]{32}")


class S3Bucket(Connection):
    """The acts that take more than one request, or differ from store to store."""

    def copy(self, source: str, target: str, path: str, size: int, condition: Condition = ALWAYS) -> Stored:
        if size <= LARGEST_COPY:
            return self.objects.copy(source, target, path, condition=condition)
        found = self.objects.head(source, path)
        new = NewObject(found.metadata, found.headers)
        return copy_in_parts(self, source, target, path, found.size, found.etag, new, condition)

    def change_metadata(
        self, object_key: str, path: str, found: StoredObject, metadata: Mapping[str, str]
    ) -> Stored:
        """A copy of the object onto itself."""
        new = NewObject(metadata, found.headers)
        if found.size > LARGEST_COPY:
            condition = Condition(etag=found.etag)
            return copy_in_parts(self, object_key, object_key, path, found.size, found.etag, new, condition)
        return self.objects.copy(object_key, object_key, path, source_etag=found.etag, new=new)

    def delete_batch(self, named: Mapping[str, str]) -> None:
        """XML holds no control characters: keys with them go one by one, and so do those that failed."""
        rest = dict(named)
        for object_key in [name for name in rest if not name.isprintable()]:
            self.objects.delete(object_key, rest.pop(object_key))
        if not rest:
            return
        answer = self.calls.call(
            "delete_objects",
            paths.parent(next(iter(rest.values()))),
            Delete={"Objects": [{"Key": name} for name in rest], "Quiet": True},
        )
        for object_key in {failed["Key"] for failed in answer.get("Errors", ())} & rest.keys():
            self.objects.delete(object_key, rest[object_key])

    def begin_upload(self, object_key: str, path: str, new: NewObject) -> ObjectUpload:
        return ObjectUpload(self, object_key, path, new)

    def content_hash(self, object_key: str, path: str) -> tuple[str, str] | None:
        """MD5, but for what came in parts or is encrypted by key."""
        answer = self.retrying.run(lambda: self.signed.send("HEAD", object_key, path=path))
        etag = quoted(answer.headers.get("etag", "")).strip('"')
        by_key = answer.headers.get("x-amz-server-side-encryption", "AES256") != "AES256"
        by_key = by_key or "x-amz-server-side-encryption-customer-algorithm" in answer.headers
        return None if by_key or not _MD5.fullmatch(etag) else ("md5", etag)

    def ping(self) -> None:
        """One listing of one key, not tried again."""
        self.listing.page(self.keys.marker_key(""), "", limit=1, deadline=self.options.timeout)
