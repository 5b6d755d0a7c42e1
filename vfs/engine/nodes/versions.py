"""Old versions of a node's file: telling them, and making one the present content again."""

from datetime import datetime

from vfs.engine.backend import KeepsVersions
from vfs.engine.entries import Version, WriteResult
from vfs.engine.errors import CapabilityNotSupported
from vfs.engine.nodes.live import telling_place
from vfs.engine.nodes.past import VersionChoice, choose
from vfs.engine.nodes.state import NodeState


class NodeVersions(NodeState):
    """A place whose file may have a past."""

    __slots__ = ()

    @telling_place
    def versions(self) -> list[Version]:
        """Every version that the storage has, oldest first, those of a deleted file too; [] for none.

        What is not sent yet is no version. Raises CapabilityNotSupported where no versions are kept.
        """
        return self._kept_versions().list_versions(self._key)

    def version_count(self) -> int:
        """How many versions with a content there are; 0 where none are kept."""
        if self._tree.backend.ability(KeepsVersions) is None:
            return 0
        return sum(not version.is_delete_marker for version in self.versions())

    @telling_place
    def rollback(self, version: VersionChoice | None = None, *, as_of: datetime | None = None) -> WriteResult:
        """Make an old version the newest, inside the storage; nothing that was written since is lost.

        `version` is an id, or a place among the versions with a content: 0 is the oldest, -2 the one before
        the newest. `as_of` means the one of a moment; without a time zone it is UTC. A deleted file comes
        back. Raises NotFound for a version that is not there, CapabilityNotSupported.
        """
        chosen = self._version(version, as_of)
        return self._tree.transfers.restore_version(self._key, chosen.id)

    def _version(self, version: VersionChoice | None, as_of: datetime | None) -> Version:
        return choose(self._kept_versions().list_versions(self._key), version, as_of, self._key)

    def _kept_versions(self) -> KeepsVersions:
        keeps = self._tree.backend.ability(KeepsVersions)
        if keeps is None:
            raise CapabilityNotSupported("this storage keeps no old versions", self._key)
        return keeps
