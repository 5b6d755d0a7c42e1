"""The SQLite backend keeps the backend contract, in one file that others may share."""

import os
import sqlite3
import stat as stat_bits
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from vfs.engine.backend import Backend
from vfs.engine.backends.sqlite import SqliteBackend, SqliteOptions
from vfs.engine.backends.sqlite.blobs import CHUNK, SMALL
from vfs.engine.entries import Attributes
from vfs.engine.errors import ConfigError, Conflict, ResourceLocked, StorageError
from vfs.testing.backend import BackendContract
from vfs.testing.limits import content, names


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """The database file, not there yet."""
    return tmp_path / "tree.db"


@pytest.fixture
def sqlite(file: Path) -> Iterator[SqliteBackend]:
    backend = SqliteBackend(SqliteOptions(path=file))
    yield backend
    backend.close()


class TestSqliteBackend(BackendContract):
    @pytest.fixture
    def backend(self, sqlite: SqliteBackend) -> Backend:
        return sqlite


def rows(file: Path, table: str) -> int:
    """How many rows a table has, as another program sees it."""
    connection = sqlite3.connect(file)
    try:
        return int(connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0])
    finally:
        connection.close()


def run(code: str, file: Path) -> int:
    """The exit code of another process that works on the database."""
    header = "import os, signal, sys\nfrom vfs.engine.backends.sqlite import *\n"
    start = "backend = SqliteBackend(SqliteOptions(path=sys.argv[1]))\n"
    return subprocess.run([sys.executable, "-c", header + start + code, str(file)], check=False).returncode


def test_a_tree_outlives_its_backend(file: Path) -> None:
    """Opened again, the file holds everything with the same ETags."""
    first = SqliteBackend(SqliteOptions(path=file))
    etag = first.write("d/f", b"content", metadata={"a": "b"}, attributes=Attributes(mode=0o640)).etag
    first.close()
    again = SqliteBackend(SqliteOptions(path=file))
    entry = again.stat("d/f")
    assert (entry.etag, entry.mode, entry.metadata) == (etag, 0o640, {"a": "b"})
    assert content(again, "d/f") == b"content"
    again.close()


def test_the_file_is_private(sqlite: SqliteBackend, file: Path) -> None:
    """Nobody else can read the database or its journal."""
    sqlite.write("f", b"secret")
    for path in file.parent.iterdir():
        assert stat_bits.S_IMODE(path.stat().st_mode) & 0o077 == 0


def test_two_backends_share_a_file(sqlite: SqliteBackend, file: Path) -> None:
    """What one wrote the other sees at once, and conditions hold across both."""
    other = SqliteBackend(SqliteOptions(path=file))
    etag = sqlite.write("f", b"one").etag
    assert content(other, "f") == b"one"
    other.write("f", b"two", if_match=etag)
    with pytest.raises(Conflict):
        sqlite.write("f", b"lost", if_match=etag)
    other.close()
    assert content(sqlite, "f") == b"two"


