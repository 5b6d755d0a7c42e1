"""What the arguments of a verb stand for: places in mounts of a configuration, and paths of this machine.

`photos:2026/a.jpg` is in the mount `photos`, `:a.jpg` in the main one. Without a colon before the first slash
it is a path of this machine, so `./a:b` is a file here. What a running daemon of this user serves is acted on
by that daemon: the tool sees what was written there a moment ago, and all that look through the daemon see at
once what the tool does. Only mounts that are named are opened.
"""

import errno
import os
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from types import TracebackType
from typing import Self

from vfs.cli.config_search import config_named
from vfs.cli.local_places import LocalMounts, real_path, split_at_mount
from vfs.cli.parts_of_settings import part_of
from vfs.cli.serving import Serving, servings
from vfs.config import load_settings
from vfs.control.trees.connections import Connections
from vfs.control.trees.daemon_tree import DaemonTree
from vfs.engine import paths
from vfs.engine.backends.given import GivenOptions
from vfs.engine.errors import ConfigError, NotFound, StorageError
from vfs.engine.manager import StorageManager
from vfs.engine.mounts import MountSpec, Settings
from vfs.engine.nodes import StorageNode
from vfs.engine.spelling import did_you_mean

_MAGIC = re.compile(r"[*?\[]")


@dataclass(frozen=True, slots=True)
class Held:
    """A place as the daemon that shows it knows it."""

    daemon: Serving
    mount: str
    key: str

    @property
    def path(self) -> str | None:
        """Where it is seen on this machine, if it is."""
        top = self.daemon.path_of(self.mount)
        return None if top is None else os.path.join(top, self.key).rstrip("/")


@dataclass(frozen=True, slots=True)
class Place:
    """What one argument stands for. Nothing was asked of the storage yet."""

    argument: str
    node: StorageNode
    spec: MountSpec | None
    """The settings of the mount that the argument names; None for a path of this machine."""
    held: Held | None
    """Where a running daemon has it: `node` is then of the daemon's tree."""

    @property
    def names_folder(self) -> bool:
        """Whether it was written as only a folder is: with a slash at its end, or as a mount's root."""
        return self.argument.endswith("/") or self.names_content

    @property
    def names_content(self) -> bool:
        """Whether it was written without a name of its own: a mount's root, `.`, `..`."""
        last = self.argument.rstrip("/").rpartition("/")[2]
        return not self.node.name or last in {".", ".."}


def mount_named(argument: str) -> str | None:
    """The mount that an argument names, "" for the main one; None for a path of this machine."""
    head, colon, _ = argument.partition(":")
    return head if colon and "/" not in head else None


