"""Taking up a changed configuration while mounts are served: on SIGHUP, or asked over the control socket."""

import logging
import os
import queue
import signal
import socket
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import asdict
from typing import Any, Protocol

from vfs.control.server import ControlServer, Verb
from vfs.control.trees.conversation import Conversation
from vfs.control.verbs import verbs_of
from vfs.engine.errors import BackendUnavailable, ConfigError, StorageError
from vfs.engine.manager import StorageManager
from vfs.engine.mounts import Settings
from vfs.mount_checks import check_health, check_outside
from vfs.signals import handling

log = logging.getLogger(__name__)


class Listener(Protocol):
    """Whoever wants to know that a configuration is being read again."""

    def reloading(self) -> None: ...

    def reloaded(self) -> None:
        """It is over, whether anything was taken up or not."""


class Reloader:
    """Has a manager take up what the configuration says now: all of it, or nothing and the reason is told."""

    def __init__(
        self,
        manager: StorageManager,
        mountpoint: str,
        read: Callable[[], Settings],
        listener: Listener,
        *,
        config: str = "",
        alone: str | None = None,
        readonly: bool = False,
        taken_up: Callable[[Settings], None] = lambda _: None,
    ) -> None:
        """`read` reads the configuration, whose real path is `config`.

        `alone` is the mount that is shown as the root, if one is; with `readonly` nothing is changed for
        those who ask, as in what is shown. `taken_up` is told of settings whose
        mounts are there now.
        """
        self._manager = manager
        self._mountpoint = mountpoint
        self._read = read
        self._listener = listener
        self._config = config
        self._alone = alone
        self._readonly = readonly
        self._taken_up = taken_up
        self._turn = threading.Lock()
        self._is_over = False

    def reload(self) -> Mapping[str, Any]:
        """The mounts that were added, altered and removed. Raises what is wrong; nothing is changed then."""
        with self._turn:
            if self._is_over:
                raise BackendUnavailable("the file system is being unmounted")
            self._listener.reloading()
            try:
                return self._reload()
            except StorageError as error:
                log.error("the configuration was not taken up: %s", error)
                raise
            finally:
                self._listener.reloaded()

    def _reload(self) -> Mapping[str, Any]:
        settings = self._read()
        check_outside(settings, self._mountpoint)
        if self._alone is not None and self._alone not in {mount.name for mount in settings.mounts}:
            raise ConfigError(f"mount {self._alone!r} is shown as the root, and cannot be removed")
        changes = {
            act: names
            for act, names in asdict(self._manager.reconfigure(settings, vet=check_health)).items()
            if names
        }
        self._taken_up(settings)
        told = "; ".join(f"{act} {', '.join(names)}" for act, names in changes.items())
        log.info("the configuration was read again: %s", told or "nothing has changed")
        return changes

    def stop(self) -> None:
        """Reload no more; one that has begun is waited for."""
        with self._turn:
            self._is_over = True

    @contextmanager
    def on_request(self) -> Iterator[Callable[[], None]]:
        """Inside, SIGHUP and the control socket are answered, once the function that this gives was called.

        A signal that comes before that is kept till then. Without a socket if there can be none.
        """
        signals = queue.SimpleQueue[int | None]()
        with ExitStack() as ending:
            ending.callback(self.stop)
            ending.callback(signals.put, None)

            def begin() -> None:
                threading.Thread(target=self._follow, args=(signals,), name="vfs-reload", daemon=True).start()
                self._listen(ending)

            with handling(signals.put, signal.SIGHUP):
                yield begin

    def _listen(self, ending: ExitStack) -> None:
        verbs: dict[str, Verb] = {
            "info": self._info,
            "reload": lambda _: self.reload(),
            **verbs_of(self._manager),
        }
        try:
            server = ControlServer(self._mountpoint, verbs, {"trees": self._converse})
        except StorageError as error:
            log.warning("there is no control socket: %s", error)
        else:
            ending.callback(server.close)

    def _converse(self, connection: socket.socket) -> None:
        Conversation(connection, self._manager, readonly=self._readonly).run()

    def _info(self, _: Mapping[str, Any]) -> Mapping[str, Any]:
        return {
            "pid": os.getpid(),
            "mountpoint": self._mountpoint,
            "config": self._config,
            "mounts": self._manager.mount_names(),
            "alone": self._alone,
        }

    def _follow(self, signals: "queue.SimpleQueue[int | None]") -> None:
        while signals.get() is not None:
            self._reload_logged()

    def _reload_logged(self) -> None:
        try:
            self.reload()
        except StorageError:
            pass  # logged where it was raised
        except Exception:
            log.exception("reading the configuration again failed")
