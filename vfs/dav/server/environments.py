"""Environments: what WSGI is told of a request."""

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote_to_bytes, urlsplit

from vfs.dav.server.bodies import Body
from vfs.dav.server.files import FileWrapper
from vfs.dav.server.heads import BadRequest, Head
from vfs.engine.serving.bodies import TAKES_BUFFERS

CERTIFICATE_NAME = "vfs.dav.certificate_name"
"""The common name of the client's certificate, where it has shown one that was found right."""


@dataclass(frozen=True, slots=True)
class Endpoints:
    """Who talks to whom on a connection."""

    server: tuple[str, int]
    client: tuple[str, int]
    is_tls: bool = False
    certificate_name: str | None = None


class Environments:
    """Those of one connection's requests: what requests have in common is written down once."""

    def __init__(self, endpoints: Endpoints) -> None:
        self._endpoints = endpoints
        self._headers: Mapping[str, str] | None = None
        self._common: dict[str, Any] = {}

    def of(self, head: Head, body: Body) -> dict[str, Any]:
        """The environment of a request. Raises BadRequest."""
        path, _, query = _target(head).partition(b"?")
        if head.headers is not self._headers:
            self._common = _common(head, self._endpoints)
            self._headers = head.headers
        environ = self._common.copy()
        environ["REQUEST_METHOD"] = head.method
        environ["PATH_INFO"] = (unquote_to_bytes(path) if b"%" in path else path).decode("latin-1")
        environ["QUERY_STRING"] = query.decode("latin-1")
        environ["REQUEST_URI"] = head.target.decode("latin-1")
        environ["wsgi.input"] = body
        return environ


def _common(head: Head, endpoints: Endpoints) -> dict[str, Any]:
    """What is the same for every request on a connection with these headers."""
    host, port = endpoints.server
    environ: dict[str, Any] = {
        "SCRIPT_NAME": "",
        "SERVER_NAME": host,
        "SERVER_PORT": str(port),
        "SERVER_PROTOCOL": "HTTP/1.1" if head.is_1_1 else "HTTP/1.0",
        "REMOTE_ADDR": endpoints.client[0],
        "REMOTE_PORT": str(endpoints.client[1]),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "https" if endpoints.is_tls else "http",
        "wsgi.input_terminated": True,
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
        TAKES_BUFFERS: True,
    }
    for name, value in head.headers.items():
        environ[f"HTTP_{name}"] = value
    if "CONTENT_LENGTH" in head.headers:
        environ["CONTENT_LENGTH"] = environ.pop("HTTP_CONTENT_LENGTH")
    if "CONTENT_TYPE" in head.headers:
        environ["CONTENT_TYPE"] = environ.pop("HTTP_CONTENT_TYPE")
    if not endpoints.is_tls:
        environ["wsgi.file_wrapper"] = FileWrapper
    if endpoints.certificate_name is not None:
        environ[CERTIFICATE_NAME] = endpoints.certificate_name
    return environ


def _target(head: Head) -> bytes:
    """The path and the query that are asked for."""
    target = head.target
    if target.startswith(b"/"):
        return target
    if target == b"*" and head.method == "OPTIONS":
        return target
    scheme, _, rest = target.partition(b"://")
    if scheme.lower() in {b"http", b"https"} and rest:
        parts = urlsplit(target.decode("latin-1"))
        query = f"?{parts.query}" if parts.query else ""
        return f"{parts.path or '/'}{query}".encode("latin-1")
    raise BadRequest(400, "no path")
