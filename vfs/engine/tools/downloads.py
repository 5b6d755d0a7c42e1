"""What a URL gives, as a stream within limits: of whom it may be asked, how much, and for how long.

The standard library's own client: only there can a name be looked up, judged and connected to as one act.
"""

import errno
import http.client
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import dataclass
from typing import Self
from urllib.parse import SplitResult, quote, urljoin, urlsplit

from vfs.engine.errors import BackendUnavailable, NotFound, PermissionDenied, StorageError
from vfs.engine.tools.public_addresses import connect

PIECE = 256 << 10
"""Bytes of a download that are in memory at a time."""

_LONGEST_WAY = 5
_REDIRECTS = frozenset({301, 302, 303, 307, 308})


@dataclass(frozen=True, slots=True)
class Limits:
    """Bytes and seconds that a download may take, None without a limit; `timeout` is for each single wait."""

    timeout: float
    size: int | None
    seconds: float | None
    allow_private: bool


@contextmanager
def download(url: str, limits: Limits) -> Iterator[Iterator[bytes]]:
    """The pieces of what a URL gives, after at most five redirects.

    Proxies are not used. Raises ValueError for what is no plain http or https URL; PermissionDenied for a
    host that is not public, unless allowed; NotFound, BackendUnavailable, and StorageError with errno EFBIG.
    No message has more of a URL than its host: the rest may be a secret.
    """
    parts = _parsed(url)
    with _Deadline(limits.seconds) as deadline:
        for _ in range(_LONGEST_WAY + 1):
            with ExitStack() as held:
                with _translated(parts, deadline):
                    connection = held.enter_context(_connection_to(parts, limits, deadline))
                    response = held.enter_context(_asked(connection, parts))
                if response.status not in _REDIRECTS:
                    _check_status(response, parts)
                    yield _pieces(response, parts, limits, deadline)
                    return
                parts = _redirected(parts, response.headers.get("Location", ""))
        raise BackendUnavailable(f"{parts.hostname} sends on and on")


class _Deadline:
    """Ends whatever waits for a connection when time is up, by shutting it down."""

    def __init__(self, seconds: float | None) -> None:
        self._end = None if seconds is None else time.monotonic() + seconds
        self._timer = None if seconds is None else threading.Timer(seconds, self._expire)
        self._socket: socket.socket | None = None
        self.is_over = False

    def __enter__(self) -> Self:
        if self._timer is not None:
            self._timer.daemon = True
            self._timer.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._timer is not None:
            self._timer.cancel()

    def within(self, timeout: float) -> float:
        """Seconds to wait at most; TimeoutError where none are left."""
        if self._end is None:
            return timeout
        if (left := self._end - time.monotonic()) <= 0:
            raise TimeoutError
        return min(timeout, left)

    def watch(self, connection: socket.socket) -> None:
        self._socket = connection
        if self.is_over:
            self._expire()

    def _expire(self) -> None:
        self.is_over = True
        if self._socket is not None:
            with suppress(OSError):
                # Past TLS, which would take this for its own thread's doing.
                socket.socket.shutdown(self._socket, socket.SHUT_RDWR)


class _Connection(http.client.HTTPConnection):
    """To a host that was judged, under a deadline."""

    def __init__(self, host: str, port: int | None, limits: Limits, deadline: _Deadline) -> None:
        super().__init__(host, port)
        self._limits = limits
        self._deadline = deadline

    def connect(self) -> None:
        timeout = self._deadline.within(self._limits.timeout)
        self.sock = connect(self.host, self.port, timeout, allow_private=self._limits.allow_private)
        self.sock.settimeout(self._limits.timeout)
        self._deadline.watch(self.sock)


class _TlsConnection(_Connection):
    default_port = http.client.HTTPS_PORT

    def connect(self) -> None:
        super().connect()
        context = ssl.create_default_context()
        context.hostname_checks_common_name = False  # RFC 9525: names are those in the alternative names
        secured = context.wrap_socket(self.sock, server_hostname=self.host, do_handshake_on_connect=False)
        self.sock = secured
        self._deadline.watch(secured)
        secured.do_handshake()


def _parsed(url: str) -> SplitResult:
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.port == 0:
        raise ValueError("only http and https URLs with a host can be downloaded")
    if parts.username is not None:
        raise ValueError("a URL to be downloaded cannot hold credentials")
    return parts


def _connection_to(parts: SplitResult, limits: Limits, deadline: _Deadline) -> closing[_Connection]:
    kind = _TlsConnection if parts.scheme == "https" else _Connection
    return closing(kind(parts.hostname or "", parts.port, limits, deadline))


def _asked(connection: _Connection, parts: SplitResult) -> http.client.HTTPResponse:
    path = quote(parts.path or "/", safe="/%:@!$&'()*+,;=~")
    query = quote(parts.query, safe="/%:@!$&'()*+,;=~?")
    connection.request(
        "GET", f"{path}?{query}" if query else path, headers={"User-Agent": "vfs", "Accept": "*/*"}
    )
    return connection.getresponse()


def _redirected(parts: SplitResult, location: str) -> SplitResult:
    try:
        target = _parsed(urljoin(parts.geturl(), location))
    except ValueError as error:
        raise PermissionDenied(f"{parts.hostname} sends on to where nothing is downloaded from") from error
    if (parts.scheme, target.scheme) == ("https", "http"):
        raise PermissionDenied(f"{parts.hostname} sends on from https to http")
    return target


def _check_status(response: http.client.HTTPResponse, parts: SplitResult) -> None:
    if response.status == 200:
        return
    said = f"{parts.hostname} answered {response.status} {response.reason}"
    if response.status in {404, 410}:
        raise NotFound(said)
    if response.status in {401, 403, 407}:
        raise PermissionDenied(said)
    raise BackendUnavailable(said)


def _pieces(
    response: http.client.HTTPResponse, parts: SplitResult, limits: Limits, deadline: _Deadline
) -> Iterator[bytes]:
    most = limits.size
    promised = response.length
    taken = 0
    while True:
        if most is not None and max(taken, promised or 0) > most:
            raise StorageError(f"{parts.hostname} gives more than {most} bytes", errno=errno.EFBIG)
        with _translated(parts, deadline):
            piece = response.read(PIECE)
            # A connection that was shut down looks like the end.
            deadline.within(limits.timeout)
        if not piece:
            break
        taken += len(piece)
        yield piece
    if promised is not None and taken < promised:
        raise BackendUnavailable(f"{parts.hostname} broke off after {taken} of {promised} bytes")


@contextmanager
def _translated(parts: SplitResult, deadline: _Deadline) -> Iterator[None]:
    """What the network and HTTP run into, as errors of ours."""
    try:
        yield
    except StorageError:
        raise
    except (OSError, UnicodeError, http.client.HTTPException) as error:
        if deadline.is_over or isinstance(error, TimeoutError):
            raise BackendUnavailable(f"{parts.hostname} took too long", errno=errno.ETIMEDOUT) from error
        raise BackendUnavailable(f"{parts.hostname} cannot be downloaded from: {error}") from error
