"""Requests to a guarded application, as clients of other machines send them."""

import base64
import hashlib
import io
import re
from typing import Any

from vfs.config import settings_from
from vfs.config.webdav import WebDAVSettings
from vfs.dav.auth.guard import Guard
from vfs.dav.auth.passwords import digest_of, hash_of

PASSWORDS = {name: f"{name}'s pässword" for name in ("alice", "bob", "carol")}
HASHES = {name: hash_of(password) for name, password in PASSWORDS.items()}
ELSEWHERE = "192.0.2.7"


def settings(**webdav: Any) -> WebDAVSettings:
    mounts = {name: {"type": "memory"} for name in ("home", "photos")}
    return settings_from({"mounts": mounts, "webdav": webdav}).served


def user(name: str, **terms: Any) -> dict[str, Any]:
    return {name: {"password": HASHES[name], **terms}}


def basic(name: str, password: str | None = None) -> str:
    told = f"{name}:{PASSWORDS[name] if password is None else password}".encode()
    return "Basic " + base64.b64encode(told).decode()


class Asked:
    """An application that notes what it was asked, behind the guard."""

    def __init__(self, guarded: WebDAVSettings) -> None:
        self.seen: list[dict[str, Any]] = []
        self.guard = Guard(self._answer, guarded)

    def _answer(self, environ: dict[str, Any], start_response: Any) -> list[bytes]:
        self.seen.append(environ)
        start_response("200 OK", [])
        return []

    def ask(
        self, method: str = "GET", path: str = "/home/x", login: str | None = None, **environ: Any
    ) -> tuple[int, list[tuple[str, str]]]:
        """Status and headers; over TLS unless told otherwise."""
        request = {
            "REQUEST_METHOD": method,
            "PATH_INFO": path.encode().decode("latin-1"),
            "REQUEST_URI": path,
            "REMOTE_ADDR": ELSEWHERE,
            "HTTP_HOST": "files.example.org",
            "wsgi.url_scheme": "https",
            "wsgi.input": io.BytesIO(),
            **environ,
        }
        if login is not None:
            request["HTTP_AUTHORIZATION"] = login
        told: list[Any] = []
        b"".join(self.guard(request, lambda *said: told.extend(said)))
        return int(told[0].split()[0]), told[1]

    def status(self, *asked: Any, **environ: Any) -> int:
        return self.ask(*asked, **environ)[0]


def digest_answer(challenge: str, name: str, password: str, method: str, uri: str, count: int = 1) -> str:
    """What a client says to a challenge."""
    found = re.search(r'nonce="([^"]+)"', challenge)
    assert found
    nonce, nc = found[1], f"{count:08x}"
    question = f"{nonce}:{nc}:0a4f113b:auth:{hashlib.md5(f'{method}:{uri}'.encode()).hexdigest()}"
    response = hashlib.md5(f"{digest_of(name, password)}:{question}".encode()).hexdigest()
    return (
        f'Digest username="{name}", realm="vfs", nonce="{nonce}", uri="{uri}", qop=auth, nc={nc}, '
        f'cnonce="0a4f113b", response="{response}", algorithm=MD5'
    )
