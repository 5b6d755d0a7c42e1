"""What every mounted folder must do when a file's size is set: truncate and ftruncate."""

import errno
import os

import pytest

from tests.mounts.folders import Folder
from tests.mounts.refusals import refused
from tests.mounts.samples import MEBIBYTE, random_bytes
from tests.mounts.times import moves, moves_content_times


class SizesContract:
    """Subclass it and give a `folder` fixture."""

    @pytest.mark.parametrize("size", [0, 1, 4095, 4096, 12_345, 100_000, 9 * MEBIBYTE])
    def test_truncate_by_name(self, folder: Folder, size: int) -> None:
        """truncate(2) cuts or fills with zeros; mtime and ctime move."""
        data = random_bytes(50_000)
        path = folder.write("file", data)
        with moves_content_times(path):
            os.truncate(path, size)
        assert os.stat(path).st_size == size
        folder.assert_holds("file", data[:size].ljust(size, b"\0"))

    @pytest.mark.parametrize("size", [0, 1, 4097, 100_000, 9 * MEBIBYTE])
    def test_ftruncate_of_an_open_file(self, folder: Folder, size: int) -> None:
        """ftruncate(2) is seen by fstat, stat and read before the file is closed."""
        data = random_bytes(50_000)
        path = folder.write("file", data)
        with open(path, "r+b", buffering=0) as file:
            file.truncate(size)
            assert (os.fstat(file.fileno()).st_size, os.stat(path).st_size) == (size, size)
            assert os.pread(file.fileno(), 200_000, 0) == data[:size].ljust(min(size, 200_000), b"\0")
        folder.assert_holds("file", data[:size].ljust(size, b"\0"))

    def test_cut_bytes_never_come_back(self, folder: Folder) -> None:
        """Cut and extended again, a file has zeros where its old bytes were."""
        path = folder.write("file", b"x" * 30_000)
        with open(path, "r+b", buffering=0) as file:
            file.truncate(100)
            file.truncate(30_000)
            assert os.pread(file.fileno(), 30_000, 0) == b"x" * 100 + bytes(29_900)
        folder.assert_holds("file", b"x" * 100 + bytes(29_900))

    def test_new_file_extended_before_a_write(self, folder: Folder) -> None:
        """A file made, extended and written at its end has zeros before."""
        with open(folder.at("file"), "wb", buffering=0) as file:
            file.truncate(10 * MEBIBYTE)
            file.seek(10 * MEBIBYTE - 1)
            file.write(b"z")
        folder.assert_holds("file", bytes(10 * MEBIBYTE - 1) + b"z")

    def test_what_truncate_refuses(self, folder: Folder) -> None:
        """Missing ENOENT, below a file ENOTDIR, a folder EISDIR, negative or a read-only handle EINVAL."""
        path = folder.write("file", b"content")
        with refused(errno.ENOENT):
            os.truncate(folder.at("missing"), 0)
        with refused(errno.ENOTDIR):
            os.truncate(folder.at("file/x"), 0)
        with refused(errno.EISDIR):
            os.truncate(folder.path, 0)
        with refused(errno.EINVAL):
            os.truncate(path, -1)
        with open(path, "rb") as file, refused(errno.EINVAL, errno.EBADF):
            os.ftruncate(file.fileno(), 0)
        folder.assert_holds("file", b"content")

    def test_truncate_to_the_same_size(self, folder: Folder) -> None:
        """The bytes stay, whatever the times do."""
        path = folder.write("file", b"content")
        os.truncate(path, 7)
        folder.assert_holds("file", b"content")
        with moves(path):
            assert os.stat(path).st_size == 7
