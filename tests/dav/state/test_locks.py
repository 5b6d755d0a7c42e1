"""What every table of locks promises, through the protocol library's own rules: SQLite and Redis alike."""

import sqlite3
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from wsgidav.dav_error import DAVError
from wsgidav.lock_man.lock_manager import LockManager

from tests.dav.state.conftest import Opened
from vfs.dav.state.locks import LONGEST, Lock, LockStorage, SharedLockManager
from vfs.dav.state.locks_redis import RedisLocks
from vfs.dav.state.locks_sqlite import SqliteLocks
from vfs.engine import BackendUnavailable, StorageError

OWNER = b"<D:owner xmlns:D='DAV:'>me \xe2\x82\xac</D:owner>"


def locked(manager: LockManager, url: str, **wanted: Any) -> dict[str, Any]:
    terms = {"lock_scope": "exclusive", "lock_depth": "0", "timeout": 600, "principal": "alice", **wanted}
    granted: dict[str, Any] = manager.acquire(
        url=url, lock_type="write", lock_owner=OWNER, token_list=[], **terms
    )
    return granted


def is_refused(manager: LockManager, url: str, **wanted: Any) -> bool:
    try:
        locked(manager, url, **wanted)
    except DAVError as error:
        return bool(error.value == 423)
    return False


def test_a_lock_is_what_was_asked_for_and_survives_a_restart(opened: Opened) -> None:
    """Everything of it is there for whoever opens the table anew."""
    granted = locked(SharedLockManager(opened()), "/m/a%20file", lock_depth="infinity")
    again = SharedLockManager(opened()).get_lock(granted["token"])
    assert again is not None
    assert again["token"].startswith("opaquelocktoken:")
    told = {key: again[key] for key in ("root", "type", "scope", "depth", "principal", "owner")}
    assert told == {
        "root": "/m/a%20file",
        "type": "write",
        "scope": "exclusive",
        "depth": "infinity",
        "principal": "alice",
        "owner": OWNER,
    }
    assert 590 < again["timeout"] <= 600


def test_who_may_lock_beside_whom(opened: Opened) -> None:
    """Exclusive locks exclude, shared ones share, deep ones reach down, and neighbours do not count."""
    manager, other = SharedLockManager(opened()), SharedLockManager(opened())
    locked(manager, "/m/folder/", lock_depth="infinity")
    assert is_refused(other, "/m/folder")
    assert is_refused(other, "/m/folder/deep/er", lock_scope="shared")
    assert is_refused(other, "/m", lock_depth="infinity")
    assert not is_refused(other, "/m", lock_depth="0")
    assert not is_refused(other, "/m/folder2")
    assert not is_refused(other, "/m/shared", lock_scope="shared")
    assert not is_refused(other, "/m/shared", lock_scope="shared", principal="bob")
    assert is_refused(manager, "/m/shared")


def test_a_name_is_no_pattern_and_the_root_holds_all(opened: Opened) -> None:
    """`*`, `%`, `_` and `?` are letters; below the root is everything, below a file's name nothing."""
    table = opened()
    manager = SharedLockManager(table)
    for url in ("/m/a*", "/m/ab", "/m/a%25_", "/m/a", "/m/a/b", "/m/a0", "/m/a!"):
        locked(manager, url)
    assert [lock.root for lock in table.at("/m/a")] == ["/m/a"]
    assert [lock.root for lock in table.at("/m/a", below=True)] == ["/m/a", "/m/a/b"]
    assert [lock.root for lock in table.at("/m/a/", itself=False, below=True)] == ["/m/a/b"]
    assert len(table.at("/", below=True)) == 7
    assert table.at("/") == []


def test_bytes_that_are_no_text_are_names_too(opened: Opened) -> None:
    """Surrogate escapes come back as they went in."""
    table = opened()
    locked(SharedLockManager(table), "/m/\udcff\udcfe")
    assert [lock.root for lock in table.at("/m", below=True)] == ["/m/\udcff\udcfe"]


def test_refreshing_counts_from_now_and_has_a_limit(opened: Opened) -> None:
    """A refreshed lock lasts as long as asked for, never for ever; one that is gone cannot be refreshed."""
    manager = SharedLockManager(opened())
    token = locked(manager, "/m/a", timeout=10)["token"]
    assert 95 < manager.refresh(token, timeout=100)["timeout"] <= 100
    assert manager.refresh(token, timeout=-1)["timeout"] == LONGEST
    manager.release(token)
    with pytest.raises(DAVError) as caught:
        manager.refresh(token, timeout=100)
    assert caught.value.value == 412


