"""What every mounted folder must do when something is renamed."""

import errno
import os

import pytest

from tests.contracts.mountpoint_creating import MAKERS
from tests.mounts.folders import Folder
from tests.mounts.refusals import refused
from tests.mounts.samples import MEBIBYTE, random_bytes
from tests.mounts.system_calls import RENAME_EXCHANGE, RENAME_NOREPLACE, renameat2
from tests.mounts.times import moves_content_times


class RenamingContract:
    """Subclass it and give a `folder` fixture."""

    def test_every_kind_keeps_what_it_is(self, folder: Folder) -> None:
        """Whatever is renamed keeps inode, kind, mode, owner and mtime; both folders' times move."""
        os.mkdir(folder.at("from"))
        os.mkdir(folder.at("to"))
        for name, make in MAKERS.items():
            make(folder.at("from/a"), 0o640)
            os.utime(folder.at("from/a"), ns=(10**18 + 1, 10**18 + 2), follow_symlinks=False)
            before = os.lstat(folder.at("from/a"))
            with moves_content_times(folder.at("from")), moves_content_times(folder.at("to")):
                os.rename(folder.at("from/a"), folder.at("to/b"))
            after = os.lstat(folder.at("to/b"))
            assert (after.st_ino, after.st_mode, after.st_mtime_ns) == (
                before.st_ino,
                before.st_mode,
                before.st_mtime_ns,
            ), name
            assert (folder.names("from"), folder.names("to")) == (set(), {"b"})
            (os.rmdir if name == "mkdir" else os.remove)(folder.at("to/b"))

    @pytest.mark.parametrize("size", [0, 1000, 20 * MEBIBYTE])
    def test_file_keeps_its_bytes(self, folder: Folder, size: int) -> None:
        """A renamed file has its bytes under the new name only, small or of several parts."""
        data = random_bytes(size)
        folder.write("old", data)
        os.rename(folder.at("old"), folder.at("new"))
        folder.assert_holds("new", data)
        assert folder.names() == {"new"}
        assert folder.store is None or folder.store.files() == {"new"}

    def test_file_over_a_file(self, folder: Folder) -> None:
        """The target is replaced; no name is left of the source."""
        folder.write("new", b"new")
        folder.write("old", b"old and longer")
        os.rename(folder.at("new"), folder.at("old"))
        assert folder.names() == {"old"}
        folder.assert_holds("old", b"new")

    def test_folder_takes_everything_along(self, folder: Folder) -> None:
        """A folder's files, folders and symlinks are below its new name, and only there."""
        os.makedirs(folder.at("old/deep/er"))
        folder.write("old/deep/er/file", b"content")
        folder.write("old/top", b"top")
        os.symlink("top", folder.at("old/link"))
        os.mkdir(folder.at("old/empty"))
        os.rename(folder.at("old"), folder.at("new"))
        assert folder.names() == {"new"}
        assert folder.names("new") == {"deep", "top", "link", "empty"}
        folder.assert_holds("new/deep/er/file", b"content")
        assert os.readlink(folder.at("new/link")) == "top"
        with refused(errno.ENOENT):
            os.stat(folder.at("old/deep/er/file"))
        assert folder.store is None or {"deep/er/file", "top"} <= folder.store.below("new").files()

    def test_folder_over_an_empty_folder(self, folder: Folder) -> None:
        """An empty folder is replaced, a full one is ENOTEMPTY and both stay."""
        os.mkdir(folder.at("a"))
        folder.write("a/file", b"a")
        os.mkdir(folder.at("empty"))
        os.rename(folder.at("a"), folder.at("empty"))
        folder.assert_holds("empty/file", b"a")
        os.mkdir(folder.at("full"))
        folder.write("full/other", b"other")
        with refused(errno.ENOTEMPTY, errno.EEXIST):
            os.rename(folder.at("empty"), folder.at("full"))
        folder.assert_holds("empty/file", b"a")
        folder.assert_holds("full/other", b"other")

    def test_what_rename_refuses(self, folder: Folder) -> None:
        """Wrong kinds, missing ones and a folder into itself, each with its errno, nothing moved."""
        folder.write("file", b"f")
        os.makedirs(folder.at("dir/sub"))
        cases = (
            ("file", "dir", errno.EISDIR),
            ("dir", "file", errno.ENOTDIR),
            ("missing", "new", errno.ENOENT),
            ("file", "missing/new", errno.ENOENT),
            ("file", "file/new", errno.ENOTDIR),
            ("file/x", "new", errno.ENOTDIR),
            ("dir", "dir/sub/new", errno.EINVAL),
            ("dir", "dir/sub/deep", errno.EINVAL),
            ("dir/sub", "dir", errno.ENOTEMPTY),
        )
        for source, target, number in cases:
            with refused(number):
                os.rename(folder.at(source), folder.at(target))
        assert folder.names() == {"file", "dir"}
        assert folder.names("dir") == {"sub"}

    def test_to_itself_does_nothing(self, folder: Folder) -> None:
        """Renamed to its own name, a file and a folder stay."""
        folder.write("file", b"content")
        os.mkdir(folder.at("dir"))
        for name in ("file", "dir"):
            os.rename(folder.at(name), folder.at(name))
        assert folder.names() == {"file", "dir"}
        folder.assert_holds("file", b"content")

    def test_to_another_file_system(self, folder: Folder) -> None:
        """A rename out of the file system is EXDEV, so that mv copies."""
        folder.write("file")
        with refused(errno.EXDEV):
            os.rename(folder.at("file"), "/dev/shm/vfs-never-made")
        assert folder.names() == {"file"}

    def test_noreplace(self, folder: Folder) -> None:
        """RENAME_NOREPLACE moves to a free name, and is EEXIST for a taken one."""
        folder.write("a", b"a")
        folder.write("b", b"b")
        with refused(errno.EEXIST):
            renameat2(folder.at("a"), folder.at("b"), RENAME_NOREPLACE)
        renameat2(folder.at("a"), folder.at("c"), RENAME_NOREPLACE)
        assert folder.names() == {"b", "c"}
        folder.assert_holds("b", b"b")
        folder.assert_holds("c", b"a")

    def test_exchange(self, folder: Folder) -> None:
        """RENAME_EXCHANGE swaps a file and a folder at once; or EINVAL where declared, and nothing moves."""
        folder.write("file", b"file")
        os.mkdir(folder.at("dir"))
        folder.write("dir/inside", b"inside")
        if not folder.limits.atomic_exchange:
            with refused(errno.EINVAL):
                renameat2(folder.at("file"), folder.at("dir"), RENAME_EXCHANGE)
            folder.assert_holds("file", b"file")
            folder.assert_holds("dir/inside", b"inside")
            return
        renameat2(folder.at("file"), folder.at("dir"), RENAME_EXCHANGE)
        folder.assert_holds("dir", b"file")
        folder.assert_holds("file/inside", b"inside")
        with refused(errno.ENOENT):
            renameat2(folder.at("file"), folder.at("missing"), RENAME_EXCHANGE)

    def test_many_renames_round_a_ring(self, folder: Folder) -> None:
        """Log rotation: ten files each take the next one's name, none is mixed up."""
        for number in range(10):
            folder.write(f"log.{number}", b"%d" % number)
        for number in reversed(range(10)):
            os.rename(folder.at(f"log.{number}"), folder.at(f"log.{number + 1}"))
        assert folder.names() == {f"log.{number}" for number in range(1, 11)}
        for number in range(10):
            folder.assert_holds(f"log.{number + 1}", b"%d" % number)
