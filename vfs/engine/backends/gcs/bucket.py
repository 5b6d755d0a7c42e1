"""A bucket of Cloud Storage as the tree over objects needs it."""

from collections.abc import Callable, Mapping
from typing import Any

from vfs.engine.backends.gcs.batches import Batches
from vfs.engine.backends.gcs.composing import Composing
from vfs.engine.backends.gcs.connection import PARTS_FOLDER, Connection
from vfs.engine.backends.gcs.options import GcsOptions
from vfs.engine.backends.gcs.parts import ObjectUpload, Workshop
from vfs.engine.backends.gcs.resources import FIELDS, generation_of, hash_of, precondition, stored
from vfs.engine.backends.objects.stored import ALWAYS, Condition, NewObject, Stored, StoredObject
from vfs.engine.errors import StorageError

_SAME = "generation,size,crc32c,metadata"
"""What tells a copy from other objects."""


class GcsBucket(Connection):
    """The acts that take more than one request, or differ from store to store."""

    def __init__(self, options: GcsOptions) -> None:
        super().__init__(options)
        self._batches = Batches(self.objects, self.requests, self.retrying)
        self._workshop = Workshop(
            self.objects,
            Composing(self.objects, self.requests, self.retrying, self.options.long_timeout),
            lambda: self.threads,
            self.delete_batch,
            f"{self.keys.marker_key('')}{PARTS_FOLDER}/",
            options.part_size,
        )

    def copy(self, source: str, target: str, path: str, size: int, condition: Condition = ALWAYS) -> Stored:
        """One request, or several where Google moves bytes between storage classes or places."""
        return self.rewrite(source, target, path, condition)

    def rewrite(
        self,
        source: str,
        target: str,
        path: str,
        condition: Condition = ALWAYS,
        *,
        version: str | None = None,
        source_bucket: str | None = None,
        source_etag: str | None = None,
    ) -> Stored:
        """Copy an object, or an old version of it, with its metadata. Raises Conflict, NotFound."""
        query = {"fields": f"done,rewriteToken,resource({FIELDS})", **precondition(condition, path)}
        if version is not None:
            query["sourceGeneration"] = version
        if source_etag is not None:
            query["ifSourceGenerationMatch"] = generation_of(source_etag, path)
        call = self.requests.rewriting(source, target, source_bucket)

        def settle(error: StorageError) -> dict[str, Any]:
            """After a lost reply, a copy that must not replace anything may find itself there."""
            made = self.objects.resource(target, path, _SAME)
            original = self.objects.resource(source, path, _SAME, version=version, bucket=source_bucket)
            if made["generation"] == original["generation"] or not _are_alike(made, original):
                raise error
            return {"done": True, "resource": made}

        while True:
            told = self._step(call, path, query, settle)
            if told["done"]:
                return stored(told["resource"])
            query["rewriteToken"] = told["rewriteToken"]

    def _step(
        self,
        call: str,
        path: str,
        query: Mapping[str, str],
        settle: Callable[[StorageError], dict[str, Any]],
    ) -> dict[str, Any]:
        return self.retrying.run(
            lambda: self.requests.call("POST", call, path, query=query, timeout=self.options.long_timeout),
            settle=settle,
        )

    def change_metadata(
        self, object_key: str, path: str, found: StoredObject, metadata: Mapping[str, str]
    ) -> Stored:
        """The bytes and the generation stay; only names that differ are sent."""
        wanted: dict[str, str | None] = dict.fromkeys(found.metadata.keys() - metadata.keys())
        wanted |= {name: value for name, value in metadata.items() if found.metadata.get(name) != value}
        query = {"fields": FIELDS, "ifGenerationMatch": generation_of(found.etag, path)}
        if found.revision is not None:
            query["ifMetagenerationMatch"] = found.revision
        target = self.requests.object(object_key)
        told = self.retrying.run(
            lambda: self.requests.call("PATCH", target, path, query=query, body={"metadata": wanted})
        )
        return stored(told)

    def delete_batch(self, named: Mapping[str, str]) -> None:
        self._batches.delete(named)

    def begin_upload(self, object_key: str, path: str, new: NewObject) -> ObjectUpload:
        return ObjectUpload(self._workshop, object_key, path, new)

    def content_hash(self, object_key: str, path: str) -> tuple[str, str] | None:
        """MD5, or CRC32C for what was composed."""
        return hash_of(self.objects.resource(object_key, path, "md5Hash,crc32c"))

    def ping(self) -> None:
        """One listing of one key, not tried again."""
        self.listing.page(self.keys.marker_key(""), "", limit=1, deadline=self.options.timeout)


def _are_alike(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    return all(one.get(name) == other.get(name) for name in ("size", "crc32c", "metadata"))
