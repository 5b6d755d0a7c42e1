"""What must be so before mounts are served: nothing of ours lies inside them, and every store lets us in."""

import logging
import os
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor

from vfs.engine.backend import ChecksHealth
from vfs.engine.errors import BackendUnavailable, ConfigError, StorageError
from vfs.engine.files.tree import FileTree
from vfs.engine.mounts import Settings

log = logging.getLogger(__name__)

_MOST_LINKS = 40
"""More than this on one way are ELOOP to the system (path_resolution(7))."""

_PAUSES = (0.3, 1.0)
"""Seconds before a store is asked again: an overloaded one refuses some requests, and takes the next."""

_AT_ONCE = 1.0
"""Seconds; a store that took longer to fail is not asked again."""


def check_outside(settings: Settings, mountpoint: str) -> None:
    """Refuse settings whose own files would lie inside the mount: reaching them would wait for itself.

    `mountpoint` is a real path. Neither it nor what is below is looked at, so that its own daemon may ask.
    """
    for name, path in _own_files(settings):
        if leads_into(path, mountpoint):
            raise ConfigError(f"{name}: {path} lies inside the mount point {mountpoint}; move one of them")


def leads_into(path: str, folder: str) -> bool:
    """Whether the way to a path, symlinks followed, comes by a folder, which is given by its real path.

    What lies there is not looked at.
    """
    names = [name for name in reversed(os.path.abspath(path).split("/")) if name]
    place, links = "/", 0
    while names:
        name = names.pop()
        place = os.path.dirname(place) if name == ".." else os.path.join(place, name)
        if place == folder:
            return True
        try:
            target = os.readlink(place)
        except OSError:
            continue
        links += 1
        if links > _MOST_LINKS:
            return False
        place = "/" if os.path.isabs(target) else os.path.dirname(place)
        names += [part for part in reversed(target.split("/")) if part not in {"", "."}]
    return False


def check_health(trees: Mapping[str, FileTree]) -> None:
    """Ask every store at once whether it is there and lets us in.

    Raises the failure of the one that is not, or BackendUnavailable with a line for each of several. Each
    store keeps its own deadline; one that says at once that it cannot just now is asked again twice. One
    that is away although a mirror answers without it is only warned of: mirrors are there for that.
    """
    checks = {
        name: check
        for name, tree in trees.items()
        if (check := tree.backend.ability(ChecksHealth)) is not None
    }
    if not checks:
        return
    with ThreadPoolExecutor(len(checks), "vfs-health") as pool:
        pings = {name: pool.submit(_ping, check) for name, check in checks.items()}
    failures = {name: error for name, ping in pings.items() if (error := ping.exception()) is not None}
    for name, error in failures.items():
        if not isinstance(error, StorageError):
            raise error
        error.mount = error.mount or name
    for name in _borne(trees, failures):
        log.warning("shown while its storage is away, as a mirror has the same: %s", failures.pop(name))
    if len(failures) == 1:
        raise next(iter(failures.values()))
    if failures:
        raise BackendUnavailable("\n".join(map(str, failures.values())))


def _borne(trees: Mapping[str, FileTree], failures: Mapping[str, BaseException]) -> list[str]:
    """The mounts that are away and belong to a mirror that answers."""
    away = [name for name, error in failures.items() if isinstance(error, BackendUnavailable)]
    if not away:
        return []
    from vfs.engine.composites.mirror import MirrorBackend  # few have one

    answering = (tree.backend.ability(MirrorBackend) for name, tree in trees.items() if name not in failures)
    names = {name for mirror in answering if mirror is not None for name in mirror.member_names}
    return [name for name in away if name in names]


def _ping(check: ChecksHealth) -> None:
    for pause in _PAUSES:
        began = time.monotonic()
        try:
            return check.ping()
        except BackendUnavailable:
            if time.monotonic() - began > _AT_ONCE:
                raise
        time.sleep(pause)
    return check.ping()


def _own_files(settings: Settings) -> Iterator[tuple[str, str]]:
    yield "state", os.fspath(settings.state)
    if settings.cache.directory is not None:
        yield "cache.directory", os.fspath(settings.cache.directory)
    for mount in settings.mounts:
        for key, value in mount.options:
            if isinstance(value, os.PathLike):
                yield f"mounts.{mount.name}.{key}", os.fspath(value)
