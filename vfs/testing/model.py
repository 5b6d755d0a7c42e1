"""A storage in dicts: what the contract says of acts one after the other, at most a page long."""

import errno
from dataclasses import dataclass, field

from vfs.engine import paths
from vfs.engine.errors import (
    AlreadyExists,
    DirectoryNotEmpty,
    InvalidPath,
    IsADirectory,
    NotADirectory,
    NotFound,
    PermissionDenied,
)


@dataclass
class Model:
    """What the contract says, on two dicts at most a page long: files with contents, and folders."""

    files: dict[str, bytes] = field(default_factory=dict)
    folders: set[str] = field(default_factory=lambda: {""})

    def kind(self, key: str) -> type[dict[str, bytes]] | type[set[str]] | None:
        if key in self.files:
            return dict
        return set if key in self.folders else None

    def below(self, key: str) -> list[str]:
        return [other for other in [*self.files, *self.folders] if paths.is_below(other, key)]

    def need_file(self, key: str) -> None:
        if key in self.folders:
            raise IsADirectory(path=key)
        if key not in self.files:
            raise NotFound(path=key)

    def need_folder(self, key: str) -> None:
        if key in self.files:
            raise NotADirectory(path=key)
        if key not in self.folders:
            raise NotFound(path=key)

    def make_room(self, key: str) -> None:
        above = paths.ancestors(key)
        if any(folder in self.files for folder in above):
            raise NotADirectory(path=key)
        self.folders.update(above)

    def check_file_target(self, key: str, overwrite: bool) -> None:
        if key in self.folders:
            raise IsADirectory(path=key)
        if key in self.files and not overwrite:
            raise AlreadyExists(path=key)

    def read(self, key: str) -> bytes:
        self.need_file(key)
        return self.files[key]

    def write(self, key: str, content: bytes, overwrite: bool) -> None:
        self.check_file_target(key, overwrite)
        self.make_room(key)
        self.files[key] = content

    def delete(self, key: str) -> None:
        self.need_file(key)
        del self.files[key]

    def make_directory(self, key: str) -> None:
        if self.kind(key):
            raise AlreadyExists(path=key)
        self.make_room(key)
        self.folders.add(key)

    def remove_directory(self, key: str) -> None:
        self.need_folder(key)
        if not key:
            raise PermissionDenied(path=key, errno=errno.EBUSY)
        if self.below(key):
            raise DirectoryNotEmpty(path=key)
        self.folders.remove(key)

    def list(self, key: str) -> list[str]:
        self.need_folder(key)
        return sorted(paths.name_of(other) for other in self.below(key) if paths.parent(other) == key)

    def copy(self, source: str, target: str, overwrite: bool) -> None:
        self.need_file(source)
        self.write(target, self.files[source], overwrite)

    def move(self, source: str, target: str, overwrite: bool) -> None:
        if not self.kind(source):
            raise NotFound(path=source)
        if not source or paths.is_below(target, source):
            raise InvalidPath(path=target)
        self.check_move_target(source, target, overwrite)
        self.make_room(target)
        self.put(target, self.take(source))

    def check_move_target(self, source: str, target: str, overwrite: bool) -> None:
        taken = self.kind(target)
        if taken and not overwrite:
            raise AlreadyExists(path=target)
        if taken is set and self.kind(source) is dict:
            raise IsADirectory(path=target)
        if taken is dict and self.kind(source) is set:
            raise NotADirectory(path=target)
        if self.below(target) and source != target:
            raise DirectoryNotEmpty(path=target)

    def exchange(self, one: str, other: str) -> None:
        if not self.kind(one):
            raise NotFound(path=one)
        if not one or paths.is_below(other, one) or paths.is_below(one, other):
            raise InvalidPath(path=other)
        if not self.kind(other):
            raise NotFound(path=other)
        if one != other:
            first, second = self.take(one), self.take(other)
            self.put(one, second)
            self.put(other, first)

    def take(self, key: str) -> dict[str, bytes | None]:
        """Cut out what stands at a key, as relative keys with contents, None for folders."""
        cut: dict[str, bytes | None] = {}
        for other in [key, *self.below(key)]:
            relative = other.removeprefix(key)
            cut[relative] = self.files.pop(other) if other in self.files else None
            self.folders.discard(other)
        return cut

    def put(self, key: str, cut: dict[str, bytes | None]) -> None:
        for relative, content in cut.items():
            if content is None:
                self.folders.add(key + relative)
            else:
                self.files[key + relative] = content