class Places:
    """The places that arguments stand for, to be used in a `with` block: what was opened is closed then.

    Leaving it waits until everything that was written is in the stores.
    """

    def __init__(self, config: str | None, arguments: Sequence[str], *, follow: bool = True) -> None:
        """Open the mounts that the arguments name. Raises ConfigError, and what opening raises.

        `config` is what `--config` said. Symlinks of this machine are followed at the end of a path unless
        `follow` is false.
        """
        named = {mount for argument in arguments if (mount := mount_named(argument)) is not None}
        self._config = config_named(config, os.environ) if named else ""
        self._settings = load_settings(self._config) if named else Settings()
        self._follow = follow
        self._servings: list[Serving] | None = None
        self._held: dict[str, Serving] = {}
        self._connections: dict[Serving, Connections] = {}
        chosen = {self._known(mount) for mount in named}
        self.manager = StorageManager(self._to_open(chosen))
        self._local = LocalMounts(self.manager)
        try:
            for mount, serving in self._held.items():
                self._take_up(mount, serving, mount)
        except BaseException:
            self._close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if kind is None or issubclass(kind, StorageError):
                self.manager.flush()
        finally:
            self._close()

    def cut(self) -> None:
        """Have daemons stop what they do for us, and wait for nothing; may be called at any moment."""
        for connections in list(self._connections.values()):
            connections.cut()

    def _close(self) -> None:
        self.manager.close()
        for connections in self._connections.values():
            connections.close()

    def _take_up(self, name: str, serving: Serving, mount: str) -> None:
        """Have a mount of a daemon under this name."""
        connections = self._connections.setdefault(serving, Connections(serving.talk))
        tree = DaemonTree(name, connections, mount, self.manager.changes)
        options = GivenOptions(backend=tree.backend)
        self.manager.add_tree(tree, MountSpec(name=name, type="given", options=options))

    def at(self, argument: str, *, follow: bool | None = None) -> Place:
        """The place of one of the arguments. Raises InvalidPath for what can be no path.

        `follow` is for this one, in place of what was said for all.
        """
        mount = mount_named(argument)
        if mount is None:
            return self._here(argument, self._follow if follow is None else follow)
        name = self._known(mount)
        key = paths.split_mount(argument)[1]
        spec = next(spec for spec in self._settings.mounts if spec.name == name)
        serving = self._held.get(name)
        held = None if serving is None else Held(serving, name, key)
        return Place(argument, StorageNode(self.manager, name, key), spec, held)

    def chosen(self, arguments: Iterable[str], *, glob: bool) -> Iterator[Place]:
        """The places of arguments; with `glob`, all that fit them as patterns, each once an argument.

        What stands at a place is asked for only where there is a pattern. Raises StorageError where nothing
        fits one.
        """
        for argument in arguments:
            if glob and _MAGIC.search(argument):
                yield from self._matching(argument)
            else:
                yield self.at(argument)

    def _matching(self, argument: str) -> Iterator[Place]:
        plain, pattern = _split_pattern(argument)
        base = self.at(plain)
        place = None
        for node in base.node.glob(pattern):
            held = None if base.held is None else replace(base.held, key=self._beside(base, node))
            place = Place(self.shown(node.mount, node.path), node, base.spec, held)
            yield place
        if place is None:
            raise StorageError("nothing fits this pattern", argument, errno=errno.ENOENT)

    @staticmethod
    def _beside(base: Place, node: StorageNode) -> str:
        below = node.path[len(base.node.path) :].lstrip("/")
        key = "" if base.held is None else base.held.key
        return paths.join(key, below)

    def shown(self, mount: str | None, key: str) -> str:
        """A place as people write it: `mount:path`, or a path of this machine."""
        local = None if mount is None else self._local.shown(mount, key)
        return local if local is not None else f"{mount}:{key}"

    def told(self, error: StorageError) -> str:
        """What went wrong, with the place as people write it."""
        if error.mount in self._local:
            return f"{self.shown(error.mount, error.path or '')}: {error.message}"
        if isinstance(error, NotFound) and _MAGIC.search(error.path or ""):
            return f"{error}; --glob takes it as a pattern"
        return str(error)

    def _here(self, argument: str, follow: bool) -> Place:
        path = real_path(argument, follow=follow)
        where = split_at_mount(path)
        held = self._holder_of(where.top, path)
        if held is None:
            return Place(
                argument, StorageNode(self.manager, self._local.opened(where.top), where.key), None, None
            )
        return Place(argument, StorageNode(self.manager, self._name_of(held), held.key), None, held)

    def _name_of(self, held: Held) -> str:
        """The mount here that stands for a daemon's: one alone, by whatever names it is given."""
        serving, mount = held.daemon, held.mount
        if self._held.get(mount) == serving:
            return mount
        top = serving.path_of(mount) or serving.mountpoint
        return self._local.entered(top, lambda name, _: self._take_up(name, serving, mount))

    def _holder_of(self, top: str, path: str) -> Held | None:
        """Where a daemon of ours has a path of this machine that lies in its mount."""
        for serving in self._running():
            if serving.mountpoint == top and (place := serving.place_of(path)) is not None:
                return Held(serving, *place)
        return None

    def _known(self, mount: str) -> str:
        """The name of a mount in the configuration. Raises ConfigError."""
        name = mount or self._settings.main
        if name is None:
            raise ConfigError(f"{self._config}: has no main mount, which a path such as ':a' is in")
        names = [spec.name for spec in self._settings.mounts]
        if name not in names:
            raise ConfigError(
                f"{self._config}: there is no mount {name!r}; {did_you_mean(name, names)} "
                f"(a file here of such a name is './{name}:...')"
            )
        return name

    def _running(self) -> list[Serving]:
        if self._servings is None:
            self._servings = [serving for serving in servings() if serving.is_ours]
        return self._servings

    def _to_open(self, chosen: set[str]) -> Settings:
        """The settings with those mounts alone that are to be opened here; the others are `_held`."""
        if chosen:
            config = os.path.realpath(self._config)
            for serving in sorted(self._running(), key=lambda serving: not serving.is_mounted):
                if serving.config == config:
                    new = chosen.intersection(serving.mounts) - self._held.keys()
                    self._held |= dict.fromkeys(new, serving)
        return part_of(self._settings, chosen - self._held.keys())


def _split_pattern(argument: str) -> tuple[str, str]:
    """An argument as the folder up to the first name with a pattern in it, and the pattern below that."""
    head, colon, rest = argument.partition(":") if mount_named(argument) is not None else ("", "", argument)
    names = rest.split("/")
    plain = next(place for place, name in enumerate(names) if _MAGIC.search(name))
    folder = "/".join(names[:plain])
    if not colon:
        folder = folder or ("/" if rest.startswith("/") else ".")
    return f"{head}{colon}{folder}", "/".join(names[plain:])
