"""Passwords: hashes made and compared, and a right answer remembered for a short time."""

import functools
import hashlib
import secrets
import threading

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from vfs.config.webdav import REALM
from vfs.dav.auth.remembered import RightPasswords

_AT_ONCE = 2
"""Hashes made at the same time: each takes 64 MiB, so that nobody tries many."""


def hash_of(password: str) -> str:
    """What a configuration holds of a password (Argon2id, RFC 9106's second choice)."""
    return PasswordHasher().hash(password)


def digest_of(name: str, password: str) -> str:
    """What HTTP Digest needs of a user: HA1 of RFC 7616, with MD5, which Windows speaks."""
    return hashlib.md5(f"{name}:{REALM}:{password}".encode(), usedforsecurity=False).hexdigest()


@functools.cache
def _hash_of_nobody() -> str:
    """What nobody knows a password for. One for the process: it takes as long as looking at a password."""
    return hash_of(secrets.token_hex())


class Passwords:
    """Compares passwords with hashes."""

    def __init__(self) -> None:
        self._hasher = PasswordHasher()
        self._right = RightPasswords()
        self._room = threading.BoundedSemaphore(_AT_ONCE)
        self._nobody = _hash_of_nobody()

    def are_remembered(self, name: str, hashed: str, password: str) -> bool:
        """Whether this was found right a short time ago."""
        return self._right.holds(name, hashed, password)

    def match(self, name: str, hashed: str | None, password: str) -> bool:
        """Whether the password is the hash's. Nobody's hash takes as long as anybody's."""
        with self._room:
            # Who waited here may have waited for the same answer.
            if hashed is not None and self.are_remembered(name, hashed, password):
                return True
            is_right = self._verified(self._nobody if hashed is None else hashed, password)
        if not is_right or hashed is None:
            return False
        self._right.add(name, hashed, password)
        return True

    def _verified(self, hashed: str, password: str) -> bool:
        try:
            return self._hasher.verify(hashed, password)
        except (VerificationError, InvalidHashError):
            return False
