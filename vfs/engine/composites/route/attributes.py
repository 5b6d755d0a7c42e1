"""Attributes in a route: those of a folder are kept in the member that its own key leads to."""

import errno
from collections.abc import Callable
from contextlib import suppress
from typing import TypeVar

from vfs.engine.backend import KeepsAttributes, KeepsXattrs
from vfs.engine.composites.route.members import Members
from vfs.engine.entries import Attributes, Entry
from vfs.engine.errors import AlreadyExists, NotFound

ResultT = TypeVar("ResultT")


class FolderAttributes:
    """Mode, owner and times."""

    def __init__(self, members: Members) -> None:
        self._members = members

    def set_attributes(self, key: str, change: Attributes) -> Entry:
        keeps = self._members.able(key, KeepsAttributes)
        return at_own(self._members, key, lambda: keeps.set_attributes(key, change))


class FolderXattrs:
    """Extended attributes."""

    def __init__(self, members: Members) -> None:
        self._members = members

    def get_xattr(self, key: str, name: str) -> bytes:
        return self._reading(key).get_xattr(key, name)

    def list_xattrs(self, key: str) -> list[str]:
        return self._reading(key).list_xattrs(key)

    def set_xattr(
        self, key: str, name: str, value: bytes, *, create: bool = False, replace: bool = False
    ) -> None:
        keeps = self._members.able(key, KeepsXattrs)
        at_own(self._members, key, lambda: keeps.set_xattr(key, name, value, create=create, replace=replace))

    def remove_xattr(self, key: str, name: str) -> None:
        keeps = self._members.able(key, KeepsXattrs)
        at_own(self._members, key, lambda: keeps.remove_xattr(key, name))

    def _reading(self, key: str) -> KeepsXattrs:
        keeps = self._members.holder(key).ability(KeepsXattrs)
        assert keeps is not None, "a member that can only be read keeps the reading half"
        return keeps


def at_own(members: Members, key: str, act: Callable[[], ResultT]) -> ResultT:
    """The act of the key's member; a folder that only others have is made there first, as it is with them."""
    try:
        return act()
    except NotFound as error:
        elsewhere = members.folder_elsewhere(key, members.of(key))
        if elsewhere is None or error.errno == errno.ENODATA:
            raise
        with suppress(AlreadyExists):
            members.of(key).make_directory(key, attributes=elsewhere.attributes)
        return act()
