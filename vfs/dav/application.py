"""The WSGI application: all mounts of a storage over WebDAV."""

import logging
import os
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from wsgidav.dav_error import DAVError

from vfs.config.webdav import WebDAVSettings
from vfs.dav import places
from vfs.dav.following import Follower
from vfs.dav.junk import Junk
from vfs.dav.provider import MountsProvider
from vfs.dav.requests import LOOKING, METHODS, READONLY, Requests
from vfs.dav.state.locks import SharedLockManager
from vfs.dav.state.opening import KeptState
from vfs.dav.statuses import refusal, status_line
from vfs.engine import StorageError, StorageManager
from vfs.engine.serving.bodies import Body, Buffers, handed_over
from vfs.engine.waiting import about_to_wait

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse

    from vfs.dav.resources import Environ

log = logging.getLogger("vfs")

LIBRARY = {"block_size": 256 << 10, "hotfixes": {}, "mutable_live_props": []}
"""What the protocol library is told of itself."""

ROOT = "vfs.dav.root"
"""In a request's environment: the path that is this client's "/"; without it, the folder of all mounts."""


_READING = frozenset({"GET", "HEAD", "OPTIONS"})
"""Methods that have nothing to do with locks and properties."""


def application(manager: StorageManager, settings: WebDAVSettings, state: KeptState) -> "Application":
    """The storage as a WSGI application. Who may ask what is decided before it is called.

    What a request's environment may hold: `ROOT`, `requests.READONLY`, `members.SEES`, and the name of who
    asks as `wsgidav.auth.user_name`. Raises what opening the place of diverted files does.
    """
    diverted = os.path.join(settings.state or "", "diverted")
    return Application(manager, settings, state, Junk(settings.junk, diverted))


class Application:
    """Answers WSGI requests, from any thread; the server closes what it is given."""

    def __init__(
        self, manager: StorageManager, settings: WebDAVSettings, state: KeptState, junk: Junk
    ) -> None:
        self._manager = manager
        self._settings = settings
        self._locks = SharedLockManager(state.locks)
        self._properties = state.properties
        self._follower = Follower(manager.changes, self._locks, self._properties)
        self._junk = junk
        self._known: dict[str, Requests] = {}

    def __call__(self, environ: "Environ", start_response: "StartResponse") -> Iterable[bytes]:
        if environ["REQUEST_METHOD"] in _READING:
            return self._answered(environ, start_response)
        if self._follower.is_behind:
            about_to_wait()
            self._follower.catch_up()
        with self._follower.ours():
            return self._answered(environ, start_response)

    def _answered(self, environ: "Environ", start_response: "StartResponse") -> Iterable[bytes]:
        """All that a request changes is changed when this returns."""
        started = _Started()
        try:
            answer = self._answer(environ, started)
            if isinstance(answer, Body):
                answer = handed_over(answer, environ)
                if not isinstance(answer, Body | Buffers):
                    start_response(started.status, started.headers)
                    return answer
            chunks = iter(answer)
            first = next(chunks, b"")
        except StorageError as error:
            return _refused(refusal(error), environ, start_response)
        except DAVError as error:
            return _refused(error, environ, start_response)
        except Exception:
            log.exception("a WebDAV request failed")
            return _refused(DAVError(500), environ, start_response)
        start_response(started.status, started.headers)
        return _Body(first, chunks)

    def _answer(self, environ: "Environ", start_response: "StartResponse") -> Iterable[bytes]:
        environ["vfs.dav.has_slash"] = str(environ.get("PATH_INFO") or "/").endswith("/")
        environ["PATH_INFO"] = "*" if environ.get("PATH_INFO") == "*" else places.path_asked(environ)
        root = environ.get(ROOT, "/")
        requests = self._known.get(root) or self._requests(root)
        if environ["REQUEST_METHOD"] not in LOOKING:
            about_to_wait()
        if self._settings.readonly:
            environ[READONLY] = True
        environ["wsgidav.provider"] = requests.provider
        environ["wsgidav.config"] = LIBRARY
        environ["wsgidav.verbose"] = 1
        environ.setdefault("wsgidav.auth.user_name", "anonymous")
        return requests(environ, start_response)

    def _requests(self, root: str) -> Requests:
        base_path = self._settings.base_path
        provider = MountsProvider(self._manager, base_path=base_path, root=root, junk=self._junk)
        provider.set_lock_manager(self._locks)
        provider.set_prop_manager(self._properties)
        return self._known.setdefault(root, Requests(provider))

    def close(self) -> None:
        """Give back the place of diverted files; the storage and its state are their owners'."""
        self._follower.close()
        self._junk.close()


class _Started:
    """What a handler says of its answer, held back until its first bytes are there."""

    status = "200 OK"

    def __init__(self) -> None:
        self.headers: list[tuple[str, str]] = []

    def __call__(self, status: str, headers: list[tuple[str, str]], exc_info: object = None) -> Any:
        self.status, self.headers = status, headers


class _Body:
    """The bytes of an answer, without empty blocks: servers take one for the end."""

    def __init__(self, first: bytes, rest: Iterator[bytes]) -> None:
        self._first = first
        self._rest = rest

    def __iter__(self) -> Iterator[bytes]:
        if self._first:
            yield self._first
        yield from filter(None, self._rest)

    def close(self) -> None:
        close = getattr(self._rest, "close", None)
        if close is not None:
            close()


def _refused(error: DAVError, environ: "Environ", start_response: "StartResponse") -> Iterable[bytes]:
    """An answer that says no more than its status, or the condition of RFC 4918 that was not met."""
    line = status_line(error.value)
    headers = [("Allow", METHODS)] if error.value == 405 else []
    if error.value in {204, 304}:
        body = b""
    elif error.err_condition is not None:
        body = error.err_condition.as_string().encode()
        headers.append(("Content-Type", "application/xml; charset=utf-8"))
    else:
        body = f"{line}\n".encode()
        headers.append(("Content-Type", "text/plain; charset=utf-8"))
    start_response(line, [*headers, ("Content-Length", str(len(body)))])
    return [] if environ.get("REQUEST_METHOD") == "HEAD" else [body]
