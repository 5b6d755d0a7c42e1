"""The `azure` backend: one container, or a prefix in it, as a tree of files."""

from typing import cast

from vfs.engine.backend import AbilityT, Buffer, Moves, SignsUrls
from vfs.engine.backends.azure.blocks import MAX_PARTS, part_limits
from vfs.engine.backends.azure.bucket import AzureBucket
from vfs.engine.backends.azure.changes import BlobChanges
from vfs.engine.backends.azure.folders import BlobFolders
from vfs.engine.backends.azure.hierarchical import Renames
from vfs.engine.backends.azure.options import AzureOptions
from vfs.engine.backends.azure.originals import BlobOriginals
from vfs.engine.backends.azure.places import BlobPlaces
from vfs.engine.backends.azure.versions import BlobVersions
from vfs.engine.backends.objects.backend import ObjectBackend
from vfs.engine.capabilities import Capability
from vfs.engine.entries import Entry
from vfs.engine.originals import CopiesFrom, TellsOriginal


class AzureBackend(ObjectBackend):
    """A container of Azure Blob Storage, or of an emulator of it."""

    extra_capabilities = frozenset({Capability.PARTIAL_UPDATE})
    folders_type = BlobFolders
    places_type = BlobPlaces
    changes_type = BlobChanges

    def __init__(self, options: AzureOptions) -> None:
        self._connection = AzureBucket(options)
        account = self._connection.identity.account
        self.location = f"azure://{options.container}/{options.prefix}?at={account.endpoint}"
        super().__init__(self._connection)
        self._versions = BlobVersions(self._connection, cast("BlobPlaces", self._places), self._files)
        originals = BlobOriginals(self._connection, self._places, self._files)
        self._abilities |= {TellsOriginal: originals, CopiesFrom: originals}
        self._renames = Renames(self._connection.namespace, self._places, self._connection.known)
        self.part_limits = part_limits(options.part_size)
        self.largest_file = options.part_size * MAX_PARTS

    @property
    def capabilities(self) -> frozenset[Capability]:
        found = {Capability.PRESIGNED_URLS} if self._connection.links.can_sign else set()
        if self._connection.namespace.is_hierarchical:
            found.add(Capability.ATOMIC_MOVE)
        return super().capabilities | found

    def ability(self, wanted: type[AbilityT]) -> AbilityT | None:
        if wanted is Moves:
            return cast("AbilityT", self._renames) if self._connection.namespace.is_hierarchical else None
        if wanted is SignsUrls and not self._connection.links.can_sign:
            return None
        return super().ability(wanted)

    def read_beginning(self, key: str, size: int) -> tuple[Entry, Buffer]:
        return self._files.read_beginning(key, size)

    def url(self, key: str, expires_in: int = 3600) -> str:
        return self._connection.links.url(self._places.object_key(key), key, expires_in)
