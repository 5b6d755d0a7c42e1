"""What every mounted folder must do for files far bigger than the daemon may be."""

import hashlib
import os

import pytest

from tests.mounts.folders import Folder
from tests.mounts.kinds import on_each_tree
from tests.mounts.samples import MEBIBYTE, random_chunks

RESIDENT_LIMIT_KIB = 400 * 1024


def write_and_read_back(folder: Folder, size: int) -> None:
    """A file of `size` random bytes, copied in, hashed in mount and store, and removed."""
    digest = hashlib.sha256()
    with open(folder.at("big"), "wb") as file:
        for chunk in random_chunks(size):
            digest.update(chunk)
            file.write(chunk)
    assert os.stat(folder.at("big")).st_size == size
    folder.assert_holds("big", digest.hexdigest())
    os.remove(folder.at("big"))


def assert_daemon_stayed_small(folder: Folder) -> None:
    """The daemon's own memory never passed the limit. A memory mount holds the bytes, so it is not asked."""
    if folder.daemon is not None and folder.kind != "memory":
        peak = folder.daemon.memory_kib("VmHWM")
        assert peak < RESIDENT_LIMIT_KIB, f"the daemon took {peak} KiB at its peak"


class BigFileContract:
    """Subclass it and give a `folder` fixture."""

    def test_big_file_written_and_read_back(self, folder: Folder) -> None:
        """A file of many parts comes back as it went in, and the daemon stays small."""
        write_and_read_back(folder, folder.limits.big_file)
        assert_daemon_stayed_small(folder)

    @pytest.mark.slow
    def test_two_gibibytes_written_and_read_back(self, folder: Folder) -> None:
        """2 GiB come back as they went in, and the daemon stays under 400 MiB."""
        if not folder.limits.gibibytes:
            pytest.skip("a documented limit of this server")
        write_and_read_back(folder, 2048 * MEBIBYTE)
        assert_daemon_stayed_small(folder)

    @on_each_tree
    def test_sparse_file_is_zeros_between(self, folder: Folder) -> None:
        """A file extended far past its bytes reads as zeros between its ends."""
        size = 64 * MEBIBYTE
        with open(folder.at("sparse"), "wb") as file:
            file.write(b"head")
            file.truncate(size)
            file.seek(size - 4)
            file.write(b"tail")
        digest = hashlib.sha256(b"head")
        digest.update(bytes(size - 8))
        digest.update(b"tail")
        folder.assert_holds("sparse", digest.hexdigest())
        assert_daemon_stayed_small(folder)

    def test_edit_in_the_middle_of_a_big_file(self, folder: Folder) -> None:
        """4 KiB written into the middle of 64 MiB change these 4 KiB."""
        size, where, patch = 64 * MEBIBYTE, 33 * MEBIBYTE + 17, b"\x5a" * 4096
        content = bytearray(b"".join(random_chunks(size, seed=3)))
        folder.write("big", content)
        content[where : where + len(patch)] = patch
        with open(folder.at("big"), "r+b") as file:
            file.seek(where)
            file.write(patch)
        folder.assert_holds("big", content)
