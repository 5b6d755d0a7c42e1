"""A new connection to a server: one of its addresses, through the proxy if there is one, and TLS."""

import socket
import ssl
import time
from typing import Any

from vfs.engine.backends.objects.answers import head
from vfs.engine.backends.objects.proxies import Proxy
from vfs.engine.backends.objects.unanswered import Barred, NoAnswer, TooLate
from vfs.engine.backends.objects.wires import Wire
from vfs.engine.waiting import about_to_wait

_FINAL = frozenset({400, 401, 403, 405, 407})
"""What a proxy answers that it will answer again."""


def connected(
    name: str, port: int, until: float, *, tls: ssl.SSLContext | None = None, proxy: Proxy | None = None
) -> Wire:
    """A wire to the server, by the moment `until`; resolving its name lasts as long as the system takes.

    Raises OSError, NoAnswer and Barred among them. A request to a proxy says itself where it is to go
    unless `tls` is given: then the proxy is asked for a way to there first.
    """
    place = (name, port) if proxy is None else (proxy.name, proxy.port)
    connection = _reached(*place, until)
    try:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        if tls is None:
            return Wire(connection)
        if proxy is not None:
            _ask_through(connection, proxy, name, port, until)
        connection.settimeout(_left(until))
        # An end that TLS does not vouch for may be anybody's: it is an error, not the end of an answer.
        return Wire(tls.wrap_socket(connection, server_hostname=name, suppress_ragged_eofs=False))
    except BaseException:
        connection.close()
        raise


def _reached(name: str, port: int, until: float) -> socket.socket:
    """A connection to the first address that takes one; each has an even share of the time that is left."""
    about_to_wait()
    addresses = _addresses(name, port)
    refusal: OSError | None = None
    for index, (family, kind, protocol, _, address) in enumerate(addresses):
        connection = socket.socket(family, kind, protocol)
        try:
            connection.settimeout(_left(until) / (len(addresses) - index))
            connection.connect(address)
        except OSError as error:
            connection.close()
            refusal = error
        else:
            return connection
    if isinstance(refusal, TimeoutError):
        raise TooLate(f"{name}:{port} cannot be reached in time") from refusal
    said = "no address" if refusal is None else refusal.strerror or type(refusal).__name__
    raise NoAnswer(f"{name}:{port} cannot be reached: {said}") from refusal


def _addresses(name: str, port: int) -> list[Any]:
    try:
        return socket.getaddrinfo(name, port, type=socket.SOCK_STREAM)
    except (socket.gaierror, UnicodeError) as error:
        raise NoAnswer(f"no address is known for the host {name}") from error


def _ask_through(connection: socket.socket, proxy: Proxy, name: str, port: int, until: float) -> None:
    """Have the proxy connect us. Raises Barred where it refuses for good, NoAnswer for the time being."""
    host = f"[{name}]:{port}" if ":" in name else f"{name}:{port}"
    lines = [f"CONNECT {host} HTTP/1.1", f"Host: {host}", "User-Agent: vfs"]
    lines += [f"{header}: {value}" for header, value in proxy.headers.items()]
    wire = Wire(connection)
    wire.begin(until)
    wire.send("\r\n".join([*lines, "\r\n"]).encode(), b"")
    status = head(wire)[0]
    if status in _FINAL:
        raise Barred(refusal(status, proxy))
    if not 200 <= status < 300:
        raise NoAnswer(refusal(status, proxy))


def refusal(status: int, proxy: Proxy) -> str:
    """What is told of a proxy that does not do what it is asked."""
    wants = ": it wants a user and a password" if status == 407 else ""
    return f"the proxy {proxy} answered {status}{wants}"


def _left(until: float) -> float:
    left = until - time.monotonic()
    if left <= 0:
        raise TooLate("connecting takes too long")
    return left
