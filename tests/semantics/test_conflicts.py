"""Two mounts of one bucket that change one file: nobody's bytes are lost, and the loser is told."""

import contextlib
import errno
import os
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.mounts.daemon import Daemon, killed_after, mounted
from tests.mounts.kinds import s3_settings
from tests.mounts.refusals import refused
from tests.mounts.samples import MEBIBYTE, random_bytes
from tests.mounts.stores import BucketStore, bytes_in_store
from tests.mounts.waiting import wait_until
from tests.servers.seaweed import SeaweedServer

HANG_SECONDS = 120
TTL = 1


class Twins:
    """Two mounts, `one` and `two`, of one bucket."""

    def __init__(self, one: str, two: str, store: BucketStore) -> None:
        self.one = one
        self.two = two
        self.store = store

    def conflict_copies(self, name: str) -> list[str]:
        """The names of the kept losers of this file, in the store."""
        return sorted(other for other in self.store.files() if other.startswith(f"{name}.conflict-"))


@dataclass(frozen=True)
class Pair:
    """The daemons of two mounts, and the bucket that both show."""

    one: Daemon
    two: Daemon
    store: BucketStore


@contextlib.contextmanager
def two_mounts(seaweed: SeaweedServer, bucket: str, directory: Path) -> Iterator[Pair]:
    """Both believe what they know for a second."""
    with ExitStack() as stack:
        daemons = []
        for name in ("one", "two"):
            (directory / name).mkdir()
            settings = {**s3_settings(bucket, seaweed.url), "ttl": TTL}
            daemons.append(stack.enter_context(mounted(Daemon(str(directory / name), settings))))
        yield Pair(*daemons, BucketStore(seaweed.client(), bucket))


@contextlib.contextmanager
def twins_in(pair: Pair, folder: str) -> Iterator[Twins]:
    """A new folder, which both mounts show."""
    with killed_after(pair.one, HANG_SECONDS), killed_after(pair.two, HANG_SECONDS):
        one, two = (os.path.join(daemon.mountpoint, folder) for daemon in (pair.one, pair.two))
        os.mkdir(one)
        wait_until(lambda: os.path.exists(two), 60, "the folder in the other mount")
        yield Twins(one, two, pair.store.below(folder))


