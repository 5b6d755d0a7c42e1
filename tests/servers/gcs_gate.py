"""What stands before fake-gcs-server, and puts right where it departs from what Google documents.

It heeds conditions of whole uploads only; what it composes over an object keeps that object's generation;
a copy shares its metadata with the original; a generation whose metadata were changed is listed once more,
as a deleted one; deleting an old generation deletes the live object: that is
refused here, as it cannot be put right.
"""

import http.client
import http.server
import json
import secrets
import subprocess
import sys
import threading
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit


class Gate:
    """Forwards to `upstream`; one change at a time, as far as one object is concerned.

    A process of its own: a test that maps a file of a mount into its memory would wait, with the lock of its
    interpreter, for what a thread of that interpreter is to answer.
    """

    def __init__(self, upstream: tuple[str, int]) -> None:
        self._process = subprocess.Popen(
            [sys.executable, __file__, *map(str, upstream)], stdout=subprocess.PIPE, text=True
        )
        assert self._process.stdout is not None
        self.address = "127.0.0.1", int(self._process.stdout.readline())

    def close(self) -> None:
        self._process.kill()
        self._process.communicate()


class _Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 128

    def __init__(self, upstream: tuple[str, int]) -> None:
        self.upstream = upstream
        self.changing = tuple(threading.Lock() for _ in range(64))
        super().__init__(("127.0.0.1", 0), _Handler)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went away is no news here."""


class _Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = 1 << 16
    server: _Server

    def setup(self) -> None:
        super().setup()
        self._upstream = http.client.HTTPConnection(*self.server.upstream, timeout=300)

    def finish(self) -> None:
        self._upstream.close()
        super().finish()

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""

    def handle_any(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        place = _place(self.path, body)
        if self.command == "GET" and "versions" in parse_qs(urlsplit(self.path).query):
            status, headers, answer = self._send("GET", self.path, body)
            self._reply(status, headers, _each_generation_once(answer) if status == 200 else answer)
        elif self.command == "GET" or place is None:
            self._reply(*self._send(self.command, self.path, body))
        else:
            self._reply_to_change(place, body)

    do_GET = do_HEAD = do_PUT = do_POST = do_DELETE = do_PATCH = handle_any  # noqa: N815

    def _reply_to_change(self, place: str, body: bytes) -> None:
        locks = self.server.changing
        with locks[hash(place) % len(locks)]:
            if not self._conditions_hold(place):
                self._reply(412, {}, _error(412, "conditionNotMet"))
            else:
                self._reply(*self._change(place, body))

    def _change(self, place: str, body: bytes) -> tuple[int, dict[str, str], bytes]:
        if self.path.partition("?")[0].endswith("/compose"):
            return self._compose(place, body)
        if self.command == "DELETE" and "generation" in parse_qs(urlsplit(self.path).query):
            return 501, {}, _error(501, "notImplemented")
        status, headers, answer = self._send(self.command, self.path, body)
        source, rewrites, _ = self.path.partition("/rewriteTo/")
        if status == 200 and rewrites and source != place:
            self._own_metadata(place)
        return status, headers, answer

    def _compose(self, place: str, body: bytes) -> tuple[int, dict[str, str], bytes]:
        """Composed elsewhere, and brought here by a copy, which gets a generation of its own."""
        bucket = place.partition("/o/")[0]
        aside = f"{bucket}/o/{secrets.token_hex(8)}"
        status, headers, answer = self._send("POST", f"{aside}/compose", body)
        if status == 200:
            target = place.removeprefix("/storage/v1")
            status, headers, answer = self._send("POST", f"{aside}/rewriteTo{target}", b"")
            self._send("DELETE", aside, b"")
            answer = json.dumps(json.loads(answer)["resource"]).encode()
        return status, headers, answer

    def _own_metadata(self, place: str) -> None:
        _, _, told = self._send("GET", place, b"")
        metadata = json.loads(told).get("metadata") or {}
        self._send("PUT", place, json.dumps({"metadata": metadata}).encode())

    def _conditions_hold(self, place: str) -> bool:
        source = urlsplit(self.path).path.partition("/rewriteTo/")[0]
        query = parse_qs(urlsplit(self.path).query)
        places = {"ifGenerationMatch": place, "ifSourceGenerationMatch": source}
        return all(query[name] == [self._generation(at)] for name, at in places.items() if name in query)

    def _generation(self, place: str) -> str:
        """As conditions name it: "0" where nothing is."""
        status, _, told = self._send("GET", place, b"")
        return "0" if status == 404 else str(json.loads(told)["generation"])

    def _send(self, method: str, path: str, body: bytes) -> tuple[int, dict[str, str], bytes]:
        self._upstream.putrequest(method, path, skip_accept_encoding=True)
        for name, value in self.headers.items():
            if name.lower() not in {"connection", "content-length", "host"}:
                self._upstream.putheader(name, value)
        self._upstream.putheader("Content-Length", str(len(body)))
        self._upstream.endheaders(body or None)
        answer = self._upstream.getresponse()
        content = answer.read()
        return answer.status, dict(answer.getheaders()), content

    def _reply(self, status: int, headers: dict[str, str], body: bytes) -> None:
        self.send_response_only(status)
        for name, value in headers.items():
            if name.lower() not in {"connection", "transfer-encoding", "content-length"}:
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
        self.wfile.flush()


def _place(path: str, body: bytes) -> str | None:
    """The path of the object that a request changes; None where it is none, or not one."""
    parts = urlsplit(path)
    if parts.path.startswith("/upload/"):
        resource = body.partition(b"\r\n\r\n")[2].partition(b"\r\n--")[0]
        return f"{parts.path.removeprefix('/upload')}/{quote(json.loads(resource)['name'], safe='')}"
    if "/o/" not in parts.path:
        return None
    source, _, target = parts.path.partition("/rewriteTo")
    return f"/storage/v1{target}" if target else source.removesuffix("/compose")


def _each_generation_once(listing: bytes) -> bytes:
    """The live one of those that are told of one generation, else the one that was deleted last."""
    told = json.loads(listing)
    generations: dict[tuple[str, str], Any] = {}
    for item in told.get("items", ()):
        known = generations.setdefault((item["name"], item["generation"]), item)
        if "timeDeleted" in known and item.get("timeDeleted", "~") > known["timeDeleted"]:
            generations[item["name"], item["generation"]] = item
    return json.dumps({**told, "items": list(generations.values())}).encode()


def _error(status: int, reason: str) -> bytes:
    return json.dumps({"error": {"code": status, "errors": [{"reason": reason}]}}).encode()


if __name__ == "__main__":
    server = _Server((sys.argv[1], int(sys.argv[2])))
    sys.stdout.write(f"{server.server_port}\n")
    sys.stdout.flush()
    server.serve_forever(0.01)
