"""The guard before the application: lets in whom the settings name, to what they may do, and nobody else."""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from wsgidav.dav_error import DAVError

from vfs.config.webdav import WebDAVSettings
from vfs.dav import places
from vfs.dav.application import ROOT
from vfs.dav.auth.logins import Logins, Refused
from vfs.dav.auth.proxies import Proxies
from vfs.dav.auth.rights import Rights
from vfs.dav.destinations import destination
from vfs.dav.members import SEES
from vfs.dav.requests import READONLY
from vfs.dav.server.access_log import PLACE, USER
from vfs.engine import InvalidPath

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication

_LOOKING = frozenset({"GET", "HEAD", "OPTIONS", "PROPFIND"})
_TAKING = frozenset({"DELETE", "MOVE"})
"""Methods that leave nothing where it was."""


_EVERYTHING = Rights(None)


class Guard:
    """A WSGI application around another one. Other settings may be taken up while it serves."""

    def __init__(self, application: "WSGIApplication", settings: WebDAVSettings) -> None:
        self._application = application
        self._logins = Logins()
        self.take_up(settings)

    def take_up(self, settings: WebDAVSettings) -> None:
        """Have requests that come from now on judged by these settings."""
        rights = {name: Rights(user) for name, user in settings.users.items()}
        self._rules: tuple[WebDAVSettings, Proxies, Mapping[str, Rights]] = (
            settings,
            Proxies(settings.proxy),
            rights,
        )

    def __call__(self, environ: dict[str, Any], start_response: "StartResponse") -> Iterable[bytes]:
        settings, proxies, known = self._rules
        try:
            passed_by = proxies.settle(environ)
            name = self._logins.user_of(environ, settings, passed_by)
            if name is not None:
                environ[USER] = environ["wsgidav.auth.user_name"] = name
            _enter_base(environ, settings.base_path)
            _judge(environ, known[name] if name is not None else _EVERYTHING, settings)
        except Refused as refusal:
            return _answer(refusal, start_response)
        return self._application(environ, start_response)


def _enter_base(environ: dict[str, Any], base_path: str) -> None:
    """Take the base path off the path. Raises Refused beside it; what OPTIONS asks is the same everywhere."""
    path = environ["PATH_INFO"]
    if not base_path or path == "*":
        return
    if path == base_path or path.startswith(f"{base_path}/"):
        environ["PATH_INFO"] = path[len(base_path) :] or "/"
    elif environ["REQUEST_METHOD"] == "OPTIONS":
        environ["PATH_INFO"] = "*"
    else:
        raise Refused("404 Not Found", "nothing is here")


def _judge(environ: dict[str, Any], rights: Rights, settings: WebDAVSettings) -> None:
    """Tell the application what this user has. Raises Refused for what the user may not ask."""
    environ[ROOT], environ[SEES] = rights.root, rights.sees
    if environ["PATH_INFO"] == "*":
        return
    try:
        place = rights.whole(places.path_asked(environ))
    except InvalidPath:
        return  # refused by the application, in its words
    environ[PLACE] = place
    method = environ["REQUEST_METHOD"]
    if not rights.sees(place):
        raise Refused("404 Not Found", "nothing is here")
    if method in _LOOKING:
        environ[READONLY] = not rights.may(place, "write")
    elif method == "COPY":
        _require(rights.may_below(place, "read"))
    elif method in _TAKING:
        _require(place != rights.root and rights.may_below(place, "write"))
    else:
        _require(rights.may(place, "write"))
    if method in {"COPY", "MOVE"}:
        _judge_destination(environ, rights, settings.base_path)


def _judge_destination(environ: dict[str, Any], rights: Rights, base_path: str) -> None:
    try:
        target = rights.whole(destination(environ, base_path))
    except DAVError:
        return  # refused by the application, in its words
    _require(target != rights.root and rights.may_below(target, "write"))


def _require(is_allowed: bool) -> None:
    if not is_allowed:
        raise Refused("403 Forbidden", "you may not do that here")


def _answer(refusal: Refused, start_response: "StartResponse") -> Iterable[bytes]:
    text = f"{refusal.reason}\n".encode()
    told = [("Content-Type", "text/plain; charset=utf-8"), ("Content-Length", str(len(text)))]
    start_response(refusal.status, [*told, *refusal.headers])
    return [text]
