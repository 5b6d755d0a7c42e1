"""One process: open the storage, serve it, and on the way out send what is not in the stores yet."""

import contextlib
import ctypes
import gc
import os
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import closing, contextmanager
from functools import partial
from typing import TYPE_CHECKING, Protocol

from vfs import signals
from vfs.config.configuration import Configuration
from vfs.config.webdav import WebDAVSettings
from vfs.control.metrics import metrics_of
from vfs.control.metrics_server import MetricsServer
from vfs.engine.files.tree import Unsent
from vfs.engine.manager import StorageManager
from vfs.engine.mounts import Settings
from vfs.mount_checks import check_health, check_outside
from vfs.reloading import Listener, Reloader

if TYPE_CHECKING:  # one front door must not need what another one is made of
    from vfs.dav.front import Front
    from vfs.fuse.mounting import FuseOptions

PROGRESS_INTERVAL = 1.0
"""Seconds between two progress lines."""

_M_MMAP_THRESHOLD, _M_ARENA_MAX = -3, -8
"""Parameters of mallopt(3), from glibc's malloc.h."""


class Reporter(Listener, Protocol):
    """Whoever started the service, and wants to know how it goes."""

    def ready(self) -> None:
        """The mount answers."""

    def status(self, message: str) -> None:
        """One line on what is happening now."""

    @property
    def alive_every(self) -> float | None:
        """Seconds after which it is to be told that all goes on; None where nobody wants to know."""

    def alive(self, unsent: Sequence[Unsent]) -> None:
        """It goes on, with these files on their way."""

    def stopping(self) -> None:
        """Nothing is served any more; what is unsent is being sent."""


def run(
    settings: Settings,
    mountpoint: str,
    options: "FuseOptions",
    reporter: Reporter,
    read_again: Callable[[], Settings],
    config: str = "",
    *,
    dav: bool = False,
) -> bool:
    """Serve until unmounted or signalled; True when nothing was left unsent.

    `config` is the real path of the configuration, for those who ask which one is served. With `dav` the same
    mounts are served over WebDAV as well, as its section says.

    Once the mount answers, SIGHUP and the control socket have `read_again` called and its settings taken up.
    When False, the caller must end the process without waiting for threads: sending was given up on request,
    and what is unsent is in the journal. Raises StorageError when a store or the mount does not come up;
    nothing is mounted then.
    """
    give_memory_back()
    check_outside(settings, mountpoint)
    served = partial(_webdav, readonly=options.read_only)
    if dav:
        settings, read_again = _with_users(settings), partial(_read_with_users, read_again)
    with _healthy(settings) as manager:
        with _metrics_told(manager, settings), _beside(manager, served(settings) if dav else None) as front:
            reloader = Reloader(
                manager,
                mountpoint,
                read_again,
                reporter,
                config=config,
                alone=options.mount,
                readonly=options.read_only,
                taken_up=partial(_take_up, front, served),
            )
            _serve(manager, mountpoint, options, reporter, reloader, front)
        everything_sent = _send_unsent(manager, reporter)
    if everything_sent:
        manager.close()
    return everything_sent


@contextmanager
def _healthy(settings: Settings) -> Iterator[StorageManager]:
    """The storage, once every store of it answers; closed if that fails, or what the block does."""
    manager = StorageManager(settings)
    try:
        check_health({name: manager.tree(name) for name in manager.mount_names()})
        yield manager
    except BaseException:
        manager.close()
        raise


def _serve(
    manager: StorageManager,
    mountpoint: str,
    options: "FuseOptions",
    reporter: Reporter,
    reloader: Reloader,
    front: "Front | None",
) -> None:
    from vfs.fuse.mounting import serve

    with reloader.on_request() as begin:

        def ready() -> None:
            collect_only_what_is_new()
            if front is not None:
                front.start()
            begin()
            reporter.ready()

        def alive() -> None:
            reporter.alive(manager.unsent())

        serve(manager, mountpoint, options, ready=ready, alive=alive, alive_every=reporter.alive_every)


@contextmanager
def _beside(manager: StorageManager, served: WebDAVSettings | None) -> Iterator["Front | None"]:
    """The front door for WebDAV, if it is asked for; afterwards what clients have begun is finished."""
    if served is None:
        yield None
        return
    from vfs.dav.front import opened

    with opened(manager, served) as front:
        yield front


