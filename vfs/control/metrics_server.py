"""The numbers of a daemon over HTTP, for Prometheus to fetch: `GET /metrics` and nothing else."""

import logging
import socket
import threading
from collections.abc import Callable
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import cast

from vfs.control.metrics import CONTENT_TYPE
from vfs.engine.errors import from_os_error

log = logging.getLogger(__name__)

PATIENCE = 10.0
"""Seconds in which a client must have asked, and taken what it is told."""


class MetricsServer:
    """Listens until closed."""

    def __init__(self, host: str, port: int, text: Callable[[], str]) -> None:
        """`text` gives the numbers. Raises StorageError where the address cannot be listened at."""
        try:
            self._server = _Server((host, port), text)
        except OSError as error:
            raise from_os_error(error, f"metrics: {host}:{port}") from error
        self.port = int(self._server.server_address[1])
        self._thread = threading.Thread(target=self._server.serve_forever, name="vfs-metrics", daemon=True)
        self._thread.start()
        log.info("metrics are told at http://%s:%d/metrics", f"[{host}]" if ":" in host else host, self.port)

    def close(self) -> None:
        """Stop listening."""
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def __init__(self, address: tuple[str, int], text: Callable[[], str]) -> None:
        self.text = text
        if ":" in address[0]:
            self.address_family = socket.AF_INET6
        super().__init__(address, _Handler)

    def handle_error(self, request: object, client_address: object) -> None:
        log.debug("a request for metrics came to nothing", exc_info=True)


class _Handler(BaseHTTPRequestHandler):
    timeout = PATIENCE

    def do_GET(self) -> None:
        if self.path.partition("?")[0] != "/metrics":
            self.send_error(HTTPStatus.NOT_FOUND)
            return
        body = cast("_Server", self.server).text().encode()
        self.send_response(HTTPStatus.OK)
        self.send_header("Content-Type", CONTENT_TYPE)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        log.debug(format, *args)
