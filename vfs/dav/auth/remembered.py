"""Passwords that were found right, remembered for a short time by a keyed hash."""

# pyright: reportAttributeAccessIssue=false
# The stub of TTLCache loses its type parameters in its own constructor; mypy checks them.

import hmac
import secrets
import threading
from collections.abc import MutableMapping

from cachetools import TTLCache

LIFETIME = 300.0
"""Seconds that a password which was found right need not be looked at again."""


class RightPasswords:
    """Which password was right for whom, by what it was compared with; no password is in it."""

    def __init__(self) -> None:
        self._key = secrets.token_bytes(32)
        self._right: MutableMapping[bytes, bool] = TTLCache(4096, LIFETIME)
        self._turn = threading.Lock()

    def holds(self, name: str, proof: str, password: str) -> bool:
        """Whether this was found right a short time ago, by the same proof."""
        with self._turn:
            return self._mark(name, proof, password) in self._right

    def add(self, name: str, proof: str, password: str) -> None:
        with self._turn:
            self._right[self._mark(name, proof, password)] = True

    def _mark(self, name: str, proof: str, password: str) -> bytes:
        """What stands for a password here; of no use to who reads our memory's ruins without the key."""
        told = "\0".join((name, proof, password)).encode("utf-8", "surrogateescape")
        return hmac.digest(self._key, told, "sha256")