def test_an_expired_lock_is_none(opened: Opened) -> None:
    """It is not listed, stands in nobody's way and goes when the next one is granted."""
    table = opened()
    manager = SharedLockManager(table)
    token = locked(manager, "/m/a")["token"]
    lock = table.find(token)
    assert lock is not None
    table.put(replace(lock, expires=time.time() - 1))
    storage = LockStorage(table)
    assert storage.get(token) is None
    assert storage.get_lock_list("/m/a", include_root=True, include_children=True, token_only=True) == []
    new = locked(manager, "/m/a", principal="bob")["token"]
    assert [lock.token for lock in table.at("/", below=True)] == [new]
    assert table.find(token) is None


def test_writing_needs_the_token(opened: Opened) -> None:
    """The protocol library's check finds locks of another process."""
    token = locked(SharedLockManager(opened()), "/m/a")["token"]
    manager = SharedLockManager(opened())
    asked = {"url": "/m/a", "depth": "0", "principal": "alice"}
    manager.check_write_permission(token_list=[token], **asked)
    with pytest.raises(DAVError):
        manager.check_write_permission(token_list=[], **asked)


def test_locks_of_what_is_gone_go(opened: Opened) -> None:
    """With a folder, those on everything in it; others stay."""
    table = opened()
    manager = SharedLockManager(table)
    for url in ("/m/gone", "/m/gone/a", "/m/gone/b/c", "/m/goner"):
        locked(manager, url)
    manager.remove_all_locks_from_url("/m/gone/", recursive=True)
    assert [lock.root for lock in table.at("/", below=True)] == ["/m/goner"]


def test_an_administrator_breaks_a_lock(opened: Opened) -> None:
    """Whoever holds it, the next one may lock."""
    granted = locked(SharedLockManager(opened()), "/m/a")
    (lock,) = opened().at("/m/a")
    assert (lock.principal, lock.token) == ("alice", granted["token"])
    assert opened().drop(lock.token)
    assert not opened().drop(lock.token)
    assert not is_refused(SharedLockManager(opened()), "/m/a", principal="bob")


def test_of_many_who_ask_at_once_one_gets_it(opened: Opened) -> None:
    """Looking and granting are one act, between processes too (each manager has a table of its own)."""
    managers = [SharedLockManager(opened()) for _ in range(6)]
    start = threading.Barrier(len(managers))

    def ask(manager: LockManager) -> bool:
        start.wait()
        return not is_refused(manager, "/m/wanted")

    with ThreadPoolExecutor(len(managers)) as pool:
        assert sorted(pool.map(ask, managers)) == [False] * 5 + [True]


def test_what_fails_inside_gives_the_turn_back(opened: Opened) -> None:
    """`alone` nests, and an exception leaves no table that nobody can use."""
    table = opened()
    with pytest.raises(RuntimeError), table.alone(), table.alone():
        raise RuntimeError
    with table.alone():
        table.put(Lock("opaquelocktoken:x", "/m/a", "shared", "0", "alice", OWNER, time.time() + 60))
    assert len(opened().at("/m/a")) == 1


def test_a_closed_table_says_so(tmp_path: Path) -> None:
    """It is an error of ours, not one of the driver's."""
    table = SqliteLocks(str(tmp_path / "locks.db"))
    table.close()
    with pytest.raises(StorageError, match="closed"):
        table.find("opaquelocktoken:x")


def test_a_redis_that_does_not_answer_is_unavailable(tmp_path: Path) -> None:
    """It is said at the start, without the URL, which may hold a password."""
    with pytest.raises(BackendUnavailable) as caught:
        RedisLocks(f"unix://:secret@{tmp_path}/nobody")
    assert "secret" not in str(caught.value)


def test_a_lock_costs_no_look_at_all_others(tmp_path: Path) -> None:
    """What is asked and cleared for each lock that is granted is found by an index."""
    path = tmp_path / "locks.db"
    SqliteLocks(str(path)).close()
    with closing(sqlite3.connect(path)) as database:
        for condition in ("token = 'x'", "root = 'x'", "root >= 'x' AND root < 'y'", "expires <= 1"):
            (plan,) = database.execute(f"EXPLAIN QUERY PLAN SELECT * FROM lock WHERE {condition}").fetchall()
            assert plan[3].startswith("SEARCH"), condition
