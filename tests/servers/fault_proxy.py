"""An HTTP proxy in front of a store: it counts requests, and fails as networks and stores do."""

import contextlib
import http.client
import http.server
import random
import socket
import struct
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from email.message import Message
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit


@dataclass(frozen=True, slots=True)
class Request:
    """One request as it came in; `key` is the object's, decoded, "" for the bucket itself."""

    method: str
    bucket: str
    key: str
    query: dict[str, list[str]]

    @property
    def act(self) -> str:
        """The S3 call: GET, HEAD, PUT, DELETE, COPY, LIST, and the multipart calls by name."""
        query = self.query
        if self.method == "GET" and not self.key:
            return "LIST"
        if self.method == "POST" and "delete" in query:
            return "DELETE MANY"
        if "uploads" in query:
            return "CREATE UPLOAD"
        if "uploadId" in query:
            return {"PUT": "PART", "POST": "COMPLETE", "DELETE": "ABORT"}.get(self.method, self.method)
        return self.method


Parse = Callable[[str, str, Message], Request]
"""Makes a `Request` of a method, a path with its query, and headers."""

Fault = Callable[["_Handler", Request, bytes], bool]
"""Deals with one request; True when it answered, or ended, the connection itself."""


@dataclass(slots=True)
class _Planned:
    """A fault that waits for requests; `times` None means every one, `rate` that only some are hit."""

    fault: Fault
    times: int | None
    rate: float
    matches: Callable[[Request], bool]


class FaultProxy:
    """Forwards to `upstream` and keeps a record. Requests meet the faults in the order of planning."""

    def __init__(self, upstream: tuple[str, int], seed: int = 0, *, parse: Parse | None = None) -> None:
        """`parse` reads requests; by default as S3's."""
        self.upstream = upstream
        self.parse = parse or _s3_request
        self.requests: list[Request] = []
        self._planned: list[_Planned] = []
        self._lock = threading.Lock()
        self._random = random.Random(seed)
        self._released = threading.Event()
        self._server: _Server | None = None
        self._port = 0
        self.listen()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._port}"

    def listen(self) -> None:
        """Take connections, on the same port as before."""
        self._server = _Server(("127.0.0.1", self._port), self)
        self._port = self._server.server_port
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()

    def refuse(self) -> None:
        """Refuse connections and break the open ones, until `listen`."""
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
            self._server.break_connections()
            self._server = None

    def close(self) -> None:
        self._released.set()
        self.refuse()

    def fail(self, status: int = 503, code: str = "SlowDown", **when: Any) -> None:
        """Answer with an S3 error instead of forwarding. `when`: see `plan`."""
        self.plan(lambda handler, request, _: handler.answer_error(request, status, code), **when)

    def stall(self, **when: Any) -> None:
        """Take the request and never answer."""
        self.plan(lambda *_: self._released.wait(), **when)

    def reset(self, **when: Any) -> None:
        """Break the connection without forwarding."""
        self.plan(lambda handler, *_: handler.reset(), **when)

    def lose_reply(self, **when: Any) -> None:
        """Forward the request, then break the connection instead of handing the answer back."""
        self.plan(lambda handler, request, body: handler.forward(body, cut_after=0), **when)

    def cut_reply(self, after: int, **when: Any) -> None:
        """Forward the request, then break the connection after so many bytes of the answer's body."""
        self.plan(lambda handler, request, body: handler.forward(body, cut_after=after), **when)

    def delay(self, seconds: float, **when: Any) -> None:
        """Hold each request back; it is forwarded then."""
        self.plan(lambda *_: self._released.wait(seconds), **when)

    def plan(
        self,
        fault: Fault,
        *,
        times: int | None = None,
        rate: float = 1.0,
        matches: Callable[[Request], bool] = lambda request: True,
    ) -> None:
        """Let a fault meet the next `times` requests that match (None: all), each with probability `rate`."""
        with self._lock:
            self._planned.append(_Planned(fault, times, rate, matches))

    def heal(self) -> None:
        """Forget every planned fault."""
        with self._lock:
            self._planned.clear()

    @contextlib.contextmanager
    def counting(self) -> Iterator[Counter[str]]:
        """Counts the requests made inside by act; the counter is complete after the block."""
        counted: Counter[str] = Counter()
        start = len(self.requests)
        try:
            yield counted
        finally:
            counted.update(request.act for request in self.requests[start:])

    def take(self, request: Request) -> Fault | None:
        """Record a request, and the fault that meets it."""
        with self._lock:
            self.requests.append(request)
            for planned in self._planned:
                if planned.matches(request) and self._random.random() < planned.rate:
                    if planned.times is not None:
                        planned.times -= 1
                        if planned.times == 0:
                            self._planned.remove(planned)
                    return planned.fault
        return None


class _Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def __init__(self, address: tuple[str, int], proxy: FaultProxy) -> None:
        self.proxy = proxy
        self._open: set[socket.socket] = set()
        super().__init__(address, _Handler)

    def process_request(self, request: Any, client_address: Any) -> None:
        self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        self._open.discard(request)
        super().shutdown_request(request)

    def break_connections(self) -> None:
        for connection in list(self._open):
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went away, or was thrown out, is no news here."""


class _Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: _Server

    def setup(self) -> None:
        super().setup()
        self._upstream = http.client.HTTPConnection(*self.server.proxy.upstream, timeout=300)

    def finish(self) -> None:
        self._upstream.close()
        super().finish()

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""

    def handle_any(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        request = self.server.proxy.parse(self.command, self.path, self.headers)
        fault = self.server.proxy.take(request)
        if fault is None or not fault(self, request, body):
            self.forward(body)

    do_GET = do_HEAD = do_PUT = do_POST = do_DELETE = do_PATCH = handle_any  # noqa: N815

    def forward(self, body: bytes, cut_after: int | None = None) -> bool:
        self._upstream.putrequest(self.command, self.path, skip_host=True, skip_accept_encoding=True)
        for name, value in self.headers.items():
            if name.lower() not in {"connection", "expect"}:
                self._upstream.putheader(name, value)
        self._upstream.endheaders(body or None)
        answer = self._upstream.getresponse()
        self._pass_on(answer, answer.read(), cut_after)
        return True

    def answer_error(self, request: Request, status: int, code: str) -> bool:
        body = (
            f"<?xml version='1.0'?><Error><Code>{code}</Code><Message>as planned</Message></Error>".encode()
        )
        self.send_response_only(status)
        self.send_header("Content-Type", "application/xml")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)
        return True

    def reset(self) -> bool:
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.close_connection = True
        raise ConnectionAbortedError

    def _pass_on(self, answer: http.client.HTTPResponse, content: bytes, cut_after: int | None) -> None:
        if cut_after == 0:
            self.reset()
        self.send_response_only(answer.status)
        for name, value in answer.getheaders():
            if name.lower() not in {"connection", "transfer-encoding", "content-length"}:
                self.send_header(name, value)
        length = answer.headers["Content-Length"] if self.command == "HEAD" else str(len(content))
        self.send_header("Content-Length", length or "0")
        self.end_headers()
        self.wfile.write(content[:cut_after])
        if cut_after is not None and cut_after < len(content):
            self.wfile.flush()
            self.reset()


def _s3_request(method: str, path: str, headers: Message) -> Request:
    parts = urlsplit(path)
    bucket, _, key = parts.path.lstrip("/").partition("/")
    query = parse_qs(parts.query, keep_blank_values=True)
    copies = headers.get("x-amz-copy-source") and "uploadId" not in query
    return Request("COPY" if copies else method, bucket, unquote(key), query)
