"""Connections to one server, kept for the requests that follow: so many at most, the last used first."""

import ssl
import time
import weakref
from collections import deque
from collections.abc import Mapping
from functools import cached_property
from queue import Empty, SimpleQueue
from urllib.parse import urlsplit

from vfs.engine.backends.objects.connecting import connected
from vfs.engine.backends.objects.proxies import Proxy
from vfs.engine.backends.objects.unanswered import TooLate
from vfs.engine.backends.objects.wires import Wire
from vfs.engine.waiting import about_to_wait

_KEPT = 60.0
"""Seconds that a connection may be idle: routers forget it later on, and then nobody says that it is gone."""


class Connections:
    """Lends a connection for each request, a new one where none is idle. Thread-safe."""

    def __init__(
        self, origin: str, most: int, *, proxy: Proxy | None = None, authorities: str | None = None
    ) -> None:
        """`origin` is the server as URLs begin with it; beyond `most` at a time requests wait.

        `authorities` is a file of certificates that are trusted besides those that this machine trusts.
        """
        parts = urlsplit(origin)
        self._is_tls = parts.scheme == "https"
        usual = 443 if self._is_tls else 80
        self._name = parts.hostname or ""
        self._port = parts.port or usual
        name = f"[{self._name}]" if ":" in self._name else self._name
        self.host = name if self._port == usual else f"{name}:{self._port}"
        """The server as the Host header names it."""
        self.proxy = proxy
        is_read_by_proxy = proxy is not None and not self._is_tls
        self.headers: Mapping[str, str] = proxy.headers if proxy is not None and is_read_by_proxy else {}
        """What each request has to tell besides its own headers."""
        self._before_target = f"http://{self.host}" if is_read_by_proxy else ""
        self._authorities = authorities
        self._places: SimpleQueue[None] = SimpleQueue()
        """One for each connection that there may be besides those that are lent."""
        for _ in range(most):
            self._places.put(None)
        self._idle: deque[Wire] = deque()
        self._is_closed = False
        # Of a storage that nobody closed, too.
        weakref.finalize(self, _close_all, self._idle)

    def form(self, target: str) -> str:
        """A target as the first line of a request has it: a proxy that reads it must be told the server."""
        return self._before_target + target

    def lend(self, until: float, *, anew: bool = False) -> Wire:
        """A connection for one request and its answer, which end at the moment `until`; to be given back.

        With `anew`, one that nobody has used. Raises OSError for a server that cannot be reached, TooLate
        where all are taken for so long.
        """
        self._take_place(until)
        try:
            wire = (None if anew else self._idle_one()) or self._new_one(until)
        except BaseException:
            self._places.put(None)
            raise
        wire.begin(until)
        return wire

    def take_back(self, wire: Wire) -> None:
        """The request was answered, or `is_spent` tells that nothing more can be asked."""
        if wire.is_spent or self._is_closed:
            wire.close()
        else:
            wire.idle_since = time.monotonic()
            self._idle.append(wire)
        self._places.put(None)

    def close(self) -> None:
        """Close what is idle at once, and what is in use after that."""
        self._is_closed = True
        _close_all(self._idle)

    def _take_place(self, until: float) -> None:
        try:
            self._places.get_nowait()
        except Empty:
            about_to_wait()
            try:
                self._places.get(timeout=max(0.0, until - time.monotonic()))
            except Empty:
                raise TooLate("all connections are taken") from None

    def _new_one(self, until: float) -> Wire:
        return connected(self._name, self._port, until, tls=self._tls, proxy=self.proxy)

    def _idle_one(self) -> Wire | None:
        while self._idle:
            try:
                wire = self._idle.pop()
            except IndexError:  # another thread was quicker
                break
            if time.monotonic() - wire.idle_since < _KEPT and wire.is_silent():
                return wire
            wire.close()
        return None

    @cached_property
    def _tls(self) -> ssl.SSLContext | None:
        """What this machine trusts, as OpenSSL knows it; SSL_CERT_FILE may name it."""
        if not self._is_tls:
            return None
        context = ssl.create_default_context()
        if self._authorities is not None:
            context.load_verify_locations(self._authorities)
        context.set_alpn_protocols(["http/1.1"])
        return context


def _close_all(wires: deque[Wire]) -> None:
    while wires:
        wires.pop().close()