@contextmanager
def _metrics_told(manager: StorageManager, settings: Settings) -> Iterator[None]:
    """Inside, the numbers are told over HTTP, where the settings want that."""
    wanted = settings.metrics if isinstance(settings, Configuration) else None
    if wanted is None:
        yield
        return
    with closing(MetricsServer(wanted.host, wanted.port, lambda: metrics_of(manager))):
        yield


def _take_up(front: "Front | None", served: Callable[[Settings], WebDAVSettings], settings: Settings) -> None:
    if front is not None:
        front.take_up(served(settings))


def _read_with_users(read: Callable[[], Settings]) -> Settings:
    return _with_users(read())


def _with_users(settings: Settings) -> Settings:
    """The settings, with who may log in by the file of users: only who serves need be able to read it."""
    return settings.with_users_file() if isinstance(settings, Configuration) else settings


def _webdav(settings: Settings, *, readonly: bool = False) -> WebDAVSettings:
    """What is said of WebDAV; with `readonly` nothing is changed there either, whatever that is."""
    served = (settings if isinstance(settings, Configuration) else Configuration()).served
    return served.model_copy(update={"readonly": True}) if readonly else served


def run_webdav(
    settings: Settings,
    reporter: Reporter,
    read_again: Callable[[], Settings],
    config: str = "",
) -> bool:
    """Serve over WebDAV until signalled; like `run` otherwise.

    It listens at the sockets that a supervisor has passed, if any, else where the settings say.
    """
    from vfs.dav.front import opened
    from vfs.dav.server.listening import passed

    give_memory_back()
    settings, read_again = _with_users(settings), partial(_read_with_users, read_again)
    with _healthy(settings) as manager:
        with (
            _metrics_told(manager, settings),
            opened(manager, _webdav(settings), passed(os.environ)) as front,
        ):
            reloader = Reloader(
                manager,
                front.urls[0],
                read_again,
                reporter,
                config=config,
                readonly=_webdav(settings).readonly,
                taken_up=partial(_take_up, front, _webdav),
            )
            _serve_until_signalled(front, reporter, reloader, manager.unsent)
        everything_sent = _send_unsent(manager, reporter)
    if everything_sent:
        manager.close()
    return everything_sent


def _serve_until_signalled(
    front: "Front", reporter: Reporter, reloader: Reloader, unsent: Callable[[], Sequence[Unsent]]
) -> None:
    with signals.awaiting(*signals.STOP) as stop_is_wanted:
        with reloader.on_request() as begin:
            collect_only_what_is_new()
            front.start()
            begin()
            reporter.ready()
            while not stop_is_wanted(reporter.alive_every):
                if front.takes_connections:
                    reporter.alive(unsent())
        reporter.status("finishing what clients have begun")
        front.stop()


def give_memory_back() -> None:
    """Have glibc return big buffers to the system when they are freed, and share arenas between threads.

    Otherwise a hundred threads keep an arena each, and the threshold above which memory is mapped, and so
    given back, grows with the blocks that are freed (mallopt(3)): the process would never shrink again.
    """
    with contextlib.suppress(AttributeError):
        mallopt = ctypes.CDLL(None).mallopt
        mallopt(_M_ARENA_MAX, 2)
        mallopt(_M_MMAP_THRESHOLD, 1 << 20)


def collect_only_what_is_new() -> None:
    """Have the garbage collector pass over all that there is: modules, and mounts until they are closed.

    Otherwise each few listings of 10,000 names have it look at all that once more, which takes 40 ms, and 6
    this way: nobody is answered meanwhile.
    """
    gc.freeze()


def _send_unsent(manager: StorageManager, reporter: Reporter) -> bool:
    """Wait until all is in the stores; a stop signal ends the wait. True when nothing is left."""
    reporter.stopping()
    pool = ThreadPoolExecutor(1, "vfs-flush")
    received: list[int] = []
    with signals.handling(received.append, *signals.STOP):
        sending = pool.submit(manager.flush)
        next_line = time.monotonic()
        while not sending.done() and not received:
            wait([sending], timeout=0.2)
            if time.monotonic() >= next_line and (left := manager.unsent()):
                reporter.alive(left)
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
