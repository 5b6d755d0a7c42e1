"""What the WebDAV benchmark asks of a server, by sockets alone, so that the client costs little."""

import os
import selectors
import socket
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass

SMALL = 4096
BIG = 1 << 30
MANY = 10_000
RANGE = 1 << 20

_PROPFIND_ALL = b'<?xml version="1.0"?><propfind xmlns="DAV:"><allprop/></propfind>'
_PROPFIND_FOUR = (
    b'<?xml version="1.0"?><propfind xmlns="DAV:"><prop><resourcetype/><getcontentlength/>'
    b"<getlastmodified/><getetag/></prop></propfind>"
)


@dataclass(frozen=True, slots=True)
class Share:
    """Where a server shows the folder of the benchmark."""

    port: int
    prefix: str

    def connect(self) -> socket.socket:
        connection = socket.create_connection(("127.0.0.1", self.port), timeout=120)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return connection

    def request(self, method: str, path: str, *headers: str) -> bytes:
        lines = [f"{method} {self.prefix}/{path} HTTP/1.1", "Host: 127.0.0.1", *headers, "", ""]
        return "\r\n".join(lines).encode()


class Answer:
    """One answer read from a blocking connection."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        received = b""
        while b"\r\n\r\n" not in received:
            received += self._more()
        head, _, self._ahead = received.partition(b"\r\n\r\n")
        first, *lines = head.split(b"\r\n")
        self.status = int(first.split()[1])
        pairs = (line.split(b":", 1) for line in lines)
        self.headers = {name.strip().lower(): value.strip() for name, value in pairs}

    def _more(self) -> bytes:
        more = self._connection.recv(1 << 16)
        if not more:
            raise ConnectionError("the server closed the connection")
        return more

    def size(self) -> int:
        """Read the body, and count its bytes."""
        if b"content-length" in self.headers:
            return self._known(int(self.headers[b"content-length"]))
        if self.headers.get(b"transfer-encoding") == b"chunked":
            return sum(map(len, self._chunks()))
        return len(self._ahead) + sum(map(len, iter(lambda: self._connection.recv(1 << 20), b"")))

    def _known(self, length: int) -> int:
        got, room = len(self._ahead), memoryview(bytearray(1 << 20))
        while got < length:
            count = self._connection.recv_into(room)
            if not count:
                raise ConnectionError(f"{got} bytes came of {length}")
            got += count
        return got

    def _chunks(self) -> Iterator[bytes]:
        buffer = bytearray(self._ahead)
        while True:
            while b"\r\n" not in buffer:
                buffer += self._more()
            line, _, rest = bytes(buffer).partition(b"\r\n")
            buffer, size = bytearray(rest), int(line, 16)
            while len(buffer) < size + 2:
                buffer += self._more()
            if size == 0:
                return
            yield bytes(buffer[:size])
            del buffer[: size + 2]


def _asked(connection: socket.socket, request: bytes, status: int, size: int | None = None) -> int:
    connection.sendall(request)
    answer = Answer(connection)
    got = answer.size()
    if answer.status != status or size not in {None, got}:
        raise RuntimeError(f"status {answer.status} and {got} bytes")
    return got


def get_big(share: Share) -> None:
    with share.connect() as connection:
        _asked(connection, share.request("GET", "big.bin"), 200, BIG)


def put_big(share: Share, source: str) -> None:
    """Send a file of BIG bytes, in place of one that is there."""
    with share.connect() as connection, open(source, "rb") as file:
        connection.sendall(share.request("PUT", "upload.bin", f"Content-Length: {BIG}"))
        connection.sendfile(file)
        if Answer(connection).status not in {200, 201, 204}:
            raise RuntimeError("the upload was refused")


def propfind(share: Share, body: bytes) -> None:
    request = share.request(
        "PROPFIND", "many/", "Depth: 1", "Content-Type: application/xml", f"Content-Length: {len(body)}"
    )
    with share.connect() as connection:
        size = _asked(connection, request + body, 207)
    if size < MANY * 100:
        raise RuntimeError(f"{size} bytes for {MANY} entries")


def propfind_all(share: Share) -> None:
    propfind(share, _PROPFIND_ALL)


def propfind_four(share: Share) -> None:
    propfind(share, _PROPFIND_FOUR)


def ranges(share: Share) -> None:
    """200 ranges of 1 MiB, here and there in the big file, one after the other."""
    with share.connect() as connection:
        for number in range(200):
            start = (number * 379 % 1000) * RANGE
            header = f"Range: bytes={start}-{start + RANGE - 1}"
            _asked(connection, share.request("GET", "big.bin", header), 206, RANGE)


def small_gets(share: Share) -> None:
    """1,000 files of 4 KiB over 8 connections, each asking for the next when it has one."""
    paths = [f"small/{number:04}.txt" for number in range(1000)]
    with ExitStack() as ending, selectors.DefaultSelector() as selector:
        for _ in range(8):
            connection = ending.enter_context(share.connect())
            connection.setblocking(False)
            selector.register(connection, selectors.EVENT_READ, bytearray())
            connection.send(share.request("GET", paths.pop()))
        open_connections = 8
        while open_connections:
            for key, _ in selector.select(60):
                assert isinstance(key.fileobj, socket.socket)
                if not _whole(key.fileobj, key.data):
                    continue
                key.data.clear()
                if paths:
                    key.fileobj.send(share.request("GET", paths.pop()))
                else:
                    selector.unregister(key.fileobj)
                    open_connections -= 1


def _whole(connection: socket.socket, received: bytearray) -> bool:
    more = connection.recv(1 << 16)
    if not more:
        raise ConnectionError("the server closed the connection")
    received += more
    end = received.find(b"\r\n\r\n")
    return end >= 0 and len(received) >= end + 4 + SMALL


def while_stalled(share: Share, uploads: int = 100) -> float:
    """Seconds that a small GET takes on a new connection while so many uploads have stopped half-way."""
    with ExitStack() as ending:
        for number in range(uploads):
            stalled = ending.enter_context(share.connect())
            stalled.sendall(
                share.request("PUT", f"stalled-{number}", "Content-Length: 1000000") + bytes(1000)
            )
        started = time.perf_counter()
        with share.connect() as connection:
            connection.settimeout(10)
            try:
                _asked(connection, share.request("GET", "small/0000.txt"), 200, SMALL)
            except TimeoutError:
                return 10.0
        return time.perf_counter() - started


def is_asked_first(share: Share) -> bool:
    """Whether an upload that must fail is refused before the client is told to send it."""
    with share.connect() as connection:
        connection.sendall(
            share.request("PUT", "no/such/folder/x", "Content-Length: 100000", "Expect: 100-continue")
        )
        return Answer(connection).status != 100


ACTS: Sequence[tuple[str, Callable[[Share], None]]] = (
    ("GET 1 GiB", get_big),
    ("PROPFIND of 10,000 entries, all properties", propfind_all),
    ("PROPFIND of 10,000 entries, four properties", propfind_four),
    ("1,000 GETs of 4 KiB over 8 connections", small_gets),
    ("200 ranges of 1 MiB", ranges),
)


def prepare(folder: str) -> None:
    """The files that are asked for."""
    with open(os.path.join(folder, "big.bin"), "wb") as big:
        block = os.urandom(1 << 20)
        big.writelines(block for _ in range(BIG >> 20))
    for name, count, size in (("small", 1000, SMALL), ("many", MANY, 100)):
        os.mkdir(os.path.join(folder, name))
        for number in range(count):
            with open(os.path.join(folder, name, f"{number:04}.txt"), "wb") as file:
                file.write(os.urandom(size))
