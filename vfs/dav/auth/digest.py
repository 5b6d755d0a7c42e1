"""HTTP Digest (RFC 7616), for clients that send no password without TLS: MD5, which is what they speak."""

# pyright: reportAttributeAccessIssue=false
# The stub of TTLCache loses its type parameters in its own constructor; mypy checks them.

import hashlib
import hmac
import re
import secrets
import threading
import time
from collections.abc import Callable, Mapping, MutableMapping
from urllib.parse import unquote_to_bytes, urlsplit

from cachetools import TTLCache

from vfs.config.webdav import REALM

_LIFETIME = 900
"""Seconds that a nonce is good for; a client asks for another one without asking its user."""

_MOST_COUNTS = 100_000
_PART = re.compile(r'\s*([a-z]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s",]+))\s*(?:,|$)', re.IGNORECASE)
_COUNT = re.compile(r"[0-9a-fA-F]{8}")


class Stale(Exception):
    """Right, but of a nonce that is too old, or was used so before: the client is to ask again."""


class Digests:
    """Challenges, and answers to them."""

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self._clock = clock
        self._key = secrets.token_bytes(32)
        self._counts: MutableMapping[str, set[int]] = TTLCache(4096, _LIFETIME)
        self._turn = threading.Lock()

    def challenge(self, *, stale: bool = False) -> str:
        """The value of a WWW-Authenticate header."""
        told = f'Digest realm="{REALM}", nonce="{self._nonce()}", algorithm=MD5, qop="auth", charset=UTF-8'
        return f"{told}, stale=true" if stale else told

    def user_of(self, told: Mapping[str, str]) -> str:
        """The user whom an answer names."""
        return told.get("username", "")

    def is_right(self, told: Mapping[str, str], ha1: str, method: str, target: str) -> bool:
        """Whether an answer, taken apart by `parse`, is of who knows the password, for this very request.

        Raises Stale for a right one that must not be taken.
        """
        if told.get("realm") != REALM or told.get("qop", "").lower() != "auth":
            return False
        if told.get("algorithm", "MD5").upper() != "MD5" or not _COUNT.fullmatch(told.get("nc", "")):
            return False
        uri = told.get("uri", "")
        if _place(uri) != _place(target):
            return False
        question = ":".join(
            (told.get("nonce", ""), told["nc"], told.get("cnonce", ""), "auth", _md5(f"{method}:{uri}"))
        )
        if not hmac.compare_digest(_md5(f"{ha1}:{question}"), told.get("response", "").lower()):
            return False
        if not self._is_fresh(told.get("nonce", ""), int(told["nc"], 16)):
            raise Stale
        return True

    def _nonce(self) -> str:
        made = f"{int(self._clock()):x}.{secrets.token_hex(8)}"
        return f"{made}.{self._signature(made)}"

    def _signature(self, made: str) -> str:
        return hmac.digest(self._key, made.encode("utf-8", "surrogateescape"), "sha256").hex()[:32]

    def _is_fresh(self, nonce: str, count: int) -> bool:
        """Whether a nonce is ours and young, and was not used with this count."""
        made, _, signature = nonce.rpartition(".")
        if not hmac.compare_digest(self._signature(made).encode(), signature.encode()):
            return False
        if self._clock() - int(made.partition(".")[0], 16) > _LIFETIME:
            return False
        with self._turn:
            counts = self._counts.setdefault(nonce, set())
            if count in counts or len(counts) >= _MOST_COUNTS:
                return False
            counts.add(count)
        return True


def parse(credentials: str) -> dict[str, str]:
    """The parts of a Digest answer, by name in lower case; nothing where it cannot be taken apart."""
    found: dict[str, str] = {}
    place = 0
    while place < len(credentials):
        part = _PART.match(credentials, place)
        if part is None:
            return {}
        found[part[1].lower()] = re.sub(r"\\(.)", r"\1", part[2]) if part[2] is not None else part[3]
        place = part.end()
    return found


def _md5(text: str) -> str:
    # What came in headers is bytes, which WSGI shows as Latin-1.
    return hashlib.md5(text.encode("latin-1", "replace"), usedforsecurity=False).hexdigest()


def _place(url: str) -> tuple[bytes, str]:
    try:
        parts = urlsplit(url)
    except ValueError:
        return b"", url
    return unquote_to_bytes(parts.path.encode("latin-1", "replace")), parts.query
