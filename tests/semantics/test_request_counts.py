"""What acts on a mounted bucket cost in requests, counted by a proxy in front of the store."""

import os
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.mounts.commands import run, shell
from tests.mounts.daemon import Daemon, killed_after, mounted
from tests.mounts.kinds import s3_settings
from tests.mounts.samples import MEBIBYTE, random_bytes, random_chunks
from tests.mounts.stores import BucketStore, bytes_in_store
from tests.servers.fault_proxy import FaultProxy
from tests.servers.seaweed import SeaweedServer

PART = 8 * MEBIBYTE


class CountedMount:
    """A mount through the counting proxy, and the bucket behind it."""

    def __init__(self, daemon: Daemon, proxy: FaultProxy, store: BucketStore) -> None:
        self.path = daemon.mountpoint
        self.counting = proxy.counting
        self.store = store


@pytest.fixture
def counted(seaweed: SeaweedServer, proxy: FaultProxy, bucket: str, tmp_path: Path) -> Iterator[CountedMount]:
    """A freshly started daemon that has seen nothing yet but the bucket's root."""
    settings = {**s3_settings(bucket, proxy.url), "ttl": 600}
    with mounted(Daemon(str(tmp_path), settings)) as daemon, killed_after(daemon, 600):
        os.stat(daemon.mountpoint)
        yield CountedMount(daemon, proxy, BucketStore(seaweed.client(), bucket))


def test_reading_a_small_file_is_one_get(counted: CountedMount) -> None:
    """After a listing showed it, a 1 KiB file is read by one GET, and read again by none."""
    counted.store.put("small", b"x" * 1024)
    assert os.listdir(counted.path) == ["small"]
    os.stat(f"{counted.path}/small")
    with counted.counting() as requests:
        assert Path(counted.path, "small").read_bytes() == b"x" * 1024
    assert requests == Counter(GET=1)
    with counted.counting() as requests:
        assert Path(counted.path, "small").read_bytes() == b"x" * 1024
    assert requests == Counter()


def test_writing_a_small_new_file_is_one_put(counted: CountedMount) -> None:
    """A new 1 KiB file in a folder that was listed is one PUT, its attributes with it."""
    os.listdir(counted.path)
    with counted.counting() as requests:
        Path(counted.path, "new").write_bytes(b"x" * 1024)
    assert requests == Counter(PUT=1)


def test_a_shell_writes_a_new_file_by_one_put(counted: CountedMount) -> None:
    """A shell closes a duplicate of the descriptor before anything is written: nothing is stored for that."""
    for command in ("echo x > one", ": > two", "cat /etc/hostname > three", "touch four"):
        os.listdir(counted.path)
        with counted.counting() as requests:
            shell(command, counted.path)
        assert requests == Counter(PUT=1), command


def test_a_shell_writes_over_a_file_by_one_put(counted: CountedMount) -> None:
    """`echo x > f` of a file that is there makes one new object, and no empty one before it."""
    counted.store.put("old", b"before")
    os.listdir(counted.path)
    with counted.counting() as requests:
        shell("echo x > old", counted.path)
    assert requests["PUT"] == 1
    assert bytes_in_store(counted.store, "old") == b"x\n"


def test_listing_what_was_written_here_is_one_request(counted: CountedMount) -> None:
    """`ls -l` of 200 files written through a mount is one listing, and a stat after it nothing."""
    os.mkdir(f"{counted.path}/many")
    for number in range(200):
        Path(counted.path, "many", f"file{number}").write_bytes(b"%d" % number)
    with counted.counting() as requests:
        assert run("ls", "-l", f"{counted.path}/many").count("\n") == 201
    assert requests["LIST"] <= 1
    assert requests.total() <= 1
    with counted.counting() as requests:
        shell("stat file1 file100 file199; ls -l", f"{counted.path}/many")
    assert requests == Counter()


def test_plain_listing_of_a_strange_folder_is_one_request(counted: CountedMount) -> None:
    """`ls` of 200 files that others wrote is one listing request, beside those that find the folder."""
    for number in range(200):
        counted.store.put(f"many/file{number}", b"x")
    with counted.counting() as requests:
        assert len(os.listdir(f"{counted.path}/many")) == 200
    assert requests["LIST"] <= 2
    assert requests.total() <= 3


def test_absent_names_are_remembered(counted: CountedMount) -> None:
    """In a listed folder a name that is not there costs nothing, however often it is asked for."""
    os.listdir(counted.path)
    with counted.counting() as requests:
        for number in range(50):
            assert not os.path.exists(f"{counted.path}/absent{number % 10}")
    assert requests == Counter()


def _copy_in(counted: CountedMount, size: int) -> Counter[str]:
    os.listdir(counted.path)
    with counted.counting() as requests, open(f"{counted.path}/big", "wb", buffering=0) as file:
        file.writelines(random_chunks(size))
    assert os.stat(f"{counted.path}/big").st_size == size
    return requests


def test_big_file_is_its_parts_and_two(counted: CountedMount) -> None:
    """64 MiB copied in are eight parts, a begin and a complete."""
    assert _copy_in(counted, 64 * MEBIBYTE) == Counter({"CREATE UPLOAD": 1, "PART": 8, "COMPLETE": 1})


@pytest.mark.slow
def test_gibibyte_is_its_parts_and_two(counted: CountedMount) -> None:
    """1 GiB copied in is parts plus two, and no part is smaller than 8 MiB."""
    requests = _copy_in(counted, 1024 * MEBIBYTE)
    parts = requests.pop("PART")
    assert parts <= 1024 * MEBIBYTE // PART
    assert requests == Counter({"CREATE UPLOAD": 1, "COMPLETE": 1})


def test_edit_in_a_big_object_sends_what_changed(counted: CountedMount) -> None:
    """4 KiB written into a 64 MiB object send one part; the rest is copied inside the store."""
    content = random_bytes(64 * MEBIBYTE)
    counted.store.put("big", content)
    with counted.counting() as requests, open(f"{counted.path}/big", "r+b", buffering=0) as file:
        os.pwrite(file.fileno(), b"y" * 4096, 33 * MEBIBYTE)
    assert requests["PUT"] == 0
    assert requests["GET"] <= 2
    assert requests["CREATE UPLOAD"] == requests["COMPLETE"] == 1
    assert requests["PART"] <= 3


def test_renaming_a_small_file_is_a_copy_and_a_delete(counted: CountedMount) -> None:
    """A rename is made inside the store: its bytes do not travel."""
    Path(counted.path, "old").write_bytes(b"x" * 100_000)
    os.listdir(counted.path)
    with counted.counting() as requests:
        os.rename(f"{counted.path}/old", f"{counted.path}/new")
    assert requests["COPY"] == 1
    assert requests["DELETE"] == 1
    assert requests["GET"] == 0
    assert requests.total() <= 3
