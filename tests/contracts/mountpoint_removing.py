"""What every mounted folder must do when something is removed: unlink and rmdir."""

import errno
import os

from tests.contracts.mountpoint_creating import MAKERS
from tests.mounts.folders import Folder
from tests.mounts.refusals import refused
from tests.mounts.times import moves, moves_content_times


class RemovingContract:
    """Subclass it and give a `folder` fixture."""

    def test_unlink_of_every_kind(self, folder: Folder) -> None:
        """Every kind of entry but a folder goes by unlink; the folder's times move."""
        for name, make in MAKERS.items():
            if name == "mkdir":
                continue
            make(folder.at("entry"), 0o644)
            with moves_content_times(folder.path):
                os.unlink(folder.at("entry"))
            with refused(errno.ENOENT):
                os.lstat(folder.at("entry"))
        assert folder.names() == set()

    def test_unlink_of_a_symlink_leaves_its_target(self, folder: Folder) -> None:
        """The link goes, not what it points to."""
        folder.write("file", b"content")
        os.symlink("file", folder.at("link"))
        os.unlink(folder.at("link"))
        folder.assert_holds("file", b"content")

    def test_what_unlink_refuses(self, folder: Folder) -> None:
        """A folder is EISDIR, a missing name ENOENT, below a file ENOTDIR; the folder's times stand still."""
        os.mkdir(folder.at("dir"))
        folder.write("file")
        with moves(folder.path):
            for name, number in (("dir", errno.EISDIR), ("missing", errno.ENOENT), ("file/x", errno.ENOTDIR)):
                with refused(number):
                    os.unlink(folder.at(name))
        assert folder.names() == {"dir", "file"}

    def test_rmdir_of_an_empty_folder(self, folder: Folder) -> None:
        """An empty folder goes, its parent's times move, and the name is free."""
        os.mkdir(folder.at("dir"))
        with moves_content_times(folder.path):
            os.rmdir(folder.at("dir"))
        assert folder.names() == set()
        folder.write("dir", b"a file now")
        folder.assert_holds("dir", b"a file now")

    def test_what_rmdir_refuses(self, folder: Folder) -> None:
        """A full folder is ENOTEMPTY, whatever is in it; a file ENOTDIR; nothing ENOENT; `.` EINVAL."""
        folder.write("file")
        for number, make in enumerate(MAKERS.values()):
            os.mkdir(folder.at(f"full{number}"))
            make(folder.at(f"full{number}", "entry"), 0o644)
            with refused(errno.ENOTEMPTY):
                os.rmdir(folder.at(f"full{number}"))
        for name, error in (("file", errno.ENOTDIR), ("missing", errno.ENOENT), ("full0/.", errno.EINVAL)):
            with refused(error):
                os.rmdir(folder.at(name))
        with refused(errno.ENOTEMPTY, errno.EINVAL):
            os.rmdir(folder.at("full0/.."))

    def test_folder_outlives_its_last_file(self, folder: Folder) -> None:
        """A folder emptied file by file is still there, and an empty one lasts."""
        os.makedirs(folder.at("a/b/c"))
        folder.write("a/b/c/file")
        os.remove(folder.at("a/b/c/file"))
        assert folder.names("a/b/c") == set()
        assert folder.names("a/b") == {"c"}
        os.rmdir(folder.at("a/b/c"))
        assert folder.names("a") == {"b"}

    def test_link_count_of_a_folder(self, folder: Folder) -> None:
        """A folder's link count is two and one for each sub-folder, or a constant where that is declared."""
        before = os.stat(folder.path).st_nlink
        os.mkdir(folder.at("one"))
        os.mkdir(folder.at("two"))
        folder.write("file")
        added = os.stat(folder.path).st_nlink - before
        assert added == (2 if folder.limits.folder_links_counted else 0)
        os.rmdir(folder.at("one"))
        os.rmdir(folder.at("two"))
        assert os.stat(folder.path).st_nlink == before

    def test_name_is_free_at_once(self, folder: Folder) -> None:
        """Made, removed and made again as something else, a name shows the newest."""
        for _ in range(5):
            folder.write("name", b"file")
            os.remove(folder.at("name"))
            os.mkdir(folder.at("name"))
            os.rmdir(folder.at("name"))
            os.symlink("x", folder.at("name"))
            os.remove(folder.at("name"))
        assert folder.names() == set()
