"""A connection: requests one after the other, each answered by the application."""

import contextlib
import logging
import socket
import ssl
import time
from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from vfs.dav.server.access_log import AccessLog, access_line
from vfs.dav.server.bodies import Body
from vfs.dav.server.channels import Channel
from vfs.dav.server.environments import Endpoints, Environments
from vfs.dav.server.heads import BadRequest, Head, parse_head
from vfs.dav.server.replies import Reply
from vfs.engine import StorageError
from vfs.engine.request_ids import begin_request
from vfs.engine.waiting import about_to_wait

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

log = logging.getLogger(__name__)

_DROPPED = 256 << 20
"""Bytes of a refused body that are taken all the same: Windows hears a 401 when it has sent everything."""


@dataclass(frozen=True, slots=True)
class Terms:
    """What all connections of a server have in common."""

    application: "WSGIApplication"
    access: AccessLog
    timeout: float
    """Seconds that a client may be silent."""
    tls: Callable[[], ssl.SSLContext] | None = None
    """The present context; None for plain HTTP."""


class Connection:
    """One client's connection, used by the thread whose turn it is."""

    def __init__(self, terms: Terms, connection: socket.socket, client: tuple[str, int]) -> None:
        self._terms = terms
        self._socket = connection
        self._client = client
        self._is_ending = self._is_cut = False
        self._channel: Channel | None = None
        self._environments: Environments | None = None
        self._last: Head | None = None
        """That of the request before."""
        self._begun = 0.0
        self.descriptor = connection.fileno()
        self.idle_since: float | None = time.monotonic()
        """When it began to wait for a request; None while one is answered."""

    def end(self) -> None:
        """Answer what has begun, and close; at once where nothing has. From any thread."""
        self._is_ending = True
        if self.idle_since is not None:
            self.cut()

    def cut(self) -> None:
        """Have whatever waits for the client fail now. From any thread."""
        self._is_cut = True
        # It may be closed already.
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RD)

    def turn(self) -> bool:
        """Answer what the client has sent; whether to wait for more. Raises nothing."""
        try:
            return self._answer_all()
        except StorageError as error:
            log.warning("an answer was broken off: %s", error)
        except OSError as error:
            log.debug("%s went away: %s", self._client[0], error)
        return False

    def close(self) -> None:
        """Say goodbye. Raises nothing."""
        self.idle_since = None
        if self._channel is None:
            self._socket.close()
        else:
            self._channel.close()

    def _answer_all(self) -> bool:
        """The next request, and those that came along with it."""
        if self._channel is None or self._environments is None:
            try:
                self._channel, self._environments = self._opened()
            except (OSError, ValueError) as error:
                log.debug("%s: no connection: %s", self._client[0], error)
                return False
        while self._serve_one(self._channel, self._environments):
            self.idle_since = time.monotonic()
            if self._is_ending:
                return False
            if not self._channel.has_more:
                return True
        return False

    def _opened(self) -> tuple[Channel, Environments]:
        self._socket.settimeout(self._terms.timeout)
        server = self._socket.getsockname()
        is_local = not isinstance(server, tuple)
        if not is_local:
            self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        endpoints = Endpoints(("localhost", 0), ("127.0.0.1", 0)) if is_local else self._endpoints(server[:2])
        return Channel(self._socket, self._terms.timeout), Environments(endpoints)

    def _endpoints(self, server: tuple[str, int]) -> Endpoints:
        """Who talks to whom; under TLS, once both sides have shown who they are."""
        if self._terms.tls is None:
            return Endpoints(server, self._client)
        if self._is_cut:
            raise ConnectionError("nothing was said in time")
        about_to_wait()
        secured = self._terms.tls().wrap_socket(self._socket, server_side=True, do_handshake_on_connect=False)
        self._socket = secured
        secured.do_handshake()
        return Endpoints(server, self._client, is_tls=True, certificate_name=_common_name(secured))

    def _serve_one(self, channel: Channel, environments: Environments) -> bool:
        """Answer the next request; whether another one may follow."""
        head: Head | None = None
        environ: dict[str, Any] = {}
        self._begun = time.perf_counter()
        try:
            raw = channel.head()
            if raw is None:
                return False
            self.idle_since = None
            self._begun = time.perf_counter()
            begin_request()
            head = self._last = parse_head(raw, self._last)
            body = Body(channel, head)
            environ = environments.of(head, body)
        except BadRequest as error:
            return self._refuse(channel, head, error)
        return self._answer(channel, head, body, environ)

    def _refuse(self, channel: Channel, head: Head | None, error: BadRequest) -> bool:
        reply = Reply(channel, head, lambda: False)
        reply.refuse(f"{error.status} {HTTPStatus(error.status).phrase}", error.reason)
        self._note(head, reply, {})
        return False

    def _answer(self, channel: Channel, head: Head, body: Body, environ: dict[str, Any]) -> bool:
        def may_follow() -> bool:
            return head.keeps_alive and not (self._is_ending or body.is_broken or body.was_refused)

        reply = Reply(channel, head, may_follow)
        try:
            reply.answer(self._terms.application, environ)
        except OSError:
            self._note(head, reply, environ)
            raise
        except Exception:
            log.exception("%s failed", head.line)
            reply.keeps_alive = False
            if not reply.status:
                reply.refuse("500 Internal Server Error", "something went wrong; the log says what")
        self._note(head, reply, environ)
        return reply.keeps_alive and body.drop(_DROPPED)

    def _note(self, head: Head | None, reply: Reply, environ: dict[str, Any]) -> None:
        line = "-" if head is None else head.line
        address = str(environ.get("REMOTE_ADDR") or self._client[0])
        told = access_line(line, reply.status, reply.sent, address, environ, time.time())
        self._terms.access.note(told, environ, time.perf_counter() - self._begun)


def _common_name(secured: ssl.SSLSocket) -> str | None:
    """The common name of the certificate that the client has shown; None without one."""
    certificate: Any = secured.getpeercert() or {}
    names = [value for part in certificate.get("subject", ()) for key, value in part if key == "commonName"]
    return names[0] if len(names) == 1 else None
