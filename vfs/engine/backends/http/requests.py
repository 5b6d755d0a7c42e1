"""Requests to a web server: redirects, credentials, attempts, and statuses as our errors.

urllib3 and not fsspec's aiohttp: these calls block in their own threads, where a trip to fsspec's loop costs
more than the request's own work, and a body is read straight from its socket, no more of it than was asked.
"""

import base64
import contextlib
import errno
import random
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import TypeVar
from urllib.parse import urljoin, urlsplit

import urllib3
from urllib3.exceptions import HTTPError
from urllib3.response import BaseHTTPResponse

from vfs.engine.backend import STREAM_CHUNK
from vfs.engine.backends.http.options import HttpOptions
from vfs.engine.errors import (
    BackendUnavailable,
    CapabilityNotSupported,
    InvalidPath,
    NotFound,
    PermissionDenied,
    StorageError,
)
from vfs.engine.waiting import about_to_wait

_JITTER = random.SystemRandom()
"""Of its own: a program that seeds `random` goes on as it would without us."""

ResultT = TypeVar("ResultT")


class _Busy(BackendUnavailable):
    """The server wants to be left alone for a while; stays inside `retried`."""

    retry_after = 0.0


_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_LONGEST_WAY = 6
_PASSING = frozenset({408, 425, 429, 500, 502, 503, 504})
_FIRST_PAUSE = 0.1
_SOON_READ = 16 << 10
_LONGEST_PAUSE = 5.0


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back; the body is still on its way. `url` is where it came from in the end."""

    response: BaseHTTPResponse
    url: str
    leads_to_folder: bool = False
    """The server only says that this is a folder, by sending on to the same URL with a slash."""

    @property
    def status(self) -> int:
        return self.response.status

    @property
    def headers(self) -> Mapping[str, str]:
        return self.response.headers

    def take(self, size: int) -> bytearray:
        """The next bytes of the body, fewer only at its end."""
        found = bytearray()
        while len(found) < size:
            piece = self.response.read(min(size - len(found), STREAM_CHUNK), decode_content=False)
            if not piece:
                break
            found += piece
        return found

    def skip(self, size: int) -> int:
        """Pass over bytes of the body; how many there were."""
        left = size
        while left:
            piece = self.response.read(min(left, STREAM_CHUNK), decode_content=False)
            if not piece:
                break
            left -= len(piece)
        return size - left

    def close(self) -> None:
        """Give the connection back if little of the body is left, else close it."""
        left = self.response.length_remaining
        if left is not None and left <= _SOON_READ:
            self.response.drain_conn()
            self.response.release_conn()
        else:
            self.response.close()


class Requests:
    """Sends requests below one URL. Thread-safe."""

    def __init__(self, options: HttpOptions) -> None:
        self._origin = _origin(options.url)
        self._retries = options.retries
        self._deadline = options.deadline
        self._closed = threading.Event()
        self._headers = {name: value.get_secret_value() for name, value in options.headers.items()}
        if options.user is not None:
            pair = f"{options.user}:{options.password.get_secret_value()}".encode()
            self._headers["Authorization"] = f"Basic {base64.b64encode(pair).decode()}"
        self._pool = urllib3.PoolManager(
            num_pools=8,
            maxsize=options.connections,
            retries=False,
            timeout=urllib3.Timeout(connect=options.timeout, read=options.timeout),
        )

    @contextlib.contextmanager
    def answer(
        self, method: str, url: str, key: str, headers: Mapping[str, str] | None = None
    ) -> Iterator[Answer]:
        """The answer to one request, redirects followed, any status taken; closed at the end.

        What breaks, also while the body is read, is BackendUnavailable.
        """
        answer = self.open(method, url, key, headers)
        try:
            with translated(key, self._origin):
                yield answer
        finally:
            answer.close()

    def open(self, method: str, url: str, key: str, headers: Mapping[str, str] | None = None) -> Answer:
        """As `answer`, to be closed by the caller, who also translates what breaks in the body."""
        with translated(key, self._origin):
            return self._follow(method, url, key, headers or {})

    def retried(self, act: Callable[[], ResultT]) -> ResultT:
        """The result of the first attempt that does not end with BackendUnavailable."""
        started = time.monotonic()
        for attempt in range(self._retries + 1):
            try:
                return act()
            except BackendUnavailable as error:
                ceiling = min(_LONGEST_PAUSE, _FIRST_PAUSE * 2**attempt)
                pause = _JITTER.uniform(0, ceiling)
                if isinstance(error, _Busy):
                    pause = max(pause, error.retry_after)
                in_time = time.monotonic() - started + pause <= self._deadline
                if attempt == self._retries or not in_time or self._closed.wait(pause):
                    raise BackendUnavailable(error.message, error.path) from error
        raise AssertionError("the last attempt returns or raises")

    def close(self) -> None:
        """Let nobody wait for another attempt, and close the connections."""
        self._closed.set()
        self._pool.clear()

    def _follow(self, method: str, url: str, key: str, headers: Mapping[str, str]) -> Answer:
        about_to_wait()
        for _ in range(_LONGEST_WAY):
            response = self._pool.request(
                method,
                url,
                headers={"Accept-Encoding": "identity", **headers, **self._secrets_for(url)},
                redirect=False,
                preload_content=False,
                decode_content=False,
            )
            location = response.headers.get("Location")
            if response.status not in _REDIRECTS or not location:
                return Answer(response, url)
            Answer(response, url).close()
            target = _target(url, location, key)
            if _is_folder_of(target, url):
                return Answer(response, target, leads_to_folder=True)
            _check_redirect(url, target, key)
            url = target
        raise StorageError(f"the server sent on more than {_LONGEST_WAY} times", key)

    def _secrets_for(self, url: str) -> dict[str, str]:
        return self._headers if _origin(url) == self._origin else {}


@contextlib.contextmanager
def translated(key: str, server: str) -> Iterator[None]:
    """What urllib3 raises comes out as ours; no message repeats a header."""
    try:
        yield
    except HTTPError as error:
        raise BackendUnavailable(f"no whole answer from {server} ({type(error).__name__})", key) from error


def error_of(answer: Answer, key: str) -> StorageError:
    """The error that a status stands for, to be raised inside `retried`."""
    status = answer.status
    said = f"the server answered {status}"
    if status in {404, 410}:
        return NotFound(path=key)
    if status in {401, 403, 407}:
        return PermissionDenied(f"access denied: {said}", key)
    if status in _PASSING:
        error = _Busy(said, key)
        error.retry_after = _retry_after(answer)
        return error
    if status in {405, 501}:
        return CapabilityNotSupported(said, key)
    if status == 414:
        return InvalidPath(said, key, errno=errno.ENAMETOOLONG)
    return StorageError(said, key)


def _retry_after(answer: Answer) -> float:
    """Seconds that the server asks to be left alone, 0 where it does not say."""
    said = answer.headers.get("Retry-After", "")
    if said.isascii() and said.isdigit():
        return float(said)
    try:
        return max(0.0, parsedate_to_datetime(said).timestamp() - time.time())
    except ValueError:
        return 0.0


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def _target(url: str, location: str, key: str) -> str:
    try:
        return urljoin(url, location)
    except ValueError as error:
        raise StorageError("the server sent on to something that is no URL", key) from error


def _is_folder_of(target: str, url: str) -> bool:
    """Whether a redirect only adds a slash, on whatever server and scheme."""
    return not urlsplit(url).path.endswith("/") and urlsplit(target).path == urlsplit(url).path + "/"


def _check_redirect(url: str, target: str, key: str) -> None:
    if urlsplit(target).scheme not in {"http", "https"}:
        raise StorageError("the server sent on to something that is not on the web", key)
    if urlsplit(url).scheme == "https" and urlsplit(target).scheme == "http":
        raise StorageError("the server sent on from https to http, where anybody may read along", key)
