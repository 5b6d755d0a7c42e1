"""What every mounted folder must do for open files whose names change, and for several openers of one."""

import errno
import os
import threading

import pytest

from tests.mounts.folders import Folder
from tests.mounts.kinds import on_each_tree
from tests.mounts.refusals import refused
from tests.mounts.samples import MEBIBYTE, random_bytes


@on_each_tree
class OpenFilesContract:
    """Subclass it and give a `folder` fixture."""

    @pytest.mark.parametrize("size", [5000, 12 * MEBIBYTE])
    def test_unlinked_file_stays_usable(self, folder: Folder, size: int) -> None:
        """An unlinked open file is read, written, cut and stated; its name is gone, in the store too."""
        data = random_bytes(size)
        with open(folder.write("file", data), "r+b", buffering=0) as file:
            os.unlink(folder.at("file"))
            assert folder.names() == set()
            assert os.fstat(file.fileno()).st_nlink == 0
            assert os.pread(file.fileno(), 4000, 500) == data[500:4500]
            assert os.pwrite(file.fileno(), b"new", size) == 3
            os.fsync(file.fileno())
            assert os.pread(file.fileno(), 100, size - 2) == data[-2:] + b"new"
            os.ftruncate(file.fileno(), 10)
            assert os.fstat(file.fileno()).st_size == 10
        assert folder.names() == set()
        assert folder.store is None or folder.store.files() == set()

    def test_temporary_file_that_never_had_its_name_long(self, folder: Folder) -> None:
        """Made, unlinked, then written: the bytes are there until close and nowhere after."""
        with open(folder.at("temporary"), "w+b", buffering=0) as file:
            os.unlink(folder.at("temporary"))
            file.write(b"x" * 300_000)
            file.seek(0)
            assert file.read() == b"x" * 300_000
        assert folder.names() == set()
        assert folder.store is None or folder.store.files() == set()

    def test_name_reused_while_the_old_file_is_open(self, folder: Folder) -> None:
        """A new file under an unlinked one's name is another file."""
        with open(folder.write("name", b"old file"), "r+b", buffering=0) as old:
            os.unlink(folder.at("name"))
            folder.write("name", b"new one")
            old.write(b"OLD")
            assert os.pread(old.fileno(), 100, 0) == b"OLD file"
            assert folder.read("name") == b"new one"
            assert os.fstat(old.fileno()).st_ino != os.stat(folder.at("name")).st_ino
        folder.assert_holds("name", b"new one")

    @pytest.mark.parametrize("size", [5000, 12 * MEBIBYTE])
    def test_file_replaced_by_rename_stays_readable(self, folder: Folder, size: int) -> None:
        """Who has the old file open goes on reading the old bytes; who opens now gets the new."""
        data = random_bytes(size)
        with open(folder.write("name", data), "rb", buffering=0) as old:
            assert os.pread(old.fileno(), 10, 0) == data[:10]
            folder.write("temporary", b"new")
            os.rename(folder.at("temporary"), folder.at("name"))
            assert os.pread(old.fileno(), 3000, size - 3000) == data[-3000:]
            assert folder.read("name") == b"new"
        folder.assert_holds("name", b"new")

    def test_open_file_follows_its_rename(self, folder: Folder) -> None:
        """Bytes written through a descriptor after a rename are under the new name, and only there."""
        os.mkdir(folder.at("dir"))
        with open(folder.write("before", b"one"), "ab", buffering=0) as file:
            os.rename(folder.at("before"), folder.at("dir/after"))
            file.write(b" two")
            assert os.stat(folder.at("dir/after")).st_size == 7
        folder.assert_holds("dir/after", b"one two")
        assert folder.names() == {"dir"}
        assert folder.store is None or folder.store.files() == {"dir/after"}

    def test_open_file_follows_its_folder(self, folder: Folder) -> None:
        """Files open below a folder that is renamed are written under its new name."""
        os.makedirs(folder.at("old/sub"))
        with open(folder.at("old/sub/file"), "w+b", buffering=0) as file:
            file.write(b"before ")
            os.rename(folder.at("old"), folder.at("new"))
            file.write(b"after")
            file.seek(0)
            assert file.read() == b"before after"
        folder.assert_holds("new/sub/file", b"before after")
        assert folder.names() == {"new"}

    def test_renamed_over_while_open_for_writing(self, folder: Folder) -> None:
        """The loser of a rename writes into nothing; the winner's bytes stay."""
        with open(folder.write("name", b"loser"), "r+b", buffering=0) as loser:
            loser.write(b"LOSER")
            folder.write("winner", b"winner")
            os.rename(folder.at("winner"), folder.at("name"))
            loser.write(b" again")
        folder.assert_holds("name", b"winner")
        assert folder.names() == {"name"}

    def test_written_bytes_are_seen_before_close(self, folder: Folder) -> None:
        """What one descriptor wrote another reads at once, and stat tells the size."""
        path = folder.at("file")
        with open(path, "wb", buffering=0) as writer, open(path, "rb", buffering=0) as reader:
            for number in range(20):
                writer.write(b"%09d\n" % number)
                assert os.stat(path).st_size == 10 * (number + 1)
                assert reader.read(10) == b"%09d\n" % number
        folder.assert_holds("file", b"".join(b"%09d\n" % number for number in range(20)))

    def test_two_writers_of_different_places(self, folder: Folder) -> None:
        """Two descriptors that write different halves both have their bytes in the file."""
        path = folder.write("file", bytes(200_000))
        first = os.open(path, os.O_RDWR)
        second = os.open(path, os.O_RDWR)
        os.pwrite(first, b"1" * 100_000, 0)
        os.pwrite(second, b"2" * 100_000, 100_000)
        os.close(first)
        os.close(second)
        folder.assert_holds("file", b"1" * 100_000 + b"2" * 100_000)

    def test_many_threads_write_many_files(self, folder: Folder) -> None:
        """Eight threads making, writing and rereading files of their own do not disturb each other."""
        failures: list[BaseException] = []

        def work(thread: int) -> None:
            try:
                for number in range(15):
                    name = f"t{thread}-{number}"
                    data = random_bytes(2000 + 7 * number, seed=thread * 100 + number)
                    folder.write(name, data)
                    assert folder.read(name) == data
            except BaseException as failure:  # noqa: BLE001 - raised by the test below
                failures.append(failure)

        threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert failures == []
        assert len(folder.names()) == 8 * 15

    def test_exclusive_create_has_one_winner(self, folder: Folder) -> None:
        """Of eight threads that make one name with O_EXCL exactly one succeeds, every time."""
        for number in range(5):
            winners = self._race(folder.at(f"name{number}"))
            assert winners == 1

    def _race(self, path: str) -> int:
        barrier = threading.Barrier(8)
        won: list[int] = []

        def claim() -> None:
            barrier.wait()
            try:
                os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY))
                won.append(1)
            except FileExistsError:
                pass

        threads = [threading.Thread(target=claim) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return len(won)

    def test_read_only_descriptor_cannot_write(self, folder: Folder) -> None:
        """EBADF for a write through a reader, and for a read through a writer."""
        path = folder.write("file", b"content")
        with open(path, "rb") as reader, refused(errno.EBADF):
            os.write(reader.fileno(), b"x")
        with open(path, "ab") as writer, refused(errno.EBADF):
            os.read(writer.fileno(), 1)

    def test_listing_a_big_folder_while_it_changes(self, folder: Folder) -> None:
        """Names that were there before and after a listing are in it exactly once."""
        for number in range(300):
            folder.write(f"keep{number}")
        with os.scandir(folder.path) as listing:
            seen = [next(listing).name for _ in range(10)]
            for number in range(50):
                folder.write(f"new{number}")
            seen += [entry.name for entry in listing]
        kept = [name for name in seen if name.startswith("keep")]
        assert sorted(kept) == sorted({f"keep{number}" for number in range(300)})
