"""What is to become of an archive's members: each act checked against the tree, and noted."""

import errno
import zipfile
from collections.abc import Iterable

from vfs.engine import paths
from vfs.engine.backends.zip.archive import LOCAL_HEADER, Tree
from vfs.engine.backends.zip.member import Member
from vfs.engine.backends.zip.writing import Packed
from vfs.engine.entries import Attributes, Entry, EntryKind
from vfs.engine.errors import (
    AlreadyExists,
    Conflict,
    DirectoryNotEmpty,
    InvalidPath,
    IsADirectory,
    NotADirectory,
    PermissionDenied,
    StorageError,
)


class Changes:
    """Acts on a tree, in the order and with the errors that the backend contract gives them.

    Members of one key all go when one goes: an earlier one must not come to light again. A folder that
    only longer names show gets a member of its own before it could vanish with them.
    """

    def __init__(self, tree: Tree) -> None:
        self._known: Tree | None = tree
        self.members = tree.members
        self.made = False

    @property
    def _tree(self) -> Tree:
        """The tree as it is after the acts so far."""
        if self._known is None:
            self._known = Tree(self.members)
        return self._known

    def check_complete(self) -> None:
        """Refuse archives whose members share bytes: they cannot be put together anew."""
        places = [(m.span.descriptor, m.span.start) for m in self.members if not m.renamed]
        cut = any(m.span.end - m.span.start < LOCAL_HEADER.size + m.packed_size for m in self.members)
        if cut or len(set(places)) != len(places):
            raise StorageError("members of this archive overlap; it can be read, but not changed")

    def check_writable(self, key: str, overwrite: bool, if_match: str | None) -> None:
        """Refuse a file at this key where none may be written."""
        taken = self._tree.find(key)
        if taken is None:
            self._tree.check_above(key)
            if if_match is not None:
                raise Conflict("the file is gone", key)
            return
        if taken.is_folder:
            raise IsADirectory(path=key)
        if not overwrite:
            raise AlreadyExists(path=key)
        if if_match is not None and taken.etag != if_match:
            raise Conflict("the file is another one now", key)

    def put_file(self, key: str, member: Member, overwrite: bool, if_match: str | None) -> None:
        self.check_writable(key, overwrite, if_match)
        self._replace({key}, [member])

    def make(self, key: str, member: Member) -> Entry:
        if self._tree.find(key) is not None:
            raise AlreadyExists(path=key)
        self._tree.check_above(key)
        self._replace(set(), [member])
        return member.entry()

    def copy(self, source: str, target: str, overwrite: bool) -> Member:
        member = self._tree.file(source)
        self.check_writable(target, overwrite, None)
        if source == target:
            return member
        copied = member.at_key(target)
        self._replace({target}, [copied])
        return copied

    def delete(self, key: str, if_match: str | None, packed: Packed) -> None:
        entry = self._tree.existing(key)
        if entry.is_folder:
            raise IsADirectory(path=key)
        if if_match is not None and entry.etag != if_match:
            raise Conflict("the file is another one now", key)
        self._replace({key}, self._kept_folders([paths.parent(key)], packed))

    def delete_many(self, keys: Iterable[str], packed: Packed) -> None:
        found = [(key, entry) for key in keys if (entry := self._tree.find(key)) is not None]
        for key, entry in found:
            if entry.is_folder:
                raise IsADirectory(path=key)
        if found:
            gone = {key for key, _ in found}
            self._replace(gone, self._kept_folders({paths.parent(key) for key in gone}, packed))

    def remove_directory(self, key: str, packed: Packed) -> None:
        names = self._tree.names(key)
        if not key:
            raise PermissionDenied("the root cannot be removed", key, errno=errno.EBUSY)
        if names:
            raise DirectoryNotEmpty(path=key)
        self._replace({key}, self._kept_folders([paths.parent(key)], packed))

    def move(self, source: str, target: str, overwrite: bool, packed: Packed) -> None:
        entry = self._tree.existing(source)
        paths.check_key(target)
        if not source or paths.is_below(target, source):
            raise InvalidPath("a folder cannot be moved below itself", target)
        self._check_movable(entry, source, target, overwrite)
        self._tree.check_above(target)
        if source == target:
            return
        kept = self._kept_folders([paths.parent(source)], packed)
        others = (member for member in self.members if member.key != target)
        self._note([*(_moved(member, {source: target}) for member in others), *kept])

    def exchange(self, source: str, target: str) -> None:
        self._tree.existing(source)
        paths.check_key(target)
        if not source or paths.is_below(target, source) or not target or paths.is_below(source, target):
            raise InvalidPath("a folder cannot be exchanged with what is below it", target)
        self._tree.existing(target)
        if source != target:
            self._note([_moved(member, {source: target, target: source}) for member in self.members])

    def set_attributes(self, key: str, change: Attributes, packed: Packed) -> Entry:
        entry = self._tree.existing(key)
        if entry.is_folder and not self._tree.has_folder_member(key):
            member = _new_folder(key, packed).changed(change)
            self._replace(set(), [member])
            return member.entry()
        self._note([m.changed(change) if m.key == key else m for m in self.members])
        return self._tree.existing(key)

    def _check_movable(self, entry: Entry, source: str, target: str, overwrite: bool) -> None:
        taken = self._tree.find(target)
        if taken is None:
            return
        if not overwrite:
            raise AlreadyExists(path=target)
        if taken.is_folder and not entry.is_folder:
            raise IsADirectory(path=target)
        if entry.is_folder and not taken.is_folder:
            raise NotADirectory(path=target)
        if taken.is_folder and self._tree.names(target) and source != target:
            raise DirectoryNotEmpty(path=target)

    def _kept_folders(self, folders: Iterable[str], packed: Packed) -> list[Member]:
        """Members for those of these folders that have none, so that they outlast what is in them."""
        return [
            _new_folder(folder, packed)
            for folder in folders
            if folder and not self._tree.has_folder_member(folder)
        ]

    def _replace(self, gone: set[str], added: list[Member]) -> None:
        self._note([member for member in self.members if member.key not in gone] + added)

    def _note(self, members: list[Member]) -> None:
        self.members = members
        self._known = None
        self.made = True


def _new_folder(key: str, packed: Packed) -> Member:
    return packed.fill(key, EntryKind.FOLDER, b"", Attributes(), zipfile.ZIP_STORED)


def _moved(member: Member, names: dict[str, str]) -> Member:
    """A member under its new key, if it is one of these or below one of them."""
    if member.key is None:
        return member
    for old, new in names.items():
        if member.key == old or paths.is_below(member.key, old):
            return member.at_key(new + member.key[len(old) :])
    return member
