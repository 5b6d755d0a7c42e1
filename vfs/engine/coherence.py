"""Mounts that share a store see each other's changes at once: what one does is told to all that show it."""

import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import TypeVar

from vfs.engine.aside import ShowsAside
from vfs.engine.backend import Backend
from vfs.engine.changes import Change, ChangeBus, ChangeKind, acting_as
from vfs.engine.errors import BackendUnavailable
from vfs.engine.files.tree import FileTree
from vfs.engine.layers.acts import Act
from vfs.engine.layers.interception import InterceptingLayer
from vfs.engine.virtual.files.table import VirtualFiles

ResultT = TypeVar("ResultT")

Announce = Callable[[str, ChangeKind], None]

_KINDS: Mapping[Act, tuple[ChangeKind | None, ChangeKind]] = {
    Act.COPY: (None, ChangeKind.REPLACED),
    Act.MAKE_LINK: (ChangeKind.ATTRIBUTES, ChangeKind.CREATED),
    Act.MOVE: (ChangeKind.DELETED, ChangeKind.REPLACED),
    Act.EXCHANGE: (ChangeKind.REPLACED, ChangeKind.REPLACED),
}
"""What acts on two keys do to the first and to the second."""

_KIND: Mapping[Act, ChangeKind] = {
    Act.WRITE: ChangeKind.REPLACED,
    Act.COMPLETE_UPLOAD: ChangeKind.REPLACED,
    Act.COPY_FROM: ChangeKind.REPLACED,
    Act.RESTORE_VERSION: ChangeKind.REPLACED,
    Act.DELETE_VERSION: ChangeKind.REPLACED,
    Act.CREATE_FILE: ChangeKind.CREATED,
    Act.MAKE_DIRECTORY: ChangeKind.CREATED,
    Act.MAKE_SYMLINK: ChangeKind.CREATED,
    Act.MAKE_SPECIAL: ChangeKind.CREATED,
    Act.SET_METADATA: ChangeKind.ATTRIBUTES,
    Act.SET_ATTRIBUTES: ChangeKind.ATTRIBUTES,
    Act.FILE_SET_ATTRIBUTES: ChangeKind.ATTRIBUTES,
    Act.SET_XATTR: ChangeKind.ATTRIBUTES,
    Act.REMOVE_XATTR: ChangeKind.ATTRIBUTES,
    Act.DELETE: ChangeKind.DELETED,
    Act.DELETE_MANY: ChangeKind.DELETED,
    Act.REMOVE_DIRECTORY: ChangeKind.DELETED,
}
"""What acts on one key, or on many in the same way, do to it."""

TOLD = frozenset(_KINDS) | frozenset(_KIND)
"""Acts after which every mount that shows the keys hears of them."""

_WRITES_IN_PLACE = frozenset({Act.FILE_WRITE, Act.FILE_TRUNCATE, Act.OPEN_TRUNCATED})
_WRITTEN_IN_PLACE = frozenset({Act.FILE_FLUSH, Act.FILE_SYNC, Act.FILE_CLOSE})


class MemberLayer(InterceptingLayer):
    """A mount's stack as the mounts that stand on it have it: shared, and every change through it is told.

    Closing it closes nothing: the stack is its own mount's.
    """

    def __init__(self, inner: Backend, mount: str, announce: Announce) -> None:
        super().__init__(inner)
        self._mount = mount
        self._announce = announce
        self._lock = threading.Lock()
        self._written_in_place: set[str] = set()

    def around(self, act: Act, keys: tuple[str, ...], run: Callable[..., ResultT]) -> ResultT:
        try:
            result = run(*keys)
        except BackendUnavailable:
            # It may have been done all the same.
            self._tell(act, keys)
            raise
        self._tell(act, keys)
        return result

    def _tell(self, act: Act, keys: tuple[str, ...]) -> None:
        if act in _KINDS:
            for key, kind in zip(keys, _KINDS[act], strict=True):
                if kind is not None:
                    self._announce(key, kind)
        elif act in _KIND:
            for key in keys:
                self._announce(key, _KIND[act])
        elif act in _WRITES_IN_PLACE:
            with self._lock:
                self._written_in_place.add(keys[0])
        elif act in _WRITTEN_IN_PLACE and self._was_written(keys[0]):
            self._announce(keys[0], ChangeKind.CONTENT)

    def _was_written(self, key: str) -> bool:
        with self._lock:
            known = key in self._written_in_place
            self._written_in_place.discard(key)
            return known

    def shown_at(self, member: str, place: str) -> Iterable[str]:
        return (place,) if member == self._mount else ()

    def forget(self, key: str) -> None:
        """The stack hears of changes from its own mount."""

    def close(self) -> None:
        """The stack stays open."""


