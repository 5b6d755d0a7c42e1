"""What every mounted folder must do for files mapped into memory."""

import mmap
import os

import pytest

from tests.mounts.folders import Folder
from tests.mounts.kinds import on_each_tree
from tests.mounts.samples import MEBIBYTE, random_bytes
from tests.mounts.stores import bytes_in_store
from tests.mounts.waiting import wait_until


@on_each_tree
class MappingContract:
    """Subclass it and give a `folder` fixture."""

    @pytest.mark.parametrize("size", [1, 4096, 100_001, 20 * MEBIBYTE + 3])
    def test_mapping_reads_the_file(self, folder: Folder, size: int) -> None:
        """A read-only mapping shows the bytes of the file, whatever its size."""
        data = random_bytes(size)
        with (
            open(folder.write("file", data), "rb") as file,
            mmap.mmap(file.fileno(), 0, prot=mmap.PROT_READ) as m,
        ):
            assert m[:] == data
            assert m[size // 2] == data[size // 2]

    def test_written_mapping_is_stored_after_msync_and_close(self, folder: Folder) -> None:
        """Bytes changed in a shared mapping are in the file once they are synced and the file is closed."""
        data = bytearray(random_bytes(3 * MEBIBYTE))
        with open(folder.write("file", data), "r+b") as file:
            with mmap.mmap(file.fileno(), 0) as m:
                m[5000:5010] = data[5000:5010] = b"0123456789"
                m[2 * MEBIBYTE] = data[2 * MEBIBYTE] = 7
                m.flush()
            os.fsync(file.fileno())
        folder.assert_holds("file", data)

    def test_mapping_and_read_agree(self, folder: Folder) -> None:
        """What is written through a mapping is read through the descriptor, and the other way round."""
        with (
            open(folder.write("file", bytes(8192)), "r+b", buffering=0) as file,
            mmap.mmap(file.fileno(), 0) as m,
        ):
            m[100:105] = b"mmap!"
            assert os.pread(file.fileno(), 5, 100) == b"mmap!"
            os.pwrite(file.fileno(), b"write", 5000)
            assert m[5000:5005] == b"write"

    def test_mapping_outlives_its_descriptor(self, folder: Folder) -> None:
        """A mapping written after its descriptor was closed reaches the store too, once it is unmapped."""
        path = folder.write("file", bytes(100_000))
        descriptor = os.open(path, os.O_RDWR)
        mapping = mmap.mmap(descriptor, 0)
        os.close(descriptor)
        mapping[50_000:50_004] = b"late"
        mapping.close()
        wanted = bytes(50_000) + b"late" + bytes(49_996)
        assert folder.read("file") == wanted
        store = folder.store
        if store is not None:
            # The kernel sends the last release some time after munmap(2) returned.
            wait_until(lambda: bytes_in_store(store, "file") == wanted, 20, "the mapped bytes in the store")

    def test_private_mapping_changes_nothing(self, folder: Folder) -> None:
        """A private mapping keeps its changes to itself."""
        data = random_bytes(9000)
        with (
            open(folder.write("file", data), "rb") as file,
            mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_COPY) as m,
        ):
            m[0:4] = b"mine"
            assert m[:4] == b"mine"
        folder.assert_holds("file", data)

    def test_mapping_a_grown_file(self, folder: Folder) -> None:
        """A file extended by ftruncate can be mapped and filled to its new end."""
        with open(folder.at("file"), "w+b") as file:
            file.truncate(2 * MEBIBYTE)
            with mmap.mmap(file.fileno(), 0) as m:
                m[-3:] = b"end"
        folder.assert_holds("file", bytes(2 * MEBIBYTE - 3) + b"end")
