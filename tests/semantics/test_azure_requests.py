"""What acts on a mounted container of Azure cost in requests, counted by a proxy in front of the store."""

import os
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from azure.storage.blob import ContainerClient

from tests.mounts.commands import run
from tests.mounts.daemon import Daemon, killed_after, mounted
from tests.mounts.kinds import azure_settings
from tests.mounts.samples import MEBIBYTE, random_bytes, random_chunks
from tests.mounts.stores import ContainerStore
from tests.servers.fault_proxy import FaultProxy


class CountedMount:
    """A mount through the counting proxy, and the container behind it."""

    def __init__(self, daemon: Daemon, proxy: FaultProxy, store: ContainerStore) -> None:
        self.path = daemon.mountpoint
        self.counting = proxy.counting
        self.store = store


@pytest.fixture
def counted(azure_proxy: FaultProxy, container: ContainerClient, tmp_path: Path) -> Iterator[CountedMount]:
    """A freshly started daemon that has seen nothing yet but the container's root."""
    settings = {**azure_settings(container.container_name, azure_proxy.url), "ttl": 600}
    with mounted(Daemon(str(tmp_path), settings)) as daemon, killed_after(daemon, 600):
        os.stat(daemon.mountpoint)
        yield CountedMount(daemon, azure_proxy, ContainerStore(container))


def test_small_files_cost_one_request_each(counted: CountedMount) -> None:
    """A 1 KiB file is one GET to read, none to read again, and one PUT to write."""
    counted.store.put("small", b"x" * 1024)
    assert os.listdir(counted.path) == ["small"]
    with counted.counting() as requests:
        assert Path(counted.path, "small").read_bytes() == b"x" * 1024
    assert requests == Counter(GET=1)
    with counted.counting() as requests:
        assert Path(counted.path, "small").read_bytes() == b"x" * 1024
    assert requests == Counter()
    with counted.counting() as requests:
        Path(counted.path, "new").write_bytes(b"x" * 1024)
    assert requests == Counter(PUT=1)


def test_long_listing_of_a_strange_folder_is_one_request(counted: CountedMount) -> None:
    """`ls -l` of 100 files that others wrote, attributes and all."""
    for number in range(100):
        counted.store.put(f"many/file{number}", b"x")
    os.listdir(counted.path)
    with counted.counting() as requests:
        assert run("ls", "-l", f"{counted.path}/many").count("\n") == 101
    assert requests["LIST"] <= 2
    assert requests.total() <= 3


def test_copying_in_a_big_file_is_its_blocks_and_one(counted: CountedMount) -> None:
    """64 MiB are eight blocks and a commit."""
    os.listdir(counted.path)
    with counted.counting() as requests, open(f"{counted.path}/big", "wb", buffering=0) as file:
        file.writelines(random_chunks(64 * MEBIBYTE))
    assert requests == Counter(BLOCK=8, COMMIT=1)


def test_edit_in_a_blob_of_blocks_sends_the_blocks_it_touches(counted: CountedMount) -> None:
    """4 KiB written into 64 MiB keep seven blocks of eight; what is around the change is fetched."""
    content = random_bytes(64 * MEBIBYTE)
    path = Path(counted.path, "big")
    path.write_bytes(content)
    with counted.counting() as requests, path.open("r+b", buffering=0) as file:
        os.pwrite(file.fileno(), b"y" * 4096, 33 * MEBIBYTE)
    assert requests["PUT"] == 0
    assert requests["BLOCK"] <= 3
    assert requests["GET"] <= 4
    assert requests["COMMIT"] == 1
    assert b"".join(counted.store.chunks("big")) == (
        content[: 33 * MEBIBYTE] + b"y" * 4096 + content[33 * MEBIBYTE + 4096 :]
    )


def test_renaming_a_file_is_a_copy_and_a_delete(counted: CountedMount) -> None:
    """A rename is made inside the store: its bytes do not travel."""
    Path(counted.path, "old").write_bytes(b"x" * 100_000)
    os.listdir(counted.path)
    with counted.counting() as requests:
        os.rename(f"{counted.path}/old", f"{counted.path}/new")
    assert (requests["COPY"], requests["DELETE"], requests["GET"]) == (1, 1, 0)
    assert requests.total() <= 3
