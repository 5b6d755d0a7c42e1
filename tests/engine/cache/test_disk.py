"""Blocks on disk: they outlive the process, keep to their limits, and are never wrong."""

import errno
import logging
import os
import stat
import subprocess
import sys
import tempfile

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from vfs.engine.cache.blocks import ContentId
from vfs.engine.cache.chunks import BLOCK, CHUNK
from vfs.engine.cache.disk import DiskBlocks

A = ContentId("mount", "folder/a", "etag-1")
ODD = ContentId("mount", "odd*\udcff\n name", "etag")
DATA = bytes(range(251)) * (3 * CHUNK // 251)
ROOMY = 1 << 30


@pytest.fixture
def disk(tmp_path):
    disk = DiskBlocks(tmp_path / "cache", ROOMY, keep_free=0)
    yield disk
    disk.close()


def _files(directory) -> list[str]:
    return [os.path.join(folder, name) for folder, _, names in os.walk(directory) for name in names]


def _used(directory) -> int:
    return sum(os.stat(path).st_blocks * 512 for path in _files(directory))


@pytest.mark.parametrize("content", [A, ODD])
def test_what_was_put_is_found_by_the_next_process(tmp_path, content):
    """Another DiskBlocks over the same directory gives the same bytes, across chunks and to an odd end."""
    size = 2 * CHUNK + BLOCK + 17
    DiskBlocks(tmp_path, ROOMY, keep_free=0).put(content, 0, DATA[:size])
    found = DiskBlocks(tmp_path, ROOMY, keep_free=0).get(content, 0, size)
    assert found == DATA[:size]


def test_bytes_are_given_up_to_the_first_gap(disk):
    """A range whose end is not known gives what comes before; one whose start is not known gives nothing."""
    disk.put(A, BLOCK, DATA[BLOCK : 3 * BLOCK + 5])
    assert disk.get(A, BLOCK, CHUNK) == DATA[BLOCK : 3 * BLOCK + 5]
    assert disk.get(A, BLOCK, 2 * BLOCK) == DATA[BLOCK : 2 * BLOCK]
    assert disk.get(A, 3 * BLOCK, 3 * BLOCK + 2) == DATA[3 * BLOCK : 3 * BLOCK + 2]
    assert disk.get(A, 0, CHUNK) == b""


def test_little_waits_for_a_slow_disk(disk):
    """All readers together may keep 32 MiB in memory for it; what is written makes room for more."""
    assert all(disk.claim(8 << 20) for _ in range(4))
    assert not disk.claim(1)
    disk.settle(8 << 20)
    assert disk.claim(8 << 20)


def test_another_version_finds_nothing(disk):
    """A changed ETag, key or mount is another content."""
    disk.put(A, 0, DATA[:BLOCK])
    for other in (ContentId("mount", "folder/a", "etag-2"), ContentId("mount2", "folder/a", "etag-1")):
        assert disk.get(other, 0, BLOCK) == b""


def test_a_longer_block_replaces_a_shorter_one(disk):
    """The last block of a range that ended early is completed by a later one."""
    disk.put(A, 0, DATA[:100])
    disk.put(A, 0, DATA[:BLOCK])
    assert disk.get(A, 0, BLOCK) == DATA[:BLOCK]


def test_the_directory_is_private(disk, tmp_path):
    """Nobody but the user may look into the cache."""
    disk.put(A, 0, DATA[:BLOCK])
    for folder, _, names in os.walk(tmp_path / "cache"):
        assert stat.S_IMODE(os.stat(folder).st_mode) == 0o700
        assert all(stat.S_IMODE(os.stat(os.path.join(folder, name)).st_mode) == 0o600 for name in names)


def test_a_small_block_takes_little_disk(disk, tmp_path):
    """A chunk file is sparse: one block of eight, and a page, is all it takes."""
    disk.put(A, 7 * BLOCK, DATA[:BLOCK])
    assert _used(tmp_path) <= BLOCK + 2 * 4096


def test_a_damaged_block_is_a_miss_and_leaves(disk, tmp_path):
    """A flipped byte is noticed, counted, and the file is removed."""
    disk.put(A, 0, DATA[:BLOCK])
    (path,) = _files(tmp_path)
    with open(path, "r+b") as file:
        file.seek(4096 + 1000)
        file.write(b"!?")
    assert disk.get(A, 0, BLOCK) == b""
    assert disk.statistics().bad_blocks == 1
    assert _files(tmp_path) == []


def test_a_file_of_another_content_is_not_believed(disk, tmp_path):
    """A whole valid chunk under the wrong name is a miss: rows are bound to what they are rows of."""
    other = ContentId("mount", "b", "etag-1")
    disk.put(A, 0, DATA[:BLOCK])
    (path_of_a,) = _files(tmp_path)
    disk.put(other, 0, DATA[BLOCK : 2 * BLOCK])
    (path_of_other,) = set(_files(tmp_path)) - {path_of_a}
    os.replace(path_of_other, path_of_a)
    assert disk.get(A, 0, BLOCK) == b""


_damage = st.lists(
    st.tuples(
        st.sampled_from(["bytes", "zeros", "truncate", "duplicate"]),
        st.integers(0, CHUNK + 4096),
        st.binary(min_size=1, max_size=64),
    ),
    min_size=1,
    max_size=6,
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(_damage, st.integers(1, CHUNK + 3 * BLOCK))
def test_no_damage_ever_makes_wrong_bytes(damage, size):
    """Whatever is overwritten, cut off or zeroed in the files: right bytes, or none."""
    with tempfile.TemporaryDirectory() as directory:
        disk = DiskBlocks(directory, ROOMY, keep_free=0)
        disk.put(A, 0, DATA[:size])
        files = sorted(_files(directory))
        for number, (kind, offset, noise) in enumerate(damage):
            _hurt(files[number % len(files)], files[0], kind, offset, noise)
        found = disk.get(A, 0, size)
        assert found == DATA[: len(found)]
        disk.put(A, 0, DATA[:size])
        assert disk.get(A, 0, size)[:1] in (DATA[:1], b"")
        disk.close()


def _hurt(path: str, other: str, kind: str, offset: int, noise: bytes) -> None:
    descriptor = os.open(path, os.O_RDWR)
    try:
        if kind == "truncate":
            os.ftruncate(descriptor, min(offset, os.fstat(descriptor).st_size))
        elif kind == "duplicate":
            with open(other, "rb") as file:
                os.pwrite(descriptor, file.read(offset), 0)
        else:
            os.pwrite(descriptor, noise if kind == "bytes" else bytes(len(noise) * 100), offset)
    finally:
        os.close(descriptor)


def test_a_writer_killed_at_any_moment_leaves_no_wrong_bytes(tmp_path):
    """A process that is killed while it writes leaves blocks that verify, or misses."""
    script = (
        "import sys\n"
        "from tests.engine.cache.test_disk import A, DATA, ROOMY, DiskBlocks\n"
        "disk = DiskBlocks(sys.argv[1], ROOMY, keep_free=0)\n"
        "print('ready', flush=True)\n"
        "while True: disk.put(A, 0, DATA)\n"
    )
    command = [sys.executable, "-c", script, str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as writer:
        assert writer.stdout.readline() == b"ready\n"
        reader = DiskBlocks(tmp_path, ROOMY, keep_free=0)
        while len(reader.get(A, 0, len(DATA))) < len(DATA):
            assert writer.poll() is None
        for _ in range(20):
            assert reader.get(A, 0, len(DATA)) == DATA
        writer.kill()
    found = reader.get(A, 0, len(DATA))
    assert found == DATA[: len(found)]


def test_the_least_recently_used_chunks_leave_when_it_is_full(tmp_path):
    """The directory stays within its limit; chunks that were just read stay."""
    limit = 8 * CHUNK
    disk = DiskBlocks(tmp_path, limit, keep_free=0)
    contents = [ContentId("mount", f"file{number}", "1") for number in range(12)]
    for number, content in enumerate(contents):
        disk.put(content, 0, DATA[:CHUNK])
        _wait_for_trim(disk)
        if number == 0:
            (first,) = _files(tmp_path)
        for path in _files(tmp_path):
            age = os.stat(path).st_mtime - 3600
            os.utime(path, (age, age))
        assert disk.get(contents[0], 0, CHUNK) == DATA[:CHUNK]
    disk.close()
    tidy = DiskBlocks(tmp_path, limit, keep_free=0)
    tidy.put(contents[-1], 0, DATA[:CHUNK])
    _wait_for_trim(tidy)
    assert _used(tmp_path) <= limit
    assert os.path.exists(first)
    assert tidy.get(contents[0], 0, CHUNK) == DATA[:CHUNK]


def test_space_is_left_to_others(tmp_path):
    """With less free space than is to be kept, everything leaves."""
    disk = DiskBlocks(tmp_path, ROOMY, keep_free=1 << 60)
    disk.put(A, 0, DATA[:CHUNK])
    _wait_for_trim(disk)
    assert _files(tmp_path) == []


def _wait_for_trim(disk: DiskBlocks) -> None:
    while (thread := disk._trimming) is not None:
        thread.join()


def test_a_full_disk_switches_the_cache_off_with_one_warning(disk, monkeypatch, caplog):
    """ENOSPC is told once in the log and never to the reader; from then on nothing is stored or found."""

    def no_space(*_args):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    disk.put(A, 0, DATA[:BLOCK])
    monkeypatch.setattr(os, "pwrite", no_space)
    with caplog.at_level(logging.WARNING):
        disk.put(A, BLOCK, DATA[:BLOCK])
        disk.put(A, BLOCK, DATA[:BLOCK])
    assert [record.levelname for record in caplog.records] == ["WARNING"]
    assert "No space left" in caplog.text
    assert disk.get(A, 0, BLOCK) == b""
    assert not disk.statistics().is_on


def test_a_directory_that_cannot_be_made_is_no_error(tmp_path, caplog):
    """A file in the way of the directory costs the cache, not the reader."""
    (tmp_path / "taken").write_bytes(b"")
    disk = DiskBlocks(tmp_path / "taken", ROOMY, keep_free=0)
    disk.put(A, 0, DATA[:BLOCK])
    assert disk.get(A, 0, BLOCK) == b""
    assert len(caplog.records) == 1


def test_a_directory_of_another_user_is_not_trusted(tmp_path, monkeypatch, caplog):
    """Bytes that somebody else may have planted are not read."""
    monkeypatch.setattr(os, "geteuid", lambda: os.stat(tmp_path).st_uid + 1)
    disk = DiskBlocks(tmp_path, ROOMY, keep_free=0)
    assert not disk.statistics().is_on
    assert "another user" in caplog.text
