"""A proxy as networks have them: requests that name their server, and CONNECT; it may want a password."""

import base64
import contextlib
import http.server
import select
import socket
import threading
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit


class HttpProxy:
    """Takes requests at `url` and keeps a record of them, as (method, target)."""

    def __init__(
        self, leads: Mapping[str, tuple[str, int]] | None = None, login: tuple[str, str] | None = None
    ) -> None:
        """`leads` says where servers are that only this proxy knows, by host and port as URLs have them."""
        self.asked: list[tuple[str, str]] = []
        self.refusal: int | None = None
        """The status with which everything is refused, if there is one."""
        self._leads = dict(leads or {})
        self._login = login
        self._server = _Server(("127.0.0.1", 0), self)
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self._server.server_port}"

    @property
    def url(self) -> str:
        """With the user and the password that it wants."""
        who = "" if self._login is None else "{}:{}@".format(*self._login)
        return f"http://{who}{self.address}"

    @property
    def expected(self) -> str | None:
        """The header that lets somebody in; None for everybody."""
        if self._login is None:
            return None
        return f"Basic {base64.b64encode(':'.join(self._login).encode()).decode()}"

    def reach(self, place: str) -> socket.socket:
        """A connection to a host and port."""
        parts = urlsplit(f"//{place}")
        return socket.create_connection(self._leads.get(place, (parts.hostname or "", parts.port or 80)), 60)

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@contextlib.contextmanager
def proxying(
    leads: Mapping[str, tuple[str, int]] | None = None, login: tuple[str, str] | None = None
) -> Iterator[HttpProxy]:
    """A proxy, closed at the end."""
    proxy = HttpProxy(leads, login)
    try:
        yield proxy
    finally:
        proxy.close()


class _Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def __init__(self, address: tuple[str, int], proxy: HttpProxy) -> None:
        self.proxy = proxy
        super().__init__(address, _Handler)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went away is no news here."""


class _Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""

    def handle_any(self) -> None:
        """Pass one request on, and all that comes back until the server hangs up."""
        if self._is_refused():
            return
        parts = urlsplit(self.path)
        target = f"{parts.path}?{parts.query}" if parts.query else parts.path
        lines = [f"{self.command} {target} HTTP/1.1", "Connection: close"]
        lines += [f"{name}: {value}" for name, value in self.headers.items() if not _is_for_proxy(name)]
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.close_connection = True
        with self.server.proxy.reach(parts.netloc) as upstream:
            upstream.sendall("\r\n".join([*lines, "\r\n"]).encode("latin-1") + body)
            while piece := upstream.recv(1 << 16):
                self.wfile.write(piece)

    do_GET = do_HEAD = do_PUT = do_POST = do_DELETE = do_PATCH = handle_any  # noqa: N815

    def do_CONNECT(self) -> None:
        """Carry bytes both ways until one side ends."""
        if self._is_refused():
            return
        self.close_connection = True
        with self.server.proxy.reach(self.path) as upstream:
            self.send_response_only(200)
            self.end_headers()
            ways = {self.connection: upstream, upstream: self.connection}
            while True:
                for source in select.select([*ways], [], [])[0]:
                    piece = source.recv(1 << 16)
                    if not piece:
                        return
                    ways[source].sendall(piece)

    def _is_refused(self) -> bool:
        proxy = self.server.proxy
        proxy.asked.append((self.command, self.path))
        status = proxy.refusal
        if proxy.expected is not None and self.headers.get("Proxy-Authorization") != proxy.expected:
            status = 407
        if status is None:
            return False
        self.close_connection = True
        self.send_response_only(status)
        self.send_header("Content-Length", "0")
        self.end_headers()
        return True


def _is_for_proxy(name: str) -> bool:
    return name.lower() in {"connection", "proxy-authorization", "proxy-connection"}
