"""Locks: the protocol library's lock storage over a table of locks, which threads and processes share."""

# pyright: reportReturnType=false
# It takes a protocol's methods that are a docstring alone for bodies; mypy checks what they return.

import time
from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from typing import Any, Literal, Protocol
from uuid import uuid4

from wsgidav.dav_error import HTTP_PRECONDITION_FAILED, DAVError
from wsgidav.lock_man.lock_manager import LockManager, normalize_lock_root

from vfs.dav.state.keys import key_of

LONGEST = 7 * 24 * 3600.0
"""Seconds that a lock lasts when nobody refreshes it, whatever its client asks for."""

Scope = Literal["exclusive", "shared"]
Depth = Literal["0", "infinity"]


@dataclass(frozen=True, slots=True)
class Lock:
    """A lock that was granted on `root` (a path without a slash at its end) and, if deep, all below it."""

    token: str
    root: str
    scope: Scope
    depth: Depth
    principal: str
    """The user who holds it."""
    owner: bytes
    """What the client says of its owner, as an XML element."""
    expires: float
    """In seconds since the epoch."""

    @property
    def key(self) -> bytes:
        return key_of(self.root)

    def told(self, now: float) -> dict[str, Any]:
        """The same as the protocol library has it; its `timeout` is what is left."""
        return {
            "token": self.token,
            "root": self.root,
            "type": "write",
            "scope": self.scope,
            "depth": self.depth,
            "principal": self.principal,
            "owner": self.owner,
            "timeout": max(1.0, self.expires - now),
            "expire": self.expires,
        }


class LockTable(Protocol):
    """Where locks are kept. Raises StorageError where it cannot be reached."""

    def find(self, token: str) -> Lock | None:
        """The lock of a token, also one that has expired."""

    def at(self, url: str, *, itself: bool = True, below: bool = False) -> Sequence[Lock]:
        """The locks on a path, and those on all paths below it, in the order of their roots."""

    def put(self, lock: Lock) -> None:
        """Add a lock, or replace the one of the same token."""

    def drop(self, token: str) -> bool:
        """Remove a lock, whoever holds it; False where there is none."""

    def drop_expired(self, now: float) -> None:
        """Remove what expired before."""

    def drop_all(self) -> None: ...

    def alone(self) -> AbstractContextManager[None]:
        """Inside, nobody else grants or removes locks, in this process or another. May be nested."""

    def close(self) -> None: ...


class LockStorage:
    """What the protocol library asks of a lock storage. An expired lock is never told of."""

    def __init__(self, table: LockTable) -> None:
        self.table = table

    def open(self) -> None:
        """The table is open already."""

    def close(self) -> None:
        """Nothing: who opened the table closes it."""

    def cleanup(self) -> None:
        self.table.drop_expired(time.time())

    def clear(self) -> None:
        self.table.drop_all()

    def get(self, token: str) -> dict[str, Any] | None:
        """The lock of a token; None where there is none."""
        now = time.time()
        lock = self.table.find(token)
        return None if lock is None or lock.expires <= now else lock.told(now)

    def create(self, path: str, lock: dict[str, Any]) -> dict[str, Any]:
        """Grant a lock that was found to be in nobody's way; `lock` is given its token, root and times."""
        now = time.time()
        granted = Lock(
            token=f"opaquelocktoken:{uuid4()}",
            root=normalize_lock_root(path),
            scope=lock["scope"],
            depth=lock["depth"],
            principal=lock["principal"],
            owner=lock["owner"],
            expires=now + _lasting(lock["timeout"]),
        )
        with self.table.alone():
            self.table.drop_expired(now)
            self.table.put(granted)
        lock.update(granted.told(now))
        return lock

    def refresh(self, token: str, *, timeout: float | None) -> dict[str, Any]:
        """Have a lock last from now on. Raises DAVError (412) where there is none any more."""
        now = time.time()
        with self.table.alone():
            lock = self.table.find(token)
            if lock is None or lock.expires <= now:
                raise DAVError(HTTP_PRECONDITION_FAILED, "there is no such lock any more")
            refreshed = replace(lock, expires=now + _lasting(timeout))
            self.table.put(refreshed)
        return refreshed.told(now)

    def delete(self, token: str) -> bool:
        return self.table.drop(token)

    def get_lock_list(
        self, path: str, *, include_root: bool, include_children: bool, token_only: bool
    ) -> list[Any]:
        """The locks on a path, and on paths below it, as dicts or as tokens."""
        now = time.time()
        found = self.table.at(path, itself=include_root, below=include_children)
        present = [lock for lock in found if lock.expires > now]
        return [lock.token if token_only else lock.told(now) for lock in present]


class SharedLockManager(LockManager):
    """The protocol library's rules for locks, kept between processes: looking and granting are one act."""

    def __init__(self, table: LockTable) -> None:
        self._table = table
        super().__init__(LockStorage(table))

    def acquire(self, **wanted: Any) -> dict[str, Any]:
        # The library's lock first, as all else takes them: who writes holds it while looking at the table.
        self._lock.acquire_write()
        try:
            with self._table.alone():
                granted: dict[str, Any] = super().acquire(**wanted)
        finally:
            self._lock.release()
        return granted

    def get_url_lock_list(self, url: str, *, recursive: bool = False) -> list[dict[str, Any]]:
        """The newest first: clients take the first one that a LOCK tells of for the one they were granted."""
        found: list[dict[str, Any]] = super().get_url_lock_list(url, recursive=recursive)
        return sorted(found, key=lambda lock: float(lock["expire"]), reverse=True)

    def remove_all_locks_from_url(self, url: str, *, recursive: bool = False) -> None:
        """Remove the locks of what is gone, in one act."""
        with self._table.alone():
            for lock in self._table.at(url, below=recursive):
                self._table.drop(lock.token)

    def forget(self, url: str) -> None:
        """Remove the locks of a path and of all below it, where there are any."""
        if self._table.at(url, below=True):
            self.remove_all_locks_from_url(url, recursive=True)


def _lasting(asked: float | None) -> float:
    """Seconds for what a client asks; less than nothing stands for ever, which nobody gets."""
    return LONGEST if asked is None or asked < 0 else min(float(asked), LONGEST)
