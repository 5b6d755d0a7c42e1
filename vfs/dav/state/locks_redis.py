"""Locks in a Redis: several machines that serve the same storages share them."""

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from vfs.dav.state.keys import end_of_tree, key_of, url_of
from vfs.dav.state.locks import Lock
from vfs.engine import BackendUnavailable, ConfigError

_ROOTS = b"vfs:locks"
"""A sorted set of a root's key, NUL and a token each: in the order of bytes, a tree in one piece."""

_TURN = "vfs:locks:turn"
_LONGEST_TURN = 10.0
"""Seconds after which a process that died while it granted a lock stands in nobody's way."""


class RedisLocks:
    """A LockTable in a Redis, which forgets expired locks by itself."""

    def __init__(self, url: str) -> None:
        """Raises ConfigError where the driver is missing, BackendUnavailable where nothing answers."""
        try:
            import redis
        except ImportError as error:
            raise ConfigError("locks: redis is not installed: pip install 'vfs[redis]'") from error
        self._failure = redis.RedisError
        self._client: Any = redis.Redis.from_url(url, socket_timeout=10.0, socket_connect_timeout=5.0)
        self._mine = threading.local()
        with self._our_errors():
            self._client.ping()

    def find(self, token: str) -> Lock | None:
        with self._our_errors():
            return _lock(token, self._client.hgetall(_name(token)))

    def at(self, url: str, *, itself: bool = True, below: bool = False) -> Sequence[Lock]:
        if not itself and not below:
            return []
        key = key_of(url)
        first = key if itself else key + b"\x01"
        last = end_of_tree(key) if below else key + b"\x01"
        with self._our_errors():
            members = self._client.zrangebylex(_ROOTS, b"[" + first, b"(" + last)
            return self._found(members)

    def _found(self, members: Sequence[bytes]) -> list[Lock]:
        """The locks of members, in one request; members whose lock has expired go."""
        tokens = [member.rpartition(b"\0")[2].decode() for member in members]
        asking = self._client.pipeline(transaction=False)
        for token in tokens:
            asking.hgetall(_name(token))
        answers = asking.execute() if tokens else []
        found = [_lock(token, fields) for token, fields in zip(tokens, answers, strict=True)]
        gone = [member for member, lock in zip(members, found, strict=True) if lock is None]
        if gone:
            self._client.zrem(_ROOTS, *gone)
        return [lock for lock in found if lock is not None]

    def put(self, lock: Lock) -> None:
        fields = {
            "root": lock.key,
            "scope": lock.scope,
            "depth": lock.depth,
            "principal": lock.principal,
            "owner": lock.owner,
            "expires": repr(lock.expires),
        }
        with self._our_errors():
            act = self._client.pipeline(transaction=True)
            act.hset(_name(lock.token), mapping=fields)
            act.pexpireat(_name(lock.token), int(lock.expires * 1000))
            act.zadd(_ROOTS, {_member(lock): 0})
            act.execute()

    def drop(self, token: str) -> bool:
        lock = self.find(token)
        if lock is None:
            return False
        with self._our_errors():
            act = self._client.pipeline(transaction=True)
            act.delete(_name(token))
            act.zrem(_ROOTS, _member(lock))
            removed, _ = act.execute()
        return bool(removed)

    def drop_expired(self, now: float) -> None:
        """Redis does; what is left of them goes when it is met."""

    def drop_all(self) -> None:
        for lock in self.at("/", below=True):
            self.drop(lock.token)

    @contextmanager
    def alone(self) -> Iterator[None]:
        depth = getattr(self._mine, "depth", 0)
        turn = None if depth else self._taken_turn()
        self._mine.depth = depth + 1
        try:
            yield
        finally:
            self._mine.depth = depth
            if turn is not None:
                with self._our_errors():
                    turn.release()

    def _taken_turn(self) -> Any:
        turn = self._client.lock(_TURN, timeout=_LONGEST_TURN, sleep=0.01, blocking_timeout=_LONGEST_TURN)
        with self._our_errors():
            if not turn.acquire():
                raise BackendUnavailable("the locks in Redis are in use for too long")
        return turn

    def close(self) -> None:
        self._client.close()

    @contextmanager
    def _our_errors(self) -> Iterator[None]:
        try:
            yield
        except self._failure as error:
            # The driver's words may hold the URL, and so the password.
            raise BackendUnavailable(
                f"the locks in Redis cannot be reached: {type(error).__name__}"
            ) from error


def _name(token: str) -> str:
    return f"vfs:lock:{token}"


def _member(lock: Lock) -> bytes:
    return lock.key + b"\0" + lock.token.encode()


def _lock(token: str, fields: dict[bytes, bytes]) -> Lock | None:
    if not fields:
        return None
    told = {name.decode(): value for name, value in fields.items()}
    scope: Any = told["scope"].decode()
    depth: Any = told["depth"].decode()
    return Lock(
        token=token,
        root=url_of(told["root"]),
        scope=scope,
        depth=depth,
        principal=told["principal"].decode(),
        owner=told["owner"],
        expires=float(told["expires"]),
    )
