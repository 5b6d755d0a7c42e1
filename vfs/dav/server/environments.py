"""Environments: what WSGI is told of a request."""

import sys
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote_to_bytes, urlsplit

from vfs.dav.server.bodies import Body
from vfs.dav.server.files import FileWrapper
from vfs.dav.server.heads import BadRequest, Head

CERTIFICATE_NAME = "vfs.dav.certificate_name"
"""The common name of the client's certificate, where it has shown one that was found right."""


@dataclass(frozen=True, slots=True)
class Endpoints:
    """Who talks to whom on a connection."""

    server: tuple[str, int]
    client: tuple[str, int]
    is_tls: bool = False
    certificate_name: str | None = None


def environment_of(head: Head, body: Body, endpoints: Endpoints) -> dict[str, Any]:
    """The environment of a request. Raises BadRequest."""
    path, _, query = _target(head).partition(b"?")
    host, port = endpoints.server
    environ: dict[str, Any] = {
        "REQUEST_METHOD": head.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote_to_bytes(path).decode("latin-1"),
        "QUERY_STRING": query.decode("latin-1"),
        "REQUEST_URI": head.target.decode("latin-1"),
        "SERVER_NAME": host,
        "SERVER_PORT": str(port),
        "SERVER_PROTOCOL": "HTTP/1.1" if head.is_1_1 else "HTTP/1.0",
        "REMOTE_ADDR": endpoints.client[0],
        "REMOTE_PORT": str(endpoints.client[1]),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "https" if endpoints.is_tls else "http",
        "wsgi.input": body,
        "wsgi.input_terminated": True,
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
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
