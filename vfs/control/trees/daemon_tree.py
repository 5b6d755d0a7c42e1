"""The tree of a daemon's mount in another process: each call is one of the tree that the daemon has.

Nothing is remembered and nothing waits here. What a call has changed is what everybody sees who looks through
the daemon, and is as durable as the mount promises.
"""

from collections.abc import Iterator, Mapping, Sequence

from vfs.control.trees.asking import Asking
from vfs.control.trees.connections import Connections
from vfs.control.trees.daemon_files import DaemonFile
from vfs.control.trees.daemon_storage import DaemonStorage
from vfs.control.trees.daemon_transfers import DaemonTransfers, given_pieces
from vfs.control.trees.values import (
    heard_entry,
    heard_result,
    heard_space,
    say_attributes,
    say_replacement,
)
from vfs.engine.backend import OpenFile, Source
from vfs.engine.changes import ChangeBus
from vfs.engine.entries import Attributes, Entry, EntryKind, SpaceUsage, WriteResult
from vfs.engine.errors import NotFound
from vfs.engine.files.drafts import Draft, Replacement, StagedDraft
from vfs.engine.files.tree import FileTree


class DaemonTree(FileTree):
    """A mount of a running daemon, which stays as it is when this is closed."""

    def __init__(self, name: str, connections: Connections, mount: str, changes: ChangeBus) -> None:
        """`mount` is what the daemon calls it. Raises NotFound, BackendUnavailable."""
        self.asking = Asking(connections, mount, name)
        storage = DaemonStorage(self.asking)
        super().__init__(name, storage, ttl=0.0, changes=changes)
        self.readonly = storage.is_readonly

    @property
    def transfers(self) -> DaemonTransfers:
        return DaemonTransfers(self)

    def stat(self, key: str) -> Entry:
        return heard_entry(self.asking.ask("stat", key=key))

    def listed(self, key: str) -> Entry:
        return heard_entry(self.asking.ask("listed", key=key))

    def kind(self, key: str) -> EntryKind | None:
        kind = self.asking.ask("kind", key=key)
        return None if kind is None else EntryKind(kind)

    def list(self, key: str) -> Iterator[Entry]:
        return self.backend.list(key)

    def open(self, key: str, *, write: bool = False, truncate: bool = False) -> OpenFile:
        with self.asking.named():
            said = {"mount": self.asking.mount, "key": key, "write": write, "truncate": truncate}
            return DaemonFile(self.asking.connections, "open", **said)

    def create(self, key: str, *, exclusive: bool = False, attributes: Attributes | None = None) -> OpenFile:
        with self.asking.named():
            said = {"mount": self.asking.mount, "key": key, "exclusive": exclusive}
            given = say_attributes(attributes)
            return DaemonFile(self.asking.connections, "create", attributes=given, **said)

    def draft(self, wanted: Replacement) -> Draft:
        wanted.check(self._present(wanted.key))
        with self.uses:
            return StagedDraft(wanted.key, lambda source: self.replace(wanted, source), self.uses.end)

    def _present(self, key: str) -> Entry | None:
        try:
            return self.stat(key)
        except NotFound:
            return None

    def replace(self, wanted: Replacement, source: Source) -> WriteResult:
        giving = given_pieces(source)
        return heard_result(self.asking.ask("replace", giving=giving, **say_replacement(wanted)))

    def delete(self, key: str) -> None:
        self.asking.ask("delete", key=key)

    def rename(self, source: str, target: str, *, overwrite: bool = True, exchange: bool = False) -> None:
        self.asking.ask("rename", source=source, target=target, overwrite=overwrite, exchange=exchange)

    def make_directory(self, key: str, *, attributes: Attributes | None = None) -> Entry:
        given = say_attributes(attributes)
        return heard_entry(self.asking.ask("make_directory", key=key, attributes=given))

    def make_folders_above(self, key: str) -> None:
        self.asking.ask("make_folders_above", key=key)

    def remove_directory(self, key: str) -> None:
        self.asking.ask("remove_directory", key=key)

    def set_attributes(self, key: str, change: Attributes) -> Entry:
        given = say_attributes(change)
        return heard_entry(self.asking.ask("set_attributes", key=key, attributes=given))

    def set_metadata(self, key: str, metadata: Mapping[str, str]) -> Entry:
        return heard_entry(self.asking.ask("set_metadata", key=key, metadata=dict(metadata)))

    def make_symlink(self, key: str, target: str, *, attributes: Attributes | None = None) -> Entry:
        given = say_attributes(attributes)
        return heard_entry(self.asking.ask("make_symlink", key=key, target=target, attributes=given))

    def read_symlink(self, key: str) -> str:
        return str(self.asking.ask("read_symlink", key=key))

    def make_link(self, source: str, target: str) -> Entry:
        return heard_entry(self.asking.ask("make_link", source=source, target=target))

    def make_special(self, key: str, mode: int, rdev: int, *, attributes: Attributes | None = None) -> Entry:
        given = say_attributes(attributes)
        return heard_entry(self.asking.ask("make_special", key=key, mode=mode, rdev=rdev, attributes=given))

    def get_xattr(self, key: str, name: str) -> bytes:
        return bytes.fromhex(self.asking.ask("get_xattr", key=key, name=name))

    def list_xattrs(self, key: str) -> Sequence[str]:
        return list(self.asking.ask("list_xattrs", key=key))

    def set_xattr(
        self, key: str, name: str, value: bytes, *, create: bool = False, replace: bool = False
    ) -> None:
        given = bytes(value).hex()
        self.asking.ask("set_xattr", key=key, name=name, value=given, create=create, replace=replace)

    def remove_xattr(self, key: str, name: str) -> None:
        self.asking.ask("remove_xattr", key=key, name=name)

    def space(self) -> SpaceUsage:
        return heard_space(self.asking.ask("space"))

    def flush(self) -> None:
        """Nothing waits here: what a call has returned from is with the daemon, as durable as its mount."""
