"""Tables of locks of every kind, each empty."""

import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.servers.redis import redis_server
from vfs.dav.state.locks import LockTable
from vfs.dav.state.locks_redis import RedisLocks
from vfs.dav.state.locks_sqlite import SqliteLocks

Opened = Callable[[], LockTable]
"""Opens the same table once more, as another process would."""


@pytest.fixture(scope="session")
def redis_url() -> Iterator[str]:
    # A socket's path must be short.
    with tempfile.TemporaryDirectory(prefix="vfs-redis-") as folder, redis_server(Path(folder)) as url:
        yield url


@pytest.fixture(params=["sqlite", "redis"])
def opened(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Opened]:
    with ExitStack() as ending:

        def open_table() -> LockTable:
            if request.param == "sqlite":
                table: LockTable = SqliteLocks(str(tmp_path / "state" / "locks.db"))
            else:
                table = RedisLocks(request.getfixturevalue("redis_url"))
            ending.callback(table.close)
            return table

        open_table().drop_all()
        yield open_table
