"""Journals as they lie on disk: where, what is in them, and saving and sending that when no daemon runs."""

import os
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from types import TracebackType
from typing import Any, Self

from vfs.cli.parts_of_settings import part_of
from vfs.config import load_settings, state_folder
from vfs.engine.backend import Buffer
from vfs.engine.errors import ConfigError, StorageError
from vfs.engine.files.left_behind import Found, LeftBehind, left_behind_in, pieces_of
from vfs.engine.manager import StorageManager
from vfs.engine.mounts import MountSpec

_UNITS_CONFIGS, _UNITS_STATES = "/etc/vfs", ("/var/lib/vfs", "/var/lib/vfsdav")
"""Where the units of the system have configurations, and the state of each."""


@dataclass(frozen=True, slots=True)
class JournalsOnDisk:
    """The state folders that a configuration may have, or the one that was named."""

    config: str | None
    """A real path."""
    folders: tuple[str, ...]

    @classmethod
    def of(cls, config: str | None, state: str | None) -> Self:
        """Raises ConfigError where the configuration does not tell; its other mistakes do not matter here."""
        real = None if config is None else os.path.realpath(config)
        if state is not None:
            return cls(real, (os.path.abspath(state),))
        if real is None:
            return cls(None, ())
        try:
            folders = (state_folder(real), *_states_of_units(real))
        except ConfigError as error:
            raise ConfigError(f"{error}\n--state FOLDER says where the journal is all the same") from error
        return cls(real, folders)

    def found(self, mount: str | None) -> Found:
        """What is in all of them, the oldest first. Raises what reading a folder raises."""
        every = [left_behind_in(folder, mount) for folder in self.folders]
        return Found(
            sorted((file for found in every for file in found.files), key=lambda file: file.since_ns),
            [error for found in every for error in found.unreadable],
        )


def _states_of_units(config: str) -> Iterator[str]:
    folder, name = os.path.split(config)
    if folder == _UNITS_CONFIGS:
        states = (os.path.join(states, os.path.splitext(name)[0], "vfs") for states in _UNITS_STATES)
        yield from filter(os.path.isdir, states)


def as_data(file: LeftBehind) -> dict[str, Any]:
    """As daemons tell of unsent files; besides, since when it waits, in which process's hands."""
    return {
        "mount": file.mount,
        "key": file.record.key,
        "size": file.record.size,
        "failure": None,
        "since": datetime.fromtimestamp(file.since_ns // 10**9, UTC).isoformat(),
        "process": file.holder,
    }


class Saving:
    """Copies files out of journals, to be used in a `with` block.

    Of a file that was changed in places, the journal has these alone: the rest is read from the store, which
    must still have the very object that was edited. Mounts are opened for that, with nothing of their state.
    """

    def __init__(self, config: str | None) -> None:
        self._config = config
        self._closing = ExitStack()
        self._managers: dict[str, StorageManager] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._closing.close()

    def whole(self, file: LeftBehind) -> Iterator[Buffer]:
        """The content, piece by piece. Raises what reading the store raises."""
        return pieces_of(file, partial(self._read_base, file))

    def written(self, file: LeftBehind) -> Iterator[Buffer]:
        """As `whole`, with zeros for what only the store has."""
        return pieces_of(file, lambda start, end: bytes(end - start))

    def _read_base(self, file: LeftBehind, start: int, end: int) -> Buffer:
        record = file.record
        if record.base_etag is None and record.base_version is None:
            raise StorageError("the store does not tell whether its object is still the one that was edited")
        backend = self._manager(file.mount).tree(file.mount).backend
        if record.base_version is None:
            data = backend.read(record.key, start, end, if_match=record.base_etag)
        else:
            data = backend.read(record.key, start, end, version=record.base_version)
        if len(data) != end - start:
            raise StorageError("the store has less of it than was there", record.key, mount=file.mount)
        return data

    def _manager(self, mount: str) -> StorageManager:
        if mount not in self._managers:
            if self._config is None:
                raise ConfigError("--config says which store has the rest of it")
            settings = load_settings(self._config)
            if mount not in {spec.name for spec in settings.mounts}:
                raise ConfigError(f"{self._config}: there is no mount {mount!r}")
            # Elsewhere, so that what waits in the journal is neither taken up nor locked.
            state = self._closing.enter_context(tempfile.TemporaryDirectory(prefix="vfs-"))
            alone = part_of(settings, {mount})
            manager = StorageManager(
                alone.model_copy(update={"state": state, "mounts": tuple(map(_reading, alone.mounts))})
            )
            self._closing.callback(manager.close)
            self._managers[mount] = manager
        return self._managers[mount]


def _reading(spec: MountSpec) -> MountSpec:
    return spec.model_copy(update={"permissions": "readonly"})


def send(
    journals: JournalsOnDisk, files: Sequence[LeftBehind], timeout: float
) -> Mapping[tuple[str, str], str]:
    """Send what no process has, as the next start of the daemon would; why it failed, by mount and key.

    Returns when all is sent or the time, in seconds, is over. The mounts are opened here, and their journals
    are this process's meanwhile. Raises ConfigError, and what opening a mount raises.
    """
    if journals.config is None:
        raise ConfigError("--config says where it is to be sent")
    settings = load_settings(journals.config)
    known = {spec.name for spec in settings.mounts}
    failures: dict[tuple[str, str], str] = {}
    for folder in journals.folders:
        mounts = {file.mount for file in files if file.record.staging.startswith(f"{folder}/")}
        part = part_of(settings, mounts & known)
        if part.mounts:
            failures |= _sent(StorageManager(part.model_copy(update={"state": folder})), timeout)
    return failures


def _sent(manager: StorageManager, timeout: float) -> Mapping[tuple[str, str], str]:
    pool = ThreadPoolExecutor(1, "vfs-flush")
    try:
        sending = pool.submit(manager.flush)
        wait([sending], timeout)
        if sending.done():
            sending.result()
        left = manager.unsent()
    finally:
        # Whoever waits for the stores is woken by this.
        manager.close()
        pool.shutdown()
    return {(file.mount, file.key): file.failure or "not sent in time" for file in left}
