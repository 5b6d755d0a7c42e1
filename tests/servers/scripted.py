"""A server that says byte by byte what it is told to, and the requests that a test sends it."""

import contextlib
import socket
import ssl
import threading
from collections.abc import Callable, Iterator

from tests.servers.certificates import Certificate
from vfs.engine.backends.objects.answers import Answer
from vfs.engine.backends.objects.connections import Connections
from vfs.engine.backends.objects.exchange import exchange

Script = Callable[[socket.socket], None]
"""What the server does with one connection."""


class ScriptedServer:
    """Plays one script a connection, in order; what was asked is kept."""

    def __init__(
        self, *scripts: Script, address: str = "127.0.0.1", certificate: Certificate | None = None
    ) -> None:
        """It listens at an address of the loopback interface, behind TLS if it has a certificate."""
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        self._listening = socket.create_server((address, 0), family=family)
        self.port = self._listening.getsockname()[1]
        name = f"[{address}]" if ":" in address else address
        self.origin = f"{'http' if certificate is None else 'https'}://{name}:{self.port}"
        authorities = None if certificate is None else str(certificate.authority)
        self.connections = Connections(self.origin, most=4, authorities=authorities)
        self._tls = None if certificate is None else _shown(certificate)
        self._scripts = scripts
        self._thread = threading.Thread(target=self._play)
        self._thread.start()

    def ask(self, method: str = "GET", body: bytes = b"", timeout: float = 20, **headers: str) -> Answer:
        return exchange(self.connections, method, "/b/a", headers, body, timeout)

    def _play(self) -> None:
        playing = []
        for script in self._scripts:
            connection, _ = self._listening.accept()
            playing.append(threading.Thread(target=self._answer, args=(connection, script)))
            playing[-1].start()
        for thread in playing:
            thread.join(20)

    def _answer(self, connection: socket.socket, script: Script) -> None:
        with contextlib.suppress(ConnectionError, ssl.SSLError):  # a client may hang up
            if self._tls is not None:
                connection = self._tls.wrap_socket(connection, server_side=True)
            script(connection)
        connection.close()

    def close(self) -> None:
        self.connections.close()
        self._thread.join(20)
        self._listening.close()


def _shown(certificate: Certificate) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate.chain, certificate.key)
    return context


@contextlib.contextmanager
def serving(
    *scripts: Script, address: str = "127.0.0.1", certificate: Certificate | None = None
) -> Iterator[ScriptedServer]:
    """A server that plays the scripts; all of them must have been played at the end."""
    server = ScriptedServer(*scripts, address=address, certificate=certificate)
    try:
        yield server
    finally:
        server.close()


def asked(connection: socket.socket) -> bytes:
    """The head of the next request."""
    received = b""
    while b"\r\n\r\n" not in received:
        more = connection.recv(1 << 16)
        if not more:
            break
        received += more
    return received


def says(*answers: bytes) -> Script:
    """One answer for each request, then the end."""

    def script(connection: socket.socket) -> None:
        for answer in answers:
            asked(connection)
            connection.sendall(answer)

    return script


def told(body: bytes, *headers: str) -> bytes:
    """A success with a body and further headers."""
    lines = ["HTTP/1.1 200 OK", f"Content-Length: {len(body)}", *headers, "\r\n"]
    return "\r\n".join(lines).encode() + body
