"""Logins: whose request this is, by what it brings along, or what to ask of the client."""

import base64
import binascii
import logging
import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from vfs.config.webdav import PAM, REALM, WebDAVSettings, is_loopback
from vfs.dav.auth.digest import Digests, Stale, parse
from vfs.dav.auth.pam import CannotAsk, Pam
from vfs.dav.auth.passwords import Passwords
from vfs.dav.auth.throttle import Throttle
from vfs.dav.server.environments import CERTIFICATE_NAME
from vfs.engine.waiting import about_to_wait

log = logging.getLogger("vfs.dav")

_BASIC = f'Basic realm="{REALM}", charset="UTF-8"'


class Refused(Exception):
    """This client is not let in, or not to this: the status, what is told, and headers."""

    def __init__(self, status: str, reason: str, headers: Sequence[tuple[str, str]] = ()) -> None:
        super().__init__(reason)
        self.status = status
        self.reason = reason
        self.headers = headers


class Logins:
    """Finds the user of a request. One serves all threads, and stays through reloads."""

    def __init__(self) -> None:
        self._passwords = Passwords()
        self._pam = Pam()
        self._digests = Digests()
        self._throttle = Throttle()

    def user_of(
        self, environ: Mapping[str, Any], settings: WebDAVSettings, passed_by: str | None
    ) -> str | None:
        """The user's name; None where nobody needs one. `passed_by` is whom a proxy names. Raises Refused."""
        if not settings.has_users:
            return None
        for name in (passed_by, environ.get(CERTIFICATE_NAME)):
            if name is not None:
                if name not in settings.users:
                    raise Refused("403 Forbidden", "you are nobody here")
                return str(name)
        return self._by_password(environ, settings)

    def _by_password(self, environ: Mapping[str, Any], settings: WebDAVSettings) -> str:
        scheme, _, credentials = str(environ.get("HTTP_AUTHORIZATION") or "").strip().partition(" ")
        is_private = _is_private(environ, settings)
        if scheme.lower() == "basic" and is_private:
            name, password = _basic(credentials)
            if name is not None and self._knows(environ, settings, name, password):
                return name
        elif scheme.lower() == "digest":
            told = parse(credentials)
            name = told.get("username", "").encode("latin-1", "replace").decode("utf-8", "replace")
            if self._answered(environ, settings, name, told):
                return name
        raise self._challenge(settings, is_private=is_private)

    def _knows(self, environ: Mapping[str, Any], settings: WebDAVSettings, name: str, password: str) -> bool:
        user = settings.users.get(name)
        if user is not None and user.password is None and settings.pam is not None:
            return self._is_known_to_pam(environ, settings.pam, name, password)
        hashed = user.password.get_secret_value() if user is not None and user.password is not None else None
        if hashed is not None and self._passwords.are_remembered(name, hashed, password):
            return True
        about_to_wait()
        return self._counted(environ, name, lambda: self._passwords.match(name, hashed, password))

    def _is_known_to_pam(self, environ: Mapping[str, Any], pam: PAM, name: str, password: str) -> bool:
        if self._pam.are_remembered(name, pam, password):
            return True
        about_to_wait()
        address = str(environ["REMOTE_ADDR"])
        try:
            return self._counted(environ, name, lambda: self._pam.match(name, pam, password, address))
        except CannotAsk as error:
            log.error("pam: the service %s cannot tell who %s is: %s", pam.service, name, error)
            raise Refused("503 Service Unavailable", "passwords cannot be checked now; try again") from None

    def _answered(
        self, environ: Mapping[str, Any], settings: WebDAVSettings, name: str, told: Mapping[str, str]
    ) -> bool:
        user = settings.users.get(name)
        if not told or user is None or user.digest is None:
            return self._counted(environ, name, lambda: False)
        ha1, method, target = (
            user.digest.get_secret_value(),
            environ["REQUEST_METHOD"],
            environ["REQUEST_URI"],
        )
        try:
            return self._counted(environ, name, lambda: self._digests.is_right(told, ha1, method, target))
        except Stale:
            raise self._challenge(settings, is_private=_is_private(environ, settings), stale=True) from None

    def _counted(self, environ: Mapping[str, Any], name: str, is_right: Callable[[], bool]) -> bool:
        """What `is_right` says, unless there were too many wrong answers. Raises Refused then."""
        address = str(environ["REMOTE_ADDR"])
        pause = self._throttle.pause(address, name)
        if pause > 0:
            again = ("Retry-After", str(math.ceil(pause)))
            raise Refused("429 Too Many Requests", "too many wrong passwords; try again later", (again,))
        if is_right():
            self._throttle.succeeded(address, name)
            return True
        self._throttle.failed(address, name)
        return False

    def _challenge(self, settings: WebDAVSettings, *, is_private: bool, stale: bool = False) -> Refused:
        """Basic where nobody listens; Digest where somebody may, and for users who have nothing else."""
        users = settings.users.values()
        offered = [_BASIC] if is_private and not stale else []
        if any(
            user.digest is not None and (not is_private or user.password is None or stale) for user in users
        ):
            offered.append(self._digests.challenge(stale=stale))
        if not offered:
            return Refused("403 Forbidden", "passwords are taken over https alone")
        return Refused(
            "401 Unauthorized", "log in first", tuple(("WWW-Authenticate", each) for each in offered)
        )


def _is_private(environ: Mapping[str, Any], settings: WebDAVSettings) -> bool:
    """Whether nobody on the way can read what this request holds, or that is taken into account."""
    return (
        environ["wsgi.url_scheme"] == "https" or settings.insecure or is_loopback(str(environ["REMOTE_ADDR"]))
    )


def _basic(credentials: str) -> tuple[str | None, str]:
    try:
        told = base64.b64decode(credentials.strip(), validate=True).decode("utf-8", "surrogateescape")
    except (binascii.Error, ValueError):
        return None, ""
    name, colon, password = told.partition(":")
    return (name, password) if colon else (None, "")
