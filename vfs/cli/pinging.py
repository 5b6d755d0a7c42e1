"""Whether the mounts of a configuration answer: each is opened as a daemon would, and asked."""

import os
import threading
import time
from collections.abc import Mapping
from concurrent.futures import Future, wait
from dataclasses import dataclass

from vfs.engine.backend import Backend, ChecksHealth
from vfs.engine.composition import Composition
from vfs.engine.errors import StorageError
from vfs.engine.mounts import MountSpec, Settings, build_stack


@dataclass(frozen=True, slots=True)
class Ping:
    """How one mount answered; `error` is None when it is well, `seconds` what it took to know."""

    mount: str
    type: str
    seconds: float
    error: str | None


def ping_mounts(settings: Settings, timeout: float) -> list[Ping]:
    """Open and ask every mount at the same time; one that takes longer than `timeout` seconds is told so.

    No tree is opened over them: nothing unsent of the journal is taken up. Whatever does not answer in time
    is left behind in threads that do not hold the process.
    """
    stacks: dict[str, Future[Backend]] = {mount.name: Future() for mount in settings.mounts}
    answers: dict[str, Future[float]] = {mount.name: Future() for mount in settings.mounts}
    for mount in settings.mounts:
        asking = _Asking(mount, stacks, answers[mount.name], os.fspath(settings.state))
        threading.Thread(target=asking.run, name=f"vfs-ping-{mount.name}", daemon=True).start()
    _, late = wait(answers.values(), timeout)
    if not late:
        _close(stacks)
    return [Ping(mount.name, mount.type, *_told(answers[mount.name], timeout)) for mount in settings.mounts]


@dataclass(frozen=True, slots=True)
class _Asking:
    """One mount, opened once those that it stands on are, and asked."""

    mount: MountSpec
    stacks: Mapping[str, Future[Backend]]
    answer: Future[float]
    state: str

    def run(self) -> None:
        begun = time.monotonic()
        stack = self.stacks[self.mount.name]
        try:
            backend = build_stack(self.mount, Composition(self.mount.name, self._member, self.state))
            stack.set_result(backend)
            _ask(backend)
        except BaseException as error:  # noqa: BLE001 - told by whoever waits for it
            if not stack.done():
                stack.set_exception(error)
            self.answer.set_exception(error)
        else:
            self.answer.set_result(time.monotonic() - begun)

    def _member(self, name: str) -> Backend:
        try:
            return self.stacks[name].result()
        except StorageError as error:
            raise StorageError(f"stands on {name!r}, which cannot be opened") from error


def _ask(backend: Backend) -> None:
    health = backend.ability(ChecksHealth)
    if health is not None:
        health.ping()
    else:
        backend.stat("")


def _told(answer: Future[float], timeout: float) -> tuple[float, str | None]:
    if not answer.done():
        return timeout, f"no answer within {timeout:g} s"
    error = answer.exception()
    if error is None:
        return answer.result(), None
    return 0.0, str(error) if isinstance(error, StorageError) else f"unexpected {type(error).__name__}"


def _close(stacks: Mapping[str, Future[Backend]]) -> None:
    for stack in stacks.values():
        if stack.exception() is None:
            stack.result().close()