class Coherence:
    """Carries changes between the open mounts of one manager.

    Upwards, what a mount's tree tells of is told to the mounts that stand on it, under the keys that they
    show it at. Downwards, a mount that stands on others has `MemberLayer`s of them: what it stores there is
    told to the member's tree, and up from there to everybody but itself.
    """

    def __init__(self, changes: ChangeBus, made: VirtualFiles) -> None:
        self._made = made
        self._changes = changes
        self._lock = threading.Lock()
        self._trees: Mapping[str, FileTree] = MappingProxyType({})
        self._users: Mapping[str, tuple[str, ...]] = MappingProxyType({})
        changes.subscribe(self._heard)

    def member(self, user: str, name: str, stack: Backend) -> Backend:
        """The stack of the mount `name` for the mount `user`, which stands on it."""
        aside = stack.ability(ShowsAside)
        beneath = stack if aside is None else aside.beneath
        return MemberLayer(beneath, name, lambda key, kind: self._announced(user, name, key, kind))

    def joined(self, tree: FileTree, members: tuple[str, ...]) -> None:
        """A mount was opened that stands on these."""
        with self._lock:
            self._trees = {**self._trees, tree.name: tree}
            users = {name: (*self._users.get(name, ()), tree.name) for name in members}
            self._users = {**self._users, **users}

    def left(self, mount: str) -> None:
        """A mount is closed."""
        with self._lock:
            self._trees = {name: tree for name, tree in self._trees.items() if name != mount}
            self._users = {
                member: tuple(user for user in users if user != mount)
                for member, users in self._users.items()
                if member != mount
            }

    def users_of(self, mount: str) -> tuple[str, ...]:
        """The open mounts that stand on this one."""
        return self._users.get(mount, ())

    def _heard(self, change: Change) -> None:
        if change.origin is not self and (self._made or change.mount in self._users):
            with acting_as(self):
                self._tell_users(change.mount, change.key, change.kind)

    def _announced(self, user: str, member: str, key: str, kind: ChangeKind) -> None:
        with acting_as(self):
            tree = self._trees.get(member)
            if tree is not None:
                aside = tree.backend.ability(ShowsAside)
                if aside is not None:
                    aside.changed(key)
                tree.stored_elsewhere(key, kind)
            self._tell_users(member, key, kind, but=user)

    def _tell_users(
        self,
        mount: str,
        key: str,
        kind: ChangeKind,
        *,
        but: str | None = None,
        seen: set[tuple[str, str]] | None = None,
    ) -> None:
        # What one mount knows as other content of a name may be the first that another hears of that name.
        told = ChangeKind.CREATED if kind is ChangeKind.CONTENT else kind
        seen = {(mount, key)} if seen is None else seen
        waiting = [(mount, key)]
        while waiting:
            at = waiting.pop()
            for user, shown in self._shown_by_users(*at):
                if user.name != but and (user.name, shown) not in seen:
                    seen.add((user.name, shown))
                    waiting.append((user.name, shown))
                    user.backend.forget(shown)
                    user.stored_elsewhere(shown, told)
            for home, made in self._made_of(at):
                if (home.name, made) not in seen:
                    seen.add((home.name, made))
                    home.stored_elsewhere(made, ChangeKind.REPLACED)
                    # Of this nobody knows yet, not even who made the change.
                    self._tell_users(home.name, made, ChangeKind.REPLACED, seen=seen)

    def _made_of(self, place: tuple[str, str]) -> Iterator[tuple[FileTree, str]]:
        """The virtual files that a change may concern."""
        for mount, key in self._made.made_of(*place):
            tree = self._trees.get(mount)
            if tree is not None:
                yield tree, key

    def _shown_by_users(self, mount: str, key: str) -> Iterator[tuple[FileTree, str]]:
        for name in self._users.get(mount, ()):
            tree = self._trees.get(name)
            if tree is not None:
                for shown in tree.backend.shown_at(mount, key):
                    yield tree, shown
