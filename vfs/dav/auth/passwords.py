"""Passwords: hashes made and compared, and a right answer remembered for a short time by a keyed hash."""

# pyright: reportAttributeAccessIssue=false
# The stub of TTLCache loses its type parameters in its own constructor; mypy checks them.

import hashlib
import hmac
import secrets
import threading
from collections.abc import MutableMapping

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from cachetools import TTLCache

from vfs.config.webdav import REALM

REMEMBERED = 300.0
"""Seconds that a password which was found right need not be hashed again."""

_AT_ONCE = 2
"""Hashes made at the same time: each takes 64 MiB, so that nobody tries many."""


def hash_of(password: str) -> str:
    """What a configuration holds of a password (Argon2id, RFC 9106's second choice)."""
    return PasswordHasher().hash(password)


def digest_of(name: str, password: str) -> str:
    """What HTTP Digest needs of a user: HA1 of RFC 7616, with MD5, which Windows speaks."""
    return hashlib.md5(f"{name}:{REALM}:{password}".encode(), usedforsecurity=False).hexdigest()


class Passwords:
    """Compares passwords with hashes."""

    def __init__(self) -> None:
        self._hasher = PasswordHasher()
        self._key = secrets.token_bytes(32)
        self._right: MutableMapping[bytes, bool] = TTLCache(4096, REMEMBERED)
        self._turn = threading.Lock()
        self._room = threading.BoundedSemaphore(_AT_ONCE)
        self._nobody = self._hasher.hash(secrets.token_hex())

    def are_remembered(self, name: str, hashed: str, password: str) -> bool:
        """Whether this was found right a short time ago."""
        with self._turn:
            return self._mark(name, hashed, password) in self._right

    def match(self, name: str, hashed: str | None, password: str) -> bool:
        """Whether the password is the hash's. Nobody's hash takes as long as anybody's."""
        with self._room:
            # Who waited here may have waited for the same answer.
            if hashed is not None and self.are_remembered(name, hashed, password):
                return True
            is_right = self._verified(self._nobody if hashed is None else hashed, password)
        if not is_right or hashed is None:
            return False
        with self._turn:
            self._right[self._mark(name, hashed, password)] = True
        return True

    def _verified(self, hashed: str, password: str) -> bool:
        try:
            return self._hasher.verify(hashed, password)
        except (VerificationError, InvalidHashError):
            return False

    def _mark(self, name: str, hashed: str, password: str) -> bytes:
        """What stands for a password here; of no use to who reads our memory's ruins without the key."""
        told = "\0".join((name, hashed, password)).encode("utf-8", "surrogateescape")
        return hmac.digest(self._key, told, "sha256")
