"""Which virtual files there are: by mount and key, what they are made of, and that none is made of itself."""

import threading
from collections.abc import Iterable, Iterator, Mapping

from vfs.engine import paths
from vfs.engine.changes import ChangeKind
from vfs.engine.errors import ConfigError
from vfs.engine.option_types import MountPath
from vfs.engine.virtual.files.definitions import VirtualFile

Definitions = Mapping[MountPath, VirtualFile]

Changes = Mapping[MountPath, ChangeKind]
"""What happened where."""


class MountFiles:
    """The virtual files of one mount, and the folders that they are in. Never changed."""

    def __init__(self, files: Mapping[str, VirtualFile]) -> None:
        self.files = files
        self.folders = {folder for key in files for folder in paths.ancestors(key)}

    def __bool__(self) -> bool:
        return bool(self.files)

    def above(self, key: str) -> str | None:
        """The virtual file that stands where a folder on the way to the key would be."""
        return next((folder for folder in paths.ancestors(key) if folder in self.files), None)

    def inside(self, folder: str) -> list[str]:
        """The virtual files in a folder, by their keys."""
        return [key for key in self.files if paths.parent(key) == folder]

    def folders_inside(self, folder: str) -> list[str]:
        """The folders in a folder that must be there, for what is in them."""
        return [key for key in self.folders if paths.parent(key) == folder]

    def below(self, folder: str) -> list[str]:
        """The virtual files at any depth."""
        return [key for key in self.files if paths.is_below(key, folder)]


_NONE = MountFiles({})


class VirtualFiles:
    """All virtual files of a manager: those of its configuration, and those that were published."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._configured: Definitions = {}
        self._published: Definitions = {}
        self._by_mount: Mapping[str, MountFiles] = {}

    def of(self, mount: str) -> MountFiles:
        """Those of one mount, as they are now."""
        return self._by_mount.get(mount, _NONE)

    def __bool__(self) -> bool:
        return bool(self._by_mount)

    def made_of(self, mount: str, key: str) -> Iterator[tuple[str, str]]:
        """The virtual files, by mount and key, that a change at a place may concern."""
        for home, own in self._by_mount.items():
            for shown, file in own.files.items():
                if any(part.is_touched_by(mount, key) for part in file.parts):
                    yield home, shown

    def configure(self, definitions: Definitions) -> Changes:
        """Have these in place of those of the configuration before; what changed.

        Raises ConfigError where they do not fit together; nothing is changed then.
        """
        with self._lock:
            return self._take(definitions, self._published)

    def publish(self, place: MountPath, file: VirtualFile) -> Changes:
        """Have one more, or another one at its place. Raises ConfigError where it does not fit."""
        with self._lock:
            return self._take(self._configured, {**self._published, place: file})

    def withdraw(self, place: MountPath) -> Changes:
        """Have one that was published no longer; nothing changes where there is none."""
        with self._lock:
            rest = {other: file for other, file in self._published.items() if other != place}
            return self._take(self._configured, rest)

    def is_published(self, place: MountPath) -> bool:
        return place in self._published

    @property
    def configured(self) -> Definitions:
        """Those of the configuration."""
        return self._configured

    def _take(self, configured: Definitions, published: Definitions) -> Changes:
        before = {**self._configured, **self._published}
        wanted = {**configured, **published}
        check(wanted)
        mounts: dict[str, dict[str, VirtualFile]] = {}
        for place, file in wanted.items():
            mounts.setdefault(place.mount, {})[place.key] = file
        self._configured, self._published = configured, published
        self._by_mount = {mount: MountFiles(files) for mount, files in mounts.items()}
        return {
            place: _kind(place in before, place in wanted)
            for place in {**before, **wanted}
            if before.get(place) != wanted.get(place)
        }


def _kind(was_there: bool, is_there: bool) -> ChangeKind:
    if was_there and is_there:
        return ChangeKind.REPLACED
    return ChangeKind.CREATED if is_there else ChangeKind.DELETED


def check(definitions: Definitions) -> None:
    """Raises ConfigError for a file below another one, and for one that is made of itself."""
    for place in definitions:
        if not place.key:
            raise ConfigError(f"virtual: {place}: must be a file in the mount, not the mount itself")
        for folder in paths.ancestors(place.key):
            if MountPath(place.mount, folder) in definitions:
                raise ConfigError(f"virtual: {place}: there is a file at {place.mount}:{folder}, no folder")
    for place in definitions:
        _check_way(definitions, place, (place,))


def _check_way(definitions: Definitions, place: MountPath, way: tuple[MountPath, ...]) -> None:
    for part in _virtual_parts(definitions, place):
        if part in way:
            circle = " -> ".join(map(str, (*way[way.index(part) :], part)))
            raise ConfigError(f"virtual: a file cannot be made of itself: {circle}")
        _check_way(definitions, part, (*way, part))


def _virtual_parts(definitions: Definitions, place: MountPath) -> Iterable[MountPath]:
    """The virtual files that one is made of; a pattern never means the file itself."""
    for part in definitions[place].parts:
        for other in definitions:
            is_itself = other == place and part.is_pattern
            if part.is_at(other.mount, other.key) and not is_itself:
                yield other
