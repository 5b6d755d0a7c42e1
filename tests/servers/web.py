"""Web servers for tests: Python's own over a folder, rclone's over a folder, and one that plays a script."""

import contextlib
import os
import re
import shutil
import socket
import subprocess
import sys
import sysconfig
import threading
import time
from collections.abc import Callable, Iterator
from functools import partial
from http.server import BaseHTTPRequestHandler, SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import ClassVar

DATA = b"0123456789"


class _QuietFolder(SimpleHTTPRequestHandler):
    """Files and an index of each folder; knows neither ranges nor ETags."""

    def log_message(self, *_: object) -> None:
        return


class Script(BaseHTTPRequestHandler):
    """Answers each request by the function `respond`, which sees all; `requests` tells what was asked."""

    protocol_version = "HTTP/1.1"
    respond: ClassVar[Callable[["Script"], None]]
    requests: ClassVar[list[tuple[str, str, dict[str, str]]]]

    def handle_any(self) -> None:
        self.requests.append((self.command, self.path, dict(self.headers)))
        type(self).respond(self)

    do_GET = do_HEAD = do_PUT = do_PATCH = do_DELETE = handle_any  # noqa: N815 - the names that http.server calls

    def send(self, status: int, body: bytes = b"", **headers: str) -> None:
        """A whole answer; `Content_Type` and the like name headers, `Content_Length=""` leaves that out."""
        self.send_response(status)
        told = {"Content-Length": str(len(body))} | {name.replace("_", "-"): v for name, v in headers.items()}
        for name, value in told.items():
            if value:
                self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        return


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that has read enough hangs up: that is no error."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)  # type: ignore[arg-type]


@contextlib.contextmanager
def _running(handler: Callable[..., BaseHTTPRequestHandler]) -> Iterator[str]:
    server = _Server(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=partial(server.serve_forever, poll_interval=0.01))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@contextlib.contextmanager
def folder_server(folder: Path) -> Iterator[str]:
    """The URL of Python's own server over a folder."""
    with _running(partial(_QuietFolder, directory=os.fspath(folder))) as url:
        yield url


@contextlib.contextmanager
def scripted_server(
    respond: Callable[[Script], None],
) -> Iterator[tuple[str, list[tuple[str, str, dict[str, str]]]]]:
    """The URL of a server that answers by `respond`, and the list of (method, path, headers) it was asked."""
    requests: list[tuple[str, str, dict[str, str]]] = []
    handler = type("Scripted", (Script,), {"respond": staticmethod(respond), "requests": requests})
    with _running(handler) as url:
        yield url, requests


@contextlib.contextmanager
def rclone_server(folder: Path, *options: str) -> Iterator[str]:
    """The URL of `rclone serve http` over a folder: ranges, an index, no redirects to folders."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    program = os.path.join(sysconfig.get_path("scripts"), "rclone")
    command = [shutil.which(program) or "rclone", "serve", "http", "--addr", f"127.0.0.1:{port}", *options]
    log = folder.parent / "rclone.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [*command, os.fspath(folder)],
            stdout=output,
            stderr=output,
            env={**os.environ, "RCLONE_CONFIG": ""},
        )
    try:
        deadline = time.monotonic() + 60
        while not _answers(port):
            if process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"rclone did not start:\n{log.read_text(errors='replace')}")
            time.sleep(0.05)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait()


def _answers(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True


def ranged(request: Script, data: bytes = DATA, **headers: str) -> None:
    """A well-behaved answer to a request with or without a range."""
    said = re.fullmatch(r"bytes=(\d+)-(\d*)", request.headers.get("Range", ""))
    if said is None:
        request.send(200, data, **headers)
        return
    start, end = int(said[1]), min(int(said[2] or len(data)), len(data) - 1) + 1
    if start >= len(data):
        request.send(416, Content_Range=f"bytes */{len(data)}")
    else:
        request.send(206, data[start:end], Content_Range=f"bytes {start}-{end - 1}/{len(data)}", **headers)
