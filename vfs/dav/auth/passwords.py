"""Passwords: hashes made and compared, and a right answer remembered for a short time."""

import base64
import hashlib
import secrets
import threading

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from argon2.low_level import ARGON2_VERSION

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


def _hash_of_nobody() -> str:
    """What nobody knows a password for, in the form of the others (the PHC string format).

    It is drawn, not computed: that would take the memory of a look at a password before anybody asks for one.
    """
    costs = PasswordHasher()
    salt, digest = (
        base64.b64encode(secrets.token_bytes(size)).decode().rstrip("=")
        for size in (costs.salt_len, costs.hash_len)
    )
    parameters = f"m={costs.memory_cost},t={costs.time_cost},p={costs.parallelism}"
    return f"$argon2id$v={ARGON2_VERSION}${parameters}${salt}${digest}"


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