@pytest.fixture(scope="module")
def pair(seaweed: SeaweedServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    with seaweed.bucket() as bucket, two_mounts(seaweed, bucket, tmp_path_factory.mktemp("pair")) as pair:
        yield pair


@pytest.fixture
def twins(pair: Pair, request: pytest.FixtureRequest) -> Iterator[Twins]:
    """A folder for each test, on mounts that last for all of them."""
    with twins_in(pair, request.node.name) as twins:
        yield twins


@pytest.fixture
def versioned_twins(seaweed: SeaweedServer, versioned_bucket: str, tmp_path: Path) -> Iterator[Twins]:
    """Two mounts of a bucket that keeps old versions."""
    with two_mounts(seaweed, versioned_bucket, tmp_path) as pair, twins_in(pair, "folder") as twins:
        yield twins


def write(path: str, data: bytes) -> None:
    with open(path, "wb") as file:
        file.write(data)


def test_the_loser_of_two_edits_is_told_and_kept(twins: Twins) -> None:
    """Of two that edit one version the first to close wins; the other's close is ESTALE, its bytes kept."""
    write(f"{twins.one}/file", b"original")
    wait_until(lambda: os.path.exists(f"{twins.two}/file"), 60, "the file in the other mount")
    first = os.open(f"{twins.one}/file", os.O_RDWR)
    second = os.open(f"{twins.two}/file", os.O_RDWR)
    os.pwrite(first, b"ONE", 0)
    os.pwrite(second, b"TWO", 0)
    os.close(first)
    with refused(errno.ESTALE):
        os.close(second)
    assert bytes_in_store(twins.store, "file") == b"ONEginal"
    copies = twins.conflict_copies("file")
    assert [bytes_in_store(twins.store, name) for name in copies] == [b"TWOginal"]


def test_fsync_tells_too(twins: Twins) -> None:
    """The loser's fsync fails with ESTALE at once, and its bytes are kept."""
    write(f"{twins.one}/file", b"original")
    wait_until(lambda: os.path.exists(f"{twins.two}/file"), 60, "the file in the other mount")
    second = os.open(f"{twins.two}/file", os.O_RDWR)
    os.pwrite(second, b"loser's", 0)
    write(f"{twins.one}/file", b"winner's")
    with refused(errno.ESTALE):
        os.fsync(second)
    assert bytes_in_store(twins.store, "file") == b"winner's"
    assert [bytes_in_store(twins.store, name) for name in twins.conflict_copies("file")] == [b"loser'sl"]
    with contextlib.suppress(OSError):
        # Whether close tells it a second time is left open.
        os.close(second)
    assert len(twins.conflict_copies("file")) == 1


def test_two_that_create_one_name(twins: Twins) -> None:
    """Both bytes are in the store when two mounts made one new file at the same time."""
    first = os.open(f"{twins.one}/new", os.O_WRONLY | os.O_CREAT)
    second = os.open(f"{twins.two}/new", os.O_WRONLY | os.O_CREAT)
    os.write(first, b"from one")
    os.write(second, b"from two")
    os.close(first)
    with refused(errno.ESTALE):
        os.close(second)
    stored = {bytes_in_store(twins.store, name) for name in ("new", *twins.conflict_copies("new"))}
    assert stored == {b"from one", b"from two"}


WHERE = 10 * MEBIBYTE


def lose_an_edit_of_a_big_file(twins: Twins, original: bytes) -> bytes:
    """Mount two edits the middle while mount one edits the start and wins; the loser's copy comes back."""
    write(f"{twins.one}/big", original)
    wait_until(lambda: os.path.exists(f"{twins.two}/big"), 60, "the file in the other mount")
    second = os.open(f"{twins.two}/big", os.O_RDWR)
    os.pwrite(second, b"two", WHERE)
    first = os.open(f"{twins.one}/big", os.O_RDWR)
    os.pwrite(first, b"one", 0)
    os.close(first)
    with refused(errno.ESTALE):
        os.close(second)
    assert bytes_in_store(twins.store, "big") == b"one" + original[3:]
    (copy,) = twins.conflict_copies("big")
    return bytes_in_store(twins.store, copy)


def test_conflict_of_big_files(twins: Twins) -> None:
    """What was written to a big file is kept in its place; what was not, and is nowhere stored, is zeros."""
    original = random_bytes(20 * MEBIBYTE)
    copy = lose_an_edit_of_a_big_file(twins, original)
    assert len(copy) == len(original)
    assert copy[WHERE : WHERE + 3] == b"two"
    assert all(byte in (0, original[n]) for n, byte in enumerate(copy[: 2 * MEBIBYTE]))


def test_conflict_of_big_files_with_versions(versioned_twins: Twins) -> None:
    """Where the bucket keeps old versions the loser's copy is whole."""
    original = random_bytes(20 * MEBIBYTE)
    copy = lose_an_edit_of_a_big_file(versioned_twins, original)
    assert copy == original[:WHERE] + b"two" + original[WHERE + 3 :]


def test_reader_of_a_replaced_file_never_sees_a_mix(twins: Twins) -> None:
    """Who reads while another machine replaces the object gets old bytes or ESTALE; reopened, the new."""
    old, new = b"o" * (24 * MEBIBYTE), b"n" * (24 * MEBIBYTE)
    write(f"{twins.one}/big", old)
    wait_until(lambda: os.path.exists(f"{twins.two}/big"), 60, "the file in the other mount")
    reader = os.open(f"{twins.two}/big", os.O_RDONLY)
    assert os.pread(reader, 4096, 0) == old[:4096]
    write(f"{twins.one}/big", new)
    assert _tail_or_stale(reader, 23 * MEBIBYTE) in (old[:4096], errno.ESTALE)
    os.close(reader)
    wait_until(lambda: _start_of(f"{twins.two}/big") == b"nnnn", 60, "the new bytes after the TTL")


def _tail_or_stale(reader: int, offset: int) -> bytes | int | None:
    """4 KiB from there, or the errno that reading them gave."""
    try:
        return os.pread(reader, 4096, offset)
    except OSError as error:
        return error.errno


def _start_of(path: str) -> bytes:
    with open(path, "rb") as file:
        return file.read(4)


def test_what_another_machine_wrote_is_seen_after_the_ttl(twins: Twins) -> None:
    """A file made, changed and removed elsewhere is seen, at the latest when the TTL is over."""
    assert os.listdir(twins.two) == []
    write(f"{twins.one}/file", b"one")
    wait_until(lambda: os.listdir(twins.two) == ["file"], 5 * TTL, "the new file")
    assert _start_of(f"{twins.two}/file") == b"one"
    write(f"{twins.one}/file", b"three")
    wait_until(lambda: os.stat(f"{twins.two}/file").st_size == 5, 5 * TTL, "the new size")
    wait_until(lambda: _start_of(f"{twins.two}/file") == b"thre", 5 * TTL, "the new bytes")
    os.remove(f"{twins.one}/file")
    wait_until(lambda: not os.path.exists(f"{twins.two}/file"), 5 * TTL, "the removal")
