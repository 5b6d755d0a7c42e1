"""The front door as a whole: the application behind its guard, at its sockets, over a manager's mounts."""

import logging
import os
import socket
import threading
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager

from vfs.config.webdav import WebDAVSettings
from vfs.dav.application import application
from vfs.dav.auth.guard import Guard
from vfs.dav.auth.pam import check_available
from vfs.dav.server.accepting import Server
from vfs.dav.server.access_log import AccessLog
from vfs.dav.server.certificates import Certificates
from vfs.dav.server.connections import Terms
from vfs.dav.server.listening import host_of, listen, url_of
from vfs.dav.state.opening import kept_state
from vfs.engine import ConfigError, StorageManager

log = logging.getLogger("vfs.dav")

PATIENCE = 60.0
"""Seconds that a stop waits for what clients have begun."""


class Front:
    """Serves from `start` to `stop`. Settings that need no other socket may be taken up meanwhile."""

    def __init__(self, settings: WebDAVSettings, guard: Guard, server: Server, parts: "_Parts") -> None:
        self._settings = settings
        self._guard = guard
        self._server = server
        self._certificates, self._access, self._hosts, self.urls = parts
        self._thread = threading.Thread(target=server.serve, name="vfs-dav-accept")

    def start(self) -> None:
        self._thread.start()
        for url in self.urls:
            log.info("WebDAV is served at %s%s/", url, self._settings.base_path)

    @property
    def takes_connections(self) -> bool:
        """Whether who comes is let in, as far as the server itself can tell."""
        return self._server.takes_connections

    def stop(self) -> None:
        """Take no more connections, and wait until what was begun is answered."""
        self._server.stop()
        if self._thread.is_alive():
            self._thread.join()
        if left := self._server.drain(PATIENCE):
            log.warning("%d request(s) were cut off: they took longer than %d s", left, PATIENCE)

    def take_up(self, settings: WebDAVSettings) -> None:
        """Have users, rights and certificates as they are now. What needs a new start is told, and left."""
        try:
            for host in self._hosts:
                settings.check_exposure(host)
            _check_pam(settings)
        except ConfigError as error:
            log.error("webdav stays what it was: %s", error)
            return
        fixed = ("host", "port", "base_path", "locks", "state", "junk", "timeout", "readonly", "access_log")
        for key in fixed:
            if getattr(settings, key) != getattr(self._settings, key):
                log.warning("webdav.%s: is taken up at the next start", key)
        if (settings.tls is None) != (self._certificates is None):
            log.warning("webdav.tls: is taken up at the next start")
        elif self._certificates is not None:
            self._certificates.look(settings.tls)
        present = {key: getattr(self._settings, key) for key in (*fixed, "tls")}
        self._guard.take_up(settings.model_copy(update=present))
        self._reopen_log()

    def _reopen_log(self) -> None:
        try:
            self._access.reopen()
        except OSError as error:
            log.error("the access log stays what it was: %s", error)


_Parts = tuple[Certificates | None, AccessLog, Sequence[str], Sequence[str]]


@contextmanager
def opened(
    manager: StorageManager, settings: WebDAVSettings, passed: Sequence[socket.socket] = ()
) -> Iterator[Front]:
    """A front door, to be started; stopped, and everything of it closed, afterwards.

    It listens at the sockets that were passed, if any, else where the settings say. Raises ConfigError,
    StorageError.
    """
    _check_pam(settings)
    with ExitStack() as ending:
        certificates = None if settings.tls is None else Certificates(settings.tls)
        state = ending.enter_context(kept_state(settings))
        served = application(manager, settings, state)
        ending.callback(served.close)
        sockets = list(passed) or [listen(settings.host, settings.port)]
        for each in sockets:
            ending.callback(each.close)
        hosts = [host_of(each) for each in sockets]
        for host in hosts:
            settings.check_exposure(host)
        guard = Guard(served, settings)
        access = _access_log(settings.access_log)
        tls = None if certificates is None else certificates.context
        server = Server(Terms(guard, access, settings.timeout, tls), sockets)
        urls = [url_of(each, is_tls=tls is not None) for each in sockets]
        front = Front(settings, guard, server, (certificates, access, hosts, urls))
        ending.callback(front.stop)
        yield front


def _check_pam(settings: WebDAVSettings) -> None:
    if settings.pam is not None:
        check_available(settings.pam)


def _access_log(path: os.PathLike[str] | None) -> AccessLog:
    try:
        return AccessLog(path)
    except OSError as error:
        raise ConfigError(f"webdav: access_log: {path}: {error.strerror}") from error
