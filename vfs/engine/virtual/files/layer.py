"""The layer around every mount's stack that shows its virtual files; where there are none it is not felt."""

import errno
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping
from threading import Lock
from typing import TypeVar, cast

from vfs.engine import paths
from vfs.engine.backend import AbilityT, Backend, Buffer
from vfs.engine.capabilities import Capability
from vfs.engine.entries import NO_XATTRS, Entry, EntryKind
from vfs.engine.errors import (
    CapabilityNotSupported,
    Conflict,
    DirectoryNotEmpty,
    InvalidPath,
    IsADirectory,
    NotADirectory,
    NotFound,
    ResourceLocked,
    StorageError,
)
from vfs.engine.layers.acts import MAKES, READS, Act
from vfs.engine.layers.intercepted_abilities import INTERCEPTED, begun
from vfs.engine.layers.interception import InterceptingLayer
from vfs.engine.virtual.files.abilities import SERVED, refuse
from vfs.engine.virtual.files.composing import Composed, Member, compose
from vfs.engine.virtual.files.table import MountFiles, VirtualFiles

ResultT = TypeVar("ResultT")

_REMEMBERED = 64
"""States of virtual files, of which what is open may still be read."""

_HELD = 64 << 20
"""Bytes of computed contents among them, beside the newest."""


