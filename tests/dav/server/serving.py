"""A server over an application of the test's own, and a client that sends what it is told, byte by byte."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from vfs.dav.server.accepting import Server
from vfs.dav.server.access_log import AccessLog
from vfs.dav.server.connections import Terms
from vfs.dav.server.listening import listen


@dataclass
class Running:
    """A server in a thread."""

    server: Server
    port: int
    log: Path
    thread: threading.Thread = field(repr=False)

    def connect(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), timeout=20)

    def ask(self, *sent: bytes) -> bytes:
        """All that comes back until the server closes, of what is sent on one connection."""
        with self.connect() as connection:
            for piece in sent:
                connection.sendall(piece)
            connection.shutdown(socket.SHUT_WR)
            return b"".join(iter(lambda: connection.recv(1 << 16), b""))

    def lines(self) -> list[str]:
        return self.log.read_text().splitlines()


@contextmanager
def running(application: Any, folder: Path, timeout: float = 20.0, **options: Any) -> Iterator[Running]:
    """Stopped, and all its threads gone, afterwards."""
    listening = listen("127.0.0.1", 0)
    port = listening.getsockname()[1]
    terms = Terms(application, AccessLog(folder / "access.log"), timeout, options.pop("tls", None))
    server = Server(terms, [listening], **options)
    thread = threading.Thread(target=server.serve, name="test-server")
    thread.start()
    try:
        yield Running(server, port, folder / "access.log", thread)
    finally:
        server.stop()
        thread.join()
        server.drain(5.0)


def until(connection: socket.socket, end: bytes) -> bytes:
    """What comes, up to and with these bytes."""
    received = b""
    while not received.endswith(end):
        piece = connection.recv(1)
        assert piece, received
        received += piece
    return received


def echo(environ: dict[str, Any], start_response: Any) -> list[bytes]:
    """Answers with the method, the path and the body."""
    body = environ["wsgi.input"].read()
    told = f"{environ['REQUEST_METHOD']} {environ['PATH_INFO']} ".encode("latin-1") + body
    start_response("200 OK", [("Content-Length", str(len(told)))])
    return [told]


def refuse(environ: dict[str, Any], start_response: Any) -> list[bytes]:
    """Refuses without a look at the body."""
    start_response("412 Precondition Failed", [("Content-Length", "0")])
    return []
