"""One process: open the storage, serve it, and on the way out send what is not in the stores yet."""

import contextlib
import ctypes
import os
import signal
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import contextmanager
from types import FrameType
from typing import Protocol

from vfs.engine.backend import ChecksHealth
from vfs.engine.errors import BackendUnavailable, ConfigError, StorageError
from vfs.engine.manager import StorageManager
from vfs.engine.mounts import Settings
from vfs.fuse.mounting import FuseOptions, serve

PROGRESS_INTERVAL = 1.0
"""Seconds between two progress lines."""

_M_MMAP_THRESHOLD, _M_ARENA_MAX = -3, -8
"""Parameters of mallopt(3), from glibc's malloc.h."""

_STOP_SIGNALS = (signal.SIGTERM, signal.SIGINT)


class Reporter(Protocol):
    """Whoever started the service, and wants to know how it goes."""

    def ready(self) -> None:
        """The mount answers."""

    def status(self, message: str) -> None:
        """One line on what is happening now."""


def run(settings: Settings, mountpoint: str, options: FuseOptions, reporter: Reporter) -> bool:
    """Serve until unmounted or signalled; True when nothing was left unsent.

    When False, the caller must end the process without waiting for threads: sending was given up on request,
    and what is unsent is in the journal. Raises StorageError when a store or the mount does not come up;
    nothing is mounted then.
    """
    # The kernel has applied the caller's umask already.
    os.umask(0)
    give_memory_back()
    check_outside(settings, mountpoint)
    manager = StorageManager(settings)
    try:
        check_health(manager)
        serve(manager, mountpoint, options, ready=reporter.ready)
        everything_sent = _send_unsent(manager, reporter)
    except BaseException:
        manager.close()
        raise
    if everything_sent:
        manager.close()
    return everything_sent


def give_memory_back() -> None:
    """Have glibc return big buffers to the system when they are freed, and share arenas between threads.

    Otherwise a hundred threads keep an arena each, and the threshold above which memory is mapped, and so
    given back, grows with the blocks that are freed (mallopt(3)): the process would never shrink again.
    """
    with contextlib.suppress(AttributeError):
        mallopt = ctypes.CDLL(None).mallopt
        mallopt(_M_ARENA_MAX, 2)
        mallopt(_M_MMAP_THRESHOLD, 1 << 20)


def check_outside(settings: Settings, mountpoint: str) -> None:
    """Refuse settings whose own files would lie inside the mount: reaching them would wait for itself."""
    for name, path in _own_files(settings):
        outer = os.path.realpath(mountpoint)
        if os.path.commonpath([os.path.realpath(path), outer]) == outer:
            raise ConfigError(f"{name}: {path} lies inside the mount point {mountpoint}; move one of them")


def check_health(manager: StorageManager) -> None:
    """Ask every store at once whether it is there and lets us in.

    Raises the failure of the one that is not, or BackendUnavailable with a line for each of several. Each
    store keeps its own deadline.
    """
    checks = {
        name: check
        for name in manager.mount_names()
        if (check := manager.tree(name).backend.ability(ChecksHealth)) is not None
    }
    if not checks:
        return
    with ThreadPoolExecutor(len(checks), "vfs-health") as pool:
        pings = {name: pool.submit(check.ping) for name, check in checks.items()}
    failures = {name: error for name, ping in pings.items() if (error := ping.exception()) is not None}
    for name, error in failures.items():
        if not isinstance(error, StorageError):
            raise error
        error.mount = error.mount or name
    if len(failures) == 1:
        raise next(iter(failures.values()))
    if failures:
        raise BackendUnavailable("\n".join(map(str, failures.values())))


def _own_files(settings: Settings) -> Iterator[tuple[str, str]]:
    yield "state", os.fspath(settings.state)
    if settings.cache.directory is not None:
        yield "cache.directory", os.fspath(settings.cache.directory)
    for mount in settings.mounts:
        for key, value in mount.options:
            if isinstance(value, os.PathLike):
                yield f"mounts.{mount.name}.{key}", os.fspath(value)


def _send_unsent(manager: StorageManager, reporter: Reporter) -> bool:
    """Wait until all is in the stores; a stop signal ends the wait. True when nothing is left."""
    pool = ThreadPoolExecutor(1, "vfs-flush")
    with _stop_signals() as received:
        sending = pool.submit(manager.flush)
        next_line = time.monotonic()
        while not sending.done() and not received:
            wait([sending], timeout=0.2)
            if time.monotonic() >= next_line and (left := manager.unsent()):
                size = sum(file.size for file in left) / (1 << 20)
                reporter.status(f"sending {len(left)} file(s), {size:.1f} MiB; signal again to leave them")
                next_line = time.monotonic() + PROGRESS_INTERVAL
    pool.shutdown(wait=False)
    if sending.done():
        sending.result()
        return True
    count = len(manager.unsent())
    reporter.status(f"stopped; {count} unsent file(s) stay in the journal and are sent at the next start")
    return False


@contextmanager
def _stop_signals() -> Iterator[list[int]]:
    """The stop signals received inside, as they come; where signals reach another thread there are none."""
    received: list[int] = []

    def note(number: int, _: FrameType | None) -> None:
        received.append(number)

    if threading.current_thread() is not threading.main_thread():
        yield received
        return
    former = {number: signal.signal(number, note) for number in _STOP_SIGNALS}
    try:
        yield received
    finally:
        for number, handler in former.items():
            signal.signal(number, handler)