class VirtualLayer(InterceptingLayer):
    """The stack of a mount with the mount's virtual files in it. They can be read, and nothing else.

    What stands in the store under a virtual file's name is hidden. The folders that virtual files are in are
    always there. A read that is pinned to an ETag reads that state, as far as its parts still have it.
    """

    def __init__(self, inner: Backend, mount: str, files: VirtualFiles, member: Member) -> None:
        super().__init__(inner)
        self._mount = mount
        self._files = files
        self._member = member
        self._lock = Lock()
        self._recent: OrderedDict[tuple[str, str], Composed] = OrderedDict()

    @property
    def own(self) -> MountFiles:
        """The virtual files of this mount, as they are now."""
        return self._files.of(self._mount)

    @property
    def capabilities(self) -> frozenset[Capability]:
        return self.inner.capabilities

    def ability(self, wanted: type[AbilityT]) -> AbilityT | None:
        """What is not about a key is the storage's own, whatever it is: a virtual file has no part in it."""
        if wanted is VirtualLayer:
            return cast("AbilityT", self)
        inner = self.inner.ability(wanted)
        if inner is None:
            return None
        if wanted in SERVED:
            return cast("AbilityT", SERVED[wanted](self, inner))
        return super().ability(wanted) if wanted in INTERCEPTED and self.own else inner

    def check_key(self, key: str) -> None:
        own = self.own
        if own and (key in own.files or own.above(key)):
            refuse(key)
        self.inner.check_key(key)

    # Virtual files

    def is_virtual(self, key: str) -> bool:
        """Whether a virtual file stands at a key. Raises NotFound for what would be below one."""
        own = self.own
        if not own:
            return False
        if own.above(key):
            raise NotFound(path=key)
        return key in own.files

    def composed(self, key: str, etag: str | None = None) -> Composed:
        """What a virtual file is now, or the state of an ETag.

        Raises NotFound, Conflict where that state is gone, and what `compose` does.
        """
        if etag is not None and (known := self._known(key, etag)) is not None:
            return known
        file = self.own.files.get(key)
        if file is None:
            raise NotFound(path=key)
        place = (self._mount, key)
        try:
            found = compose(place, file, self._member, lambda now: self._known(key, now))
        except StorageError as error:
            error.path = key
            raise
        self._remember(key, found)
        if etag is not None and found.entry.etag != etag:
            raise Conflict("a part of this file changed", key)
        return found

    def _known(self, key: str, etag: str) -> Composed | None:
        with self._lock:
            found = self._recent.get((key, etag))
            if found is not None:
                self._recent.move_to_end((key, etag))
            return found

    def _remember(self, key: str, found: Composed) -> None:
        with self._lock:
            self._recent[key, str(found.entry.etag)] = found
            held = sum(each.held for each in self._recent.values())
            while len(self._recent) > 1 and (len(self._recent) > _REMEMBERED or held > _HELD):
                held -= self._recent.popitem(last=False)[1].held

    def shown_entry(self, key: str) -> Entry:
        """As a listing tells it: that one file cannot be made hides nothing else in its folder."""
        try:
            return self.composed(key).entry
        except StorageError:
            return Entry(paths.name_of(key), EntryKind.FILE, complete=False)

    # The contract

    def stat(self, key: str) -> Entry:
        own = self.own
        if not own:
            return self.inner.stat(key)
        if self.is_virtual(key):
            return self.composed(key).entry
        try:
            return self.inner.stat(key)
        except NotFound:
            if key not in own.folders:
                raise
            return _folder(paths.name_of(key))

    def list(self, key: str) -> Iterator[Entry]:
        if not self.own:
            return self.inner.list(key)
        return begun(
            self.shown_entry(paths.join(key, entry.name)) if is_virtual else entry
            for entry, is_virtual in self.uncomposed(key)
        )

    def uncomposed(self, folder: str) -> Iterator[tuple[Entry, bool]]:
        """The entries of a folder, and whether each is a virtual file, of which only the name is told."""
        own = self.own
        if not own:
            return ((entry, False) for entry in self.inner.list(folder))
        if self.is_virtual(folder):
            raise NotADirectory(path=folder)
        try:
            stored = begun(self.inner.list(folder))
        except NotFound:
            if folder not in own.folders:
                raise
            stored = iter(())
        return self._with_virtual(own, folder, stored)

    def _with_virtual(
        self, own: MountFiles, folder: str, stored: Iterator[Entry]
    ) -> Iterator[tuple[Entry, bool]]:
        files = [paths.name_of(key) for key in own.inside(folder)]
        folders = [paths.name_of(key) for key in own.folders_inside(folder)]
        for entry in stored:
            if entry.name in folders:
                folders.remove(entry.name)
            if entry.name not in files:
                yield entry, False
        yield from ((_folder(name), False) for name in folders)
        yield from ((Entry(name, EntryKind.FILE, complete=False), True) for name in files)

    def read(
        self,
        key: str,
        start: int = 0,
        end: int | None = None,
        *,
        version: str | None = None,
        if_match: str | None = None,
    ) -> Buffer:
        if not self.is_virtual(key):
            return self.inner.read(key, start, end, version=version, if_match=if_match)
        if version is not None:
            raise NotFound("a virtual file has no versions", key)
        try:
            return self.composed(key, if_match).read(start, end)
        except StorageError as error:
            error.path = key
            raise

    def around(self, act: Act, keys: tuple[str, ...], run: Callable[..., ResultT]) -> ResultT:
        own = self.own
        if own:
            for key in keys:
                if key in own.files or own.above(key):
                    return cast("ResultT", self._answer(act, key))
            self._keep_folders(own, act, keys)
        try:
            return run(*keys)
        except NotFound:
            if keys and keys[0] in own.folders and act in _NOTHING:
                return cast("ResultT", _NOTHING[act])
            raise

    def _answer(self, act: Act, key: str) -> object:
        """What is told of a virtual file; every change of it is refused."""
        if act not in READS:
            refuse(key)
        if not self.is_virtual(key):
            raise NotFound(path=key)
        refusal = _REFUSALS.get(act)
        if refusal is not None:
            raise refusal(key)
        return _NOTHING[act]

    def _keep_folders(self, own: MountFiles, act: Act, keys: tuple[str, ...]) -> None:
        """A folder stays where it is, and a folder, while there are virtual files in it."""
        inside = next((key for key in keys if key in own.folders), None)
        if inside is None:
            return
        if act is Act.REMOVE_DIRECTORY:
            raise DirectoryNotEmpty("there are virtual files in this folder", inside)
        if act in {Act.MOVE, Act.EXCHANGE}:
            raise ResourceLocked("there are virtual files in this folder", inside)
        if act is Act.DELETE or (act in MAKES and keys[-1] == inside):
            raise IsADirectory(path=inside)


def _folder(name: str) -> Entry:
    """One that is there for a virtual file in it."""
    return Entry(name, EntryKind.FOLDER, xattrs=NO_XATTRS)


_REFUSALS: Mapping[Act, Callable[[str], StorageError]] = {
    Act.READ_SYMLINK: lambda key: InvalidPath("is no symlink", key),
    Act.GET_XATTR: lambda key: NotFound("has no attributes", key, errno=errno.ENODATA),
    Act.URL: lambda key: CapabilityNotSupported("a virtual file has no URL", key),
    Act.ORIGINAL: lambda key: CapabilityNotSupported("a virtual file is stored nowhere", key),
}
_NOTHING: Mapping[Act, object] = {
    Act.STAT: {},
    Act.LIST_XATTRS: [],
    Act.LIST_VERSIONS: [],
    Act.CONTENT_HASH: None,
}
"""What there is of tags, attributes, versions and stored hashes."""