@pytest.mark.parametrize(
    "size", [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, SMALL, SMALL + 1, 2 * SMALL + CHUNK // 2]
)
def test_sizes_around_chunks_are_exact(sqlite: SqliteBackend, size: int) -> None:
    """Files that end at, before and after the borders of chunks and transactions read back whole."""
    data = os.urandom(size)
    sqlite.write("f", data)
    assert sqlite.stat("f").size == size
    assert content(sqlite, "f") == data
    for border in (CHUNK, SMALL):
        assert bytes(sqlite.read("f", border - 2, border + 2)) == data[border - 2 : border + 2]


@pytest.mark.parametrize("size", [100, 3 * SMALL])
def test_nothing_is_kept_of_what_is_gone(sqlite: SqliteBackend, file: Path, size: int) -> None:
    """Replacing, deleting and moving over remove contents, but not those that a copy still has."""
    data = os.urandom(size)
    for key in ("replaced", "deleted", "moved over", "source", "copied"):
        sqlite.write(key, data)
    sqlite.copy("copied", "copy")
    sqlite.write("replaced", b"")
    sqlite.delete("deleted")
    sqlite.move("source", "moved over")
    sqlite.delete("copied")
    assert content(sqlite, "copy") == data
    sqlite.delete_many(["copy", "moved over", "replaced"])
    assert (rows(file, "chunk"), rows(file, "blob"), rows(file, "entry")) == (0, 0, 1)


def test_a_copy_shares_its_content(sqlite: SqliteBackend, file: Path) -> None:
    """Copying a big file writes no chunks."""
    sqlite.write("f", os.urandom(2 * SMALL))
    before = rows(file, "chunk")
    sqlite.copy("f", "g")
    assert rows(file, "chunk") == before


def test_a_failed_source_leaves_no_chunks(sqlite: SqliteBackend, file: Path) -> None:
    """What had arrived of a big file is removed when the rest does not come."""

    def broken() -> Iterator[bytes]:
        yield os.urandom(2 * SMALL)
        raise ValueError("the source broke")

    with pytest.raises(ValueError, match="the source broke"):
        sqlite.write("f", broken())
    assert (rows(file, "chunk"), rows(file, "blob")) == (0, 0)


def test_what_a_killed_writer_left_is_collected(file: Path) -> None:
    """The next process to open the file alone removes the bytes that nobody published."""
    killed = """
def source():
    yield bytes(20_000_000)
    os.kill(os.getpid(), signal.SIGKILL)
backend.write("f", source())
"""
    assert run(killed, file) < 0
    assert rows(file, "chunk") > 0
    backend = SqliteBackend(SqliteOptions(path=file))
    assert names(backend) == []
    assert (rows(file, "chunk"), rows(file, "blob")) == (0, 0)
    backend.close()


def test_what_another_process_is_writing_is_spared(sqlite: SqliteBackend, file: Path) -> None:
    """Opening the file while a big one arrives collects nothing."""
    data = os.urandom(2 * SMALL + 5)
    opened = []

    def source() -> Iterator[bytes]:
        yield data
        opened.append(run("backend.stat('')", file))

    sqlite.write("f", source())
    assert opened == [0]
    assert content(sqlite, "f") == data


def test_a_killed_process_loses_nothing_it_was_told(file: Path) -> None:
    """A write that returned is there after SIGKILL."""
    assert run("backend.write('f', b'kept')\nos.kill(os.getpid(), signal.SIGKILL)", file) < 0
    backend = SqliteBackend(SqliteOptions(path=file))
    assert content(backend, "f") == b"kept"
    backend.close()


def test_memory_does_not_grow_with_the_file(file: Path) -> None:
    """A quarter of a GiB goes in, and out again by ranges, within a small part of that."""
    streaming = """
import resource
def source():
    piece = bytes(1 << 20)
    for _ in range(256):
        yield piece
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
backend.write("f", source())
assert backend.stat("f").size == 256 << 20
for start in range(0, 256 << 20, 4 << 20):
    assert len(backend.read("f", start, start + (4 << 20))) == 4 << 20
backend.delete("f")
grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
assert grown < 80_000, f"{grown} KiB more"
"""
    assert run(streaming, file) == 0


def test_writers_are_not_starved(sqlite: SqliteBackend) -> None:
    """Small writes go on while a big file arrives, and readers see old and new, never nothing."""
    arriving, release = threading.Event(), threading.Event()

    def source() -> Iterator[bytes]:
        yield os.urandom(2 * SMALL)
        arriving.set()
        assert release.wait(60)
        yield b"end"

    sqlite.write("f", b"old")
    with ThreadPoolExecutor(1) as pool:
        big = pool.submit(sqlite.write, "f", source())
        assert arriving.wait(60)
        sqlite.write("g", b"small")
        assert content(sqlite, "f") == b"old"
        release.set()
        assert big.result().size == 2 * SMALL + 3
    assert sqlite.stat("f").size == 2 * SMALL + 3


def test_a_database_locked_by_another_says_so(file: Path) -> None:
    """After the timeout a write is ResourceLocked, not a hang and not an error of SQLite."""
    backend = SqliteBackend(SqliteOptions(path=file, timeout=0.05))
    other = sqlite3.connect(file, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(ResourceLocked):
        backend.write("f", b"x")
    other.execute("ROLLBACK")
    other.close()
    backend.write("f", b"x")
    backend.close()


def test_a_number_too_big_for_sqlite_is_our_error(sqlite: SqliteBackend) -> None:
    """No user has it, and nothing else of the change is stored."""
    sqlite.write("f", b"x", attributes=Attributes(mode=0o600))
    with pytest.raises(StorageError):
        sqlite.set_attributes("f", Attributes(mode=0o644, uid=1 << 63))
    assert sqlite.stat("f").mode == 0o600


def test_times_have_64_bits_regression(sqlite: SqliteBackend) -> None:
    """A time after the year 2262 becomes the last one that there is, one before 1677 the first."""
    sqlite.write("f", b"x", attributes=Attributes(mtime_ns=1 << 63, atime_ns=-(1 << 63)))
    entry = sqlite.stat("f")
    assert (entry.mtime_ns, entry.atime_ns) == ((1 << 63) - 1, 1 - (1 << 63))


def test_a_lost_chunk_is_an_error(sqlite: SqliteBackend, file: Path) -> None:
    """A damaged database never gives a shorter or shifted file."""
    sqlite.write("f", os.urandom(3 * CHUNK))
    connection = sqlite3.connect(file)
    connection.execute("DELETE FROM chunk WHERE number = 1")
    connection.commit()
    connection.close()
    for start, end in ((0, 3 * CHUNK), (CHUNK, CHUNK + 1)):
        with pytest.raises(StorageError, match="lost a part"):
            sqlite.read("f", start, end)


def test_what_is_no_database_is_a_clear_error(tmp_path: Path) -> None:
    """A text file, a folder, another program's database, an unknown layout: the message names the file."""
    text = tmp_path / "notes.txt"
    text.write_text("these are notes, not a database" * 100)
    other = tmp_path / "other.db"
    connection = sqlite3.connect(other)
    connection.execute("CREATE TABLE things (id)")
    connection.close()
    newer = tmp_path / "newer.db"
    SqliteBackend(SqliteOptions(path=newer)).close()
    connection = sqlite3.connect(newer)
    connection.execute("PRAGMA user_version = 99")
    connection.close()
    expected = {
        text: "notes.txt is not an SQLite database",
        other: "other.db is an SQLite database of another program",
        newer: "newer.db has the layout 99",
        tmp_path: "is a folder",
        tmp_path / "no/folder.db": "no/folder.db cannot be made: its folder does not exist",
    }
    for path, message in expected.items():
        with pytest.raises(ConfigError, match=message):
            SqliteBackend(SqliteOptions(path=path))
    assert text.read_text() == "these are notes, not a database" * 100


def test_a_closed_backend_says_so(sqlite: SqliteBackend) -> None:
    """Acts after `close` are our errors."""
    sqlite.close()
    with pytest.raises(StorageError):
        sqlite.stat("")


def test_a_second_backend_on_the_file_drops_no_locks_regression(sqlite: SqliteBackend, file: Path) -> None:
    """Two in one process, as while a mount is reconfigured: another that comes and goes deletes no log.

    What was written afterwards went to a file that nobody else could see.
    """
    sqlite.write("a", b"1")
    second = SqliteBackend(SqliteOptions(path=file))
    log = os.stat(f"{file}-wal").st_ino
    leave = (
        "import sqlite3, sys; c = sqlite3.connect(sys.argv[1]); c.execute('SELECT * FROM entry'); c.close()"
    )
    subprocess.run([sys.executable, "-c", leave, file], check=True)
    assert os.stat(f"{file}-wal").st_ino == log
    sqlite.write("b", b"2")
    assert bytes(second.read("b")) == b"2"
    second.close()
