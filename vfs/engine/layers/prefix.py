"""A folder of a storage as if it were the whole of it."""

import contextlib
from collections.abc import Callable, Iterable
from typing import Annotated, TypeVar, cast

from pydantic import AfterValidator, BaseModel, Field

from vfs.engine import paths
from vfs.engine.backend import Backend
from vfs.engine.capabilities import Capability
from vfs.engine.entries import Entry, EntryKind
from vfs.engine.errors import (
    AlreadyExists,
    DirectoryNotEmpty,
    InvalidPath,
    IsADirectory,
    NotADirectory,
    NotFound,
    PermissionDenied,
)
from vfs.engine.layers.acts import READS, Act
from vfs.engine.layers.mapped_keys import KeyMappingLayer

ResultT = TypeVar("ResultT")

_LOOKS = frozenset({Act.STAT, Act.LIST, Act.SWEEP, Act.SWEEP_VERSIONS, Act.ORIGINAL})


class PrefixOptions(BaseModel, frozen=True, extra="forbid"):
    """Which folder."""

    prefix: Annotated[str, AfterValidator(paths.normalize), Field(min_length=1)]
    """Its key in the storage; it need not be there yet. Slashes at the ends are dropped."""


class PrefixLayer(KeyMappingLayer):
    """Shows what is below the prefix; nothing outside can be reached.

    While the folder is not there the root is empty; the first entry makes it.
    """

    def __init__(self, inner: Backend, options: PrefixOptions) -> None:
        super().__init__(inner)
        self._prefix = options.prefix

    def located(self, location: str) -> str:
        return f"{location}#prefix={self._prefix}"

    def place_of(self, key: str) -> str:
        place = paths.join(self._prefix, key) if key else self._prefix
        paths.check_key(place)
        return place

    def key_at(self, place: str) -> str | None:
        return place[len(self._prefix) + 1 :] if paths.is_below(place, self._prefix) else None

    def shown_at(self, member: str, place: str) -> Iterable[str]:
        for below in self.inner.shown_at(member, place):
            key = self.key_at(below)
            if key is not None:
                yield key
            elif below == self._prefix or paths.is_below(self._prefix, below):
                yield ""

    def around(self, act: Act, keys: tuple[str, ...], run: Callable[..., ResultT]) -> ResultT:
        if "" not in keys:
            return super().around(act, keys, run)
        if act not in _LOOKS:
            self._guard_root(act, keys)
        try:
            return super().around(act, keys, run)
        except NotFound:
            if act not in {Act.LIST, Act.SWEEP}:
                raise
            return cast("ResultT", iter(()))
        except DirectoryNotEmpty as error:
            # rename(2) tells a target above the source before it looks at kinds
            if act is Act.MOVE and not super().around(Act.STAT, keys[:1], self.inner.stat).is_folder:
                raise IsADirectory(path="") from error
            raise

    def stat(self, key: str) -> Entry:
        if key:
            return super().stat(key)
        try:
            root = super().stat("")
        except NotFound:
            return Entry("", EntryKind.FOLDER)
        if not root.is_folder:
            raise NotADirectory(f"the prefix {self._prefix!r} is no folder", "")
        return root

    def _guard_root(self, act: Act, keys: tuple[str, ...]) -> None:
        """Keep the folder itself where it is, and have it there for what is asked of it."""
        if act is Act.REMOVE_DIRECTORY:
            raise PermissionDenied("the root cannot be removed", "")
        if act in {Act.MOVE, Act.EXCHANGE} and not keys[0]:
            raise InvalidPath("the root cannot be moved", "")
        if act not in READS or Capability.READONLY not in self.inner.capabilities:
            with contextlib.suppress(AlreadyExists):
                self.inner.make_directory(self._prefix)
