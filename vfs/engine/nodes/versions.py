"""Old versions of a node's file: telling them, and making one the present content again."""

from collections.abc import Sequence
from datetime import datetime

from vfs.engine.backend import KeepsVersions
from vfs.engine.entries import Version, WriteResult
from vfs.engine.errors import CapabilityNotSupported
from vfs.engine.histories import CompactsVersions
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

    def restore(self, version: VersionChoice | None = None, *, as_of: datetime | None = None) -> WriteResult:
        """As `rollback`, which other libraries call so."""
        return self.rollback(version, as_of=as_of)

    @telling_place
    def compact_versions(self, *, dry_run: bool = False) -> int:
        """Remove each version that has the content of the one before it; how many, or how many it would be.

        Contents are compared by their ETags, or by the storage's own knowledge of them; what stands at the
        place stays. Raises CapabilityNotSupported.
        """
        compacts = self._tree.backend.ability(CompactsVersions)
        if compacts is not None:
            return compacts.compact_versions(self._key, dry_run=dry_run)
        keeps = self._kept_versions()
        repeated = _repeated(keeps.list_versions(self._key))
        if not dry_run:
            for version in repeated:
                keeps.delete_version(self._key, version.id)
        return len(repeated)

    def _version(self, version: VersionChoice | None, as_of: datetime | None) -> Version:
        return choose(self._kept_versions().list_versions(self._key), version, as_of, self._key)

    def _kept_versions(self) -> KeepsVersions:
        keeps = self._tree.backend.ability(KeepsVersions)
        if keeps is None:
            raise CapabilityNotSupported("this storage keeps no old versions", self._key)
        return keeps


def _repeated(versions: Sequence[Version]) -> list[Version]:
    """Those that can go, a neighbour having their content: the newer of two, unless it is the present one."""
    found: list[Version] = []
    before: Version | None = None
    for version in versions:
        is_same = before is not None and version.etag is not None and version.etag == before.etag
        if before is None or version.is_delete_marker or not is_same:
            before = version
            continue
        found.append(before if version.is_latest else version)
        before = version if version.is_latest else before
    return found
