"""Mounting, serving until the end, and leaving no dead mount behind."""

import contextlib
import logging
import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterator

import pyfuse3
import trio

from vfs.engine import BackendUnavailable, StorageError, StorageManager, acting_as
from vfs.fuse.changes import ChangeFollower
from vfs.fuse.deathwatch import watched
from vfs.fuse.kernel_settings import Connection
from vfs.fuse.operations import Operations
from vfs.fuse.options import FuseOptions
from vfs.fuse.preconditions import check_mountable, libfuse_explains
from vfs.fuse.projection import Projection
from vfs.fuse.remounting import MountDoor
from vfs.signals import STOP, handling

__all__ = ["FuseOptions", "serve"]

log = logging.getLogger(__name__)

MAX_REQUESTS = 100
"""Requests in work at a time; more wait in the kernel."""


def serve(
    manager: StorageManager,
    mountpoint: str,
    options: FuseOptions,
    *,
    ready: Callable[[], None],
    alive: Callable[[], None] = lambda: None,
    alive_every: float | None = None,
) -> None:
    """Mount, call `ready` once the mount answers, and return when it was unmounted.

    `alive` is called by the loop that answers the kernel every so many seconds, for as long as it turns.

    The first SIGTERM or SIGINT unmounts. Sending what is unsent is the caller's. Raises ConfigError or
    StorageError when it cannot be mounted; nothing is then.
    """
    check_mountable(options)
    mountpoint = os.path.realpath(mountpoint)
    projection = _projection(manager, mountpoint, options)
    door = MountDoor(manager, projection)
    session = _Session(manager, projection, door, mountpoint, options, ready)
    if alive_every is not None:
        session.pulse = alive, alive_every
    # From before there is a mount: what a signal does by default would leave it behind, dead.
    with handling(session.stop_requests.append, *STOP):
        with libfuse_explains(mountpoint):
            pyfuse3.init(Operations(projection), mountpoint, options.for_libfuse())
        session.connection = Connection.of(mountpoint)
        try:
            with manager.with_door(door), _watch(mountpoint, session.connection):
                trio.run(session.run)
        except ExceptionGroup as group:
            raise _cause(group, mountpoint) from group
        finally:
            pyfuse3.close(unmount=True)
            for handle in projection.files.drain():
                handle.file.close()
            projection.threads.close()


@contextlib.contextmanager
def _watch(mountpoint: str, connection: Connection | None) -> Iterator[None]:
    """Inside, nobody waits for ever at the mount, should this process be killed."""
    if connection is None:
        log.warning("%s is not among the mounts that this process sees: nobody watches it", mountpoint)
        yield
        return
    with watched(f"{connection.major}:{connection.minor}"):
        yield


def _cause(group: ExceptionGroup[Exception], mountpoint: str) -> StorageError:
    """The error that ended the loop, taken out of the groups in which its tasks wrap it."""
    error: Exception = group
    while isinstance(error, ExceptionGroup):
        error = error.exceptions[0]
    if isinstance(error, StorageError):
        return error
    return StorageError(f"serving {mountpoint} ended: {error}")


def _projection(manager: StorageManager, mountpoint: str, options: FuseOptions) -> Projection:
    names = manager.mount_names() if options.mount is None else [options.mount]
    trees = {name: manager.tree(name) for name in names}
    whole = None if options.mount is None else trees[options.mount]
    return Projection(trees, options.appearance(time.time_ns()), whole=whole, mountpoint=mountpoint)


class _Session:
    """One run of the loop, from the first request to the last."""

    def __init__(
        self,
        manager: StorageManager,
        projection: Projection,
        door: MountDoor,
        mountpoint: str,
        options: FuseOptions,
        ready: Callable[[], None],
    ) -> None:
        self._manager = manager
        self._projection = projection
        self._door = door
        self._mountpoint = mountpoint
        self._options = options
        self._ready = ready
        self.connection: Connection | None = None
        self.stop_requests: list[int] = []
        """Signals to stop that came while nothing in the loop waited for them."""
        self.pulse: tuple[Callable[[], None], float] | None = None
        """What is to be called while the loop turns, and every how many seconds."""

    async def run(self) -> None:
        """Serve until unmounted. All that is done here carries the projection as its origin."""
        with acting_as(self._projection):
            token = self._door.loop = trio.lowlevel.current_trio_token()
            unfollow = ChangeFollower(self._projection).follow(self._manager.changes, token)
            try:
                async with trio.open_nursery() as nursery:
                    nursery.start_soon(self._projection.threads.deliver)
                    nursery.start_soon(self._projection.notices.run)
                    nursery.start_soon(self._announce)
                    if self.pulse is not None:
                        nursery.start_soon(_beat, *self.pulse)
                    if threading.current_thread() is threading.main_thread():
                        nursery.start_soon(self._unmount_on_signal)
                    await pyfuse3.main(max_tasks=MAX_REQUESTS)
                    nursery.cancel_scope.cancel()
            finally:
                self._door.loop = None
                unfollow()

    async def _announce(self) -> None:
        # Abandoned if serving ends meanwhile: then nobody is left to answer this look.
        await trio.to_thread.run_sync(self._first_look, abandon_on_cancel=True)
        self._ready()

    def _first_look(self) -> None:
        refusal = _failure_of(["stat", self._mountpoint])
        if refusal:
            raise BackendUnavailable(f"the mount does not answer: {refusal}")
        if self.connection is not None:
            self.connection.tune(self._options.read_ahead_kb)

    async def _unmount_on_signal(self) -> None:
        with trio.open_signal_receiver(*STOP) as received:
            number = self.stop_requests[0] if self.stop_requests else await anext(received)
            log.info("unmounting %s on %s", self._mountpoint, signal.Signals(number).name)
            await trio.to_thread.run_sync(self._unmount)
            pyfuse3.terminate()

    def _unmount(self) -> None:
        """Unmount while requests are still answered, so that the kernel can write back what it holds.

        With files open that fails; their mapped pages are written back, and then programs are cut off.
        """
        command = ["umount"] if os.geteuid() == 0 else ["fusermount3", "-u"]
        refusal = _failure_of([*command, self._mountpoint])
        if refusal:
            log.warning("%s; cutting off the programs that use it", refusal)
            _failure_of(["sync", "-f", self._mountpoint])
            self._cut_off()

    def _cut_off(self) -> None:
        """Fail whatever programs wait for: the kernel must not wait for a process that is leaving."""
        if os.geteuid() == 0:
            _failure_of(["umount", "-f", "-l", self._mountpoint])
        elif self.connection is not None:
            self.connection.abort()


async def _beat(alive: Callable[[], None], every: float) -> None:
    while True:
        await trio.sleep(every)
        alive()


def _failure_of(command: list[str]) -> str:
    """Run a command; what it said when it failed, "" when it did not.

    Whatever touches the mount is done by another process: a thread of this one that waits for an answer of
    this one could not be killed, and would keep the dead mount's callers waiting for ever.
    """
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    return "" if result.returncode == 0 else result.stderr.strip() or f"{command[0]} failed"
