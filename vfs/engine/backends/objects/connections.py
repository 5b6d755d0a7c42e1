"""Connections to one server, kept for the requests that follow: so many at most, the last used first."""

import ssl
import threading
import time
import weakref
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from urllib.parse import urlsplit

from vfs.engine.backends.objects.wires import Wire, connected


class Connections:
    """Lends a connection for each request, a new one where none is idle. Thread-safe."""

    def __init__(self, origin: str, most: int) -> None:
        """`origin` is the server as URLs begin with it; beyond `most` at a time requests wait."""
        parts = urlsplit(origin)
        self._is_tls = parts.scheme == "https"
        usual = 443 if self._is_tls else 80
        self._name = parts.hostname or ""
        self._port = parts.port or usual
        name = f"[{self._name}]" if ":" in self._name else self._name
        self.host = name if self._port == usual else f"{name}:{self._port}"
        """The server as the Host header names it."""
        self._places = threading.Semaphore(most)
        self._idle: deque[Wire] = deque()
        self._is_closed = False
        # Of a storage that nobody closed, too.
        weakref.finalize(self, _close_all, self._idle)

    @contextmanager
    def lent(self, timeout: float) -> Iterator[Wire]:
        """A connection for one request and its answer, `timeout` seconds for both.

        Raises OSError for a server that cannot be reached, TimeoutError where all are taken for so long.
        """
        until = time.monotonic() + timeout
        if not self._places.acquire(timeout=timeout):
            raise TimeoutError("all connections are taken")
        try:
            wire = self._idle_one() or connected(self._name, self._port, timeout, self._tls)
            try:
                wire.begin(timeout, until)
                yield wire
            except BaseException:
                wire.close()
                raise
            self._take_back(wire)
        finally:
            self._places.release()

    def close(self) -> None:
        """Close what is idle at once, and what is in use after that."""
        self._is_closed = True
        _close_all(self._idle)

    def _idle_one(self) -> Wire | None:
        while self._idle:
            try:
                wire = self._idle.pop()
            except IndexError:  # another thread was quicker
                break
            if wire.is_silent():
                return wire
            wire.close()
        return None

    def _take_back(self, wire: Wire) -> None:
        if wire.is_spent or self._is_closed:
            wire.close()
        else:
            self._idle.append(wire)

    @cached_property
    def _tls(self) -> ssl.SSLContext | None:
        """What this machine trusts, as OpenSSL knows it; SSL_CERT_FILE may name it."""
        return ssl.create_default_context() if self._is_tls else None


def _close_all(wires: deque[Wire]) -> None:
    while wires:
        wires.pop().close()
