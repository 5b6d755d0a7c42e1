"""Files spread evenly over the key space of a store: each stands below a hash of its key.

A file `d/f` is kept as `<hash of d/f>/d/f`, the first digits of the SHA-256 in hexadecimal, so that stores
which divide their work by the beginning of keys, and folders that grow slow with size, see no crowd.
A folder is kept likewise, so that one request tells whether it is there.

The price is paid where a whole folder is asked for: `list` and `remove_directory` go through the whole
store, a page at a time. Renaming a folder is done entry by entry by whoever asks for it.
"""

import builtins
import contextlib
import hashlib
import os
from collections.abc import Callable, Iterator
from typing import Annotated, TypeVar

from pydantic import BaseModel, Field

from vfs.engine import paths
from vfs.engine.backend import Backend, CompletesEntries, Moves, OpensInPlace, SweepsTree
from vfs.engine.entries import Entry
from vfs.engine.errors import (
    AlreadyExists,
    DirectoryNotEmpty,
    NotADirectory,
    NotFound,
    PermissionDenied,
)
from vfs.engine.histories import SweepsVersions
from vfs.engine.layers.acts import MAKES, Act
from vfs.engine.layers.intercepted_abilities import INTERCEPTED
from vfs.engine.layers.mapped_keys import KeyMappingLayer, in_own_keys
from vfs.engine.partial_moves import MovesSome

ResultT = TypeVar("ResultT")


class HashPrefixOptions(BaseModel, frozen=True, extra="forbid"):
    """How fine the spread is."""

    length: Annotated[int, Field(ge=1, le=64)] = 8
    """Hexadecimal digits of the hash."""


class HashPrefixLayer(KeyMappingLayer):
    """Keeps every entry at `<hash>/<key>`; an entry in the store at any other place is not shown."""

    exposes = frozenset(INTERCEPTED) - {
        CompletesEntries,
        Moves,
        MovesSome,
        OpensInPlace,
        SweepsTree,
        SweepsVersions,
    }

    def __init__(self, inner: Backend, options: HashPrefixOptions | None = None) -> None:
        super().__init__(inner)
        self.lists_cheaply = False
        self._length = (options or HashPrefixOptions()).length

    def located(self, location: str) -> str:
        return f"{location}#hash_prefix={self._length}"

    def place_of(self, key: str) -> str:
        if not key:
            return ""
        place = f"{hashlib.sha256(os.fsencode(key)).hexdigest()[: self._length]}/{key}"
        paths.check_key(place)
        return place

    def key_at(self, place: str) -> str | None:
        key = place[self._length + 1 :]
        return key if key and self.place_of(key) == place else None

    def forget(self, key: str) -> None:
        # What is below a folder stands at places that have nothing to do with its own.
        self.inner.forget("")

    def around(self, act: Act, keys: tuple[str, ...], run: Callable[..., ResultT]) -> ResultT:
        for key in keys:
            paths.check_key(key)
        if act in MAKES or act is Act.MAKE_DIRECTORY:
            *sources, target = keys
            for source in sources:
                self._check_source(source)
            self._make_folders_above(target)
        result = super().around(act, keys, run)
        if act in {Act.DELETE, Act.DELETE_MANY}:
            for key in keys:
                self._clear_folders_above(self.place_of(key))
        return result

    def list(self, key: str) -> Iterator[Entry]:
        if not self.stat(key).is_folder:
            raise NotADirectory(path=key)
        return self._children(key)

    def remove_directory(self, key: str) -> None:
        if not self.stat(key).is_folder:
            raise NotADirectory(path=key)
        if not key:
            raise PermissionDenied("the root cannot be removed", key)
        if next(self._children(key), None) is not None:
            raise DirectoryNotEmpty(path=key)
        super().remove_directory(key)
        self._clear_folders_above(self.place_of(key))

    def _children(self, folder: str) -> Iterator[Entry]:
        with in_own_keys({self.place_of(folder): folder}):
            for place, entry in self._everything():
                key = self.key_at(place)
                if key is not None and paths.parent(key) == folder:
                    yield entry

    def _everything(self) -> Iterator[tuple[str, Entry]]:
        sweeps = self.inner.ability(SweepsTree)
        if sweeps is not None:
            yield from sweeps.sweep("")
            return
        folders = [""]
        while folders:
            folder = folders.pop()
            for entry in self.inner.list(folder):
                place = paths.join(folder, entry.name)
                yield place, entry
                if entry.is_folder:
                    folders.append(place)

    def _check_source(self, source: str) -> None:
        """A missing source comes before any problem with the target."""
        self.stat(source)

    def _make_folders_above(self, key: str) -> None:
        """Every folder stands at a place of its own: the store does not make it along with a file."""
        missing: builtins.list[str] = []
        for folder in paths.ancestors(key):
            with contextlib.suppress(NotFound):
                if not self.stat(folder).is_folder:
                    raise NotADirectory(f"{folder} is not a folder", key)
                break
            missing.append(folder)
        for folder in reversed(missing):
            with contextlib.suppress(AlreadyExists):
                self.inner.make_directory(self.place_of(folder))

    def _clear_folders_above(self, place: str) -> None:
        """Remove what the store made above a place, as far as nothing else stands there or below."""
        for above in paths.ancestors(place):
            if self.key_at(above) is not None:
                return
            try:
                self.inner.remove_directory(above)
            except (DirectoryNotEmpty, NotFound):
                return
