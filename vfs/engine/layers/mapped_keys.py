"""A layer under which entries stand at other keys: every key of every call, answer and error is mapped."""

import contextlib
from abc import abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import TypeVar, cast

from vfs.engine import paths
from vfs.engine.backend import Buffer
from vfs.engine.entries import Entry, WriteResult
from vfs.engine.errors import StorageError
from vfs.engine.histories import History
from vfs.engine.layers.acts import Act
from vfs.engine.layers.interception import InterceptingLayer

ResultT = TypeVar("ResultT")


class KeyMappingLayer(InterceptingLayer):
    """Subclasses give the key in the store for each key, and the name for each name in the store."""

    @abstractmethod
    def place_of(self, key: str) -> str:
        """The store's key for one that `check_key` has let pass; raises InvalidPath where there is none."""

    def shown_name(self, name: str) -> str | None:
        """What a name in the store is called here; None for one that is none of ours."""
        return name

    def stored_name(self, name: str) -> str:
        """What a name is called in the store."""
        return name

    def key_at(self, place: str) -> str | None:
        """The key whose `place_of` is this; None where there is none."""
        raise NotImplementedError(place)

    def shown_at(self, member: str, place: str) -> Iterable[str]:
        for below in self.inner.shown_at(member, place):
            key = self.key_at(below) if below else ""
            if key is not None:
                yield key

    def forget(self, key: str) -> None:
        self.inner.forget(self.place_of(key))

    def check_key(self, key: str) -> None:
        place = self._place(key)
        with in_own_keys({place: key}):
            self.inner.check_key(place)

    def around(self, act: Act, keys: tuple[str, ...], run: Callable[..., ResultT]) -> ResultT:
        places = [self._place(key) for key in keys]
        with in_own_keys(dict(zip(places, keys, strict=True))):
            result = run(*places)
        return cast("ResultT", self._told(keys[-1], result)) if keys else result

    def shown(self, folder: str, entries: Iterator[Entry]) -> Iterator[Entry]:
        with in_own_keys({self.place_of(folder): folder}):
            for entry in entries:
                name = self.shown_name(entry.name)
                if name is not None:
                    yield replace(entry, name=name)

    def swept(self, folder: str, found: Iterator[tuple[str, Entry]]) -> Iterator[tuple[str, Entry]]:
        with in_own_keys({self.place_of(folder): folder}):
            for place, entry in found:
                key = self.key_at(place)
                if key is not None:
                    yield key, replace(entry, name=paths.name_of(key))

    def swept_versions(self, folder: str, found: Iterator[History]) -> Iterator[History]:
        with in_own_keys({self.place_of(folder): folder}):
            for history in found:
                key = self.key_at(history.key)
                if key is not None:
                    yield replace(history, key=key)

    def stored(self, folder: str, entry: Entry) -> Entry:
        return replace(entry, name=self.stored_name(entry.name))

    def _told(self, key: str, result: object) -> object:
        """An answer about the entry at `key`, in this layer's names."""
        if isinstance(result, Entry):
            return replace(result, name=paths.name_of(key))
        if isinstance(result, WriteResult):
            return replace(result, path=key)
        if isinstance(result, tuple) and len(result) == 2 and isinstance(result[0], Entry):
            entry, beginning = cast("tuple[Entry, Buffer]", result)
            return replace(entry, name=paths.name_of(key)), beginning
        return result

    def _place(self, key: str) -> str:
        paths.check_key(key)
        with in_own_keys({"": key}):
            return self.place_of(key)


@contextlib.contextmanager
def in_own_keys(keys: Mapping[str, str]) -> Iterator[None]:
    """Errors name the key that stands at their place here; the first where they name another place."""
    try:
        yield
    except StorageError as error:
        if error.path is not None:
            error.path = keys.get(error.path) or next(iter(keys.values()), error.path)
        raise
