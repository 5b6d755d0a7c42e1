"""The `s3` backend: one bucket, or a prefix in it, as a tree of files."""

from vfs.engine.backend import Buffer
from vfs.engine.backends.objects.backend import ObjectBackend
from vfs.engine.backends.s3.bucket import S3Bucket
from vfs.engine.backends.s3.options import S3Options
from vfs.engine.backends.s3.originals import S3Originals
from vfs.engine.backends.s3.parts import LARGEST_OBJECT, MAX_PARTS, part_limits
from vfs.engine.backends.s3.tags import Tags
from vfs.engine.backends.s3.versions import Versions
from vfs.engine.capabilities import Capability
from vfs.engine.entries import Entry
from vfs.engine.node_abilities import ClientT, KeepsTags
from vfs.engine.originals import CopiesFrom, TellsOriginal


class S3Backend(ObjectBackend):
    """A bucket of S3, or of anything that speaks its protocol."""

    extra_capabilities = frozenset({Capability.PARTIAL_UPDATE, Capability.PRESIGNED_URLS})

    def __init__(self, options: S3Options) -> None:
        self.location = f"s3://{options.bucket}/{options.prefix}?at={options.endpoint_url or 'aws'}"
        self._connection = S3Bucket(options)
        super().__init__(self._connection)
        self._versions = Versions(self._connection, self._places, self._files)
        originals = S3Originals(self._connection, self._places, self._files)
        self._abilities |= {TellsOriginal: originals, CopiesFrom: originals}
        self._abilities[KeepsTags] = Tags(self._connection, self._places)
        self.part_limits = part_limits(options.part_size)
        self.largest_file = min(LARGEST_OBJECT, options.part_size * MAX_PARTS)

    def read_beginning(self, key: str, size: int) -> tuple[Entry, Buffer]:
        return self._files.read_beginning(key, size)

    def url(self, key: str, expires_in: int = 3600) -> str:
        return self._connection.calls.presigned(self._places.object_key(key), key, expires_in)

    def client(self, wanted: type[ClientT]) -> ClientT | None:
        """obstore's `S3Store`, or s3fs's `S3FileSystem`. Others need not have them in memory."""
        from obstore.store import S3Store

        from vfs.engine.backends.s3.obstores import made_store

        if issubclass(S3Store, wanted):
            store: object = made_store(self._connection.options, self._connection.identity)
            return store if isinstance(store, wanted) else None
        system: object = self._connection.calls.system()
        return system if isinstance(system, wanted) else None
