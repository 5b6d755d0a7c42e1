"""What every mounted folder must do with attributes: chmod, chown, utimensat, and extended ones."""

import errno
import os
import stat
import time

import pytest

from tests.contracts.mountpoint_creating import MAKERS
from tests.mounts.folders import Folder
from tests.mounts.kinds import on_each_tree
from tests.mounts.refusals import refused
from tests.mounts.system_calls import UTIME_NOW, UTIME_OMIT, utimensat
from tests.mounts.times import moves


class AttributesContract:
    """Subclass it and give a `folder` fixture."""

    @on_each_tree
    @pytest.mark.parametrize("mode", [0o111, 0o000, 0o755, 0o7777, 0o4755, 0o2755, 0o1777])
    def test_chmod_of_every_kind(self, folder: Folder, mode: int) -> None:
        """All twelve bits are kept on every kind of entry; ctime moves, mtime does not."""
        for number, (name, make) in enumerate(MAKERS.items()):
            if name == "symlink":
                continue
            path = folder.at(f"entry{number}")
            make(path, 0o644)
            with moves(path, ctime=True):
                os.chmod(path, mode)
            assert stat.S_IMODE(os.lstat(path).st_mode) == mode, name

    def test_chmod_follows_a_symlink(self, folder: Folder) -> None:
        """chmod of a symlink changes its target; a dangling one is ENOENT."""
        folder.write("file")
        os.symlink("file", folder.at("link"))
        os.symlink("nowhere", folder.at("dangling"))
        os.chmod(folder.at("link"), 0o604)
        assert stat.S_IMODE(os.stat(folder.at("file")).st_mode) == 0o604
        with refused(errno.ENOENT):
            os.chmod(folder.at("dangling"), 0o600)

    def test_chmod_outlasts_a_rewrite(self, folder: Folder) -> None:
        """Mode, owner and group of a file stay when its bytes are replaced."""
        path = folder.write("file", b"one")
        os.chmod(path, 0o4711)
        os.chown(path, 11, 22)
        os.chmod(path, 0o640)
        folder.write("file", b"two")
        found = os.stat(path)
        assert (stat.S_IMODE(found.st_mode), found.st_uid, found.st_gid) == (0o640, 11, 22)
        folder.assert_holds("file", b"two")

    def test_chown_of_every_kind(self, folder: Folder) -> None:
        """Owner and group are kept on every kind of entry, symlinks included; ctime moves."""
        for number, (name, make) in enumerate(MAKERS.items()):
            path = folder.at(f"entry{number}")
            make(path, 0o644)
            with moves(path, ctime=True):
                os.lchown(path, 123, 456)
            found = os.lstat(path)
            assert (found.st_uid, found.st_gid) == (123, 456), name

    def test_chown_of_one_of_both(self, folder: Folder) -> None:
        """-1 leaves owner or group as they are; big ids are kept."""
        path = folder.write("file")
        os.chown(path, 65535, 2**31 - 5)
        os.chown(path, -1, 7)
        assert (os.stat(path).st_uid, os.stat(path).st_gid) == (65535, 7)
        os.chown(path, 8, -1)
        assert (os.stat(path).st_uid, os.stat(path).st_gid) == (8, 7)

    def test_chown_of_a_symlink_and_of_its_target(self, folder: Folder) -> None:
        """lchown changes the link, chown what it points to."""
        folder.write("file")
        os.symlink("file", folder.at("link"))
        os.lchown(folder.at("link"), 5, 6)
        os.chown(folder.at("link"), 7, 8)
        assert (os.lstat(folder.at("link")).st_uid, os.stat(folder.at("file")).st_uid) == (5, 7)

    def test_errors_of_chmod_and_chown(self, folder: Folder) -> None:
        """Missing is ENOENT, below a file ENOTDIR."""
        folder.write("file")
        for act in (lambda p: os.chmod(p, 0o600), lambda p: os.chown(p, 1, 1), os.utime):
            with refused(errno.ENOENT):
                act(folder.at("missing"))
            with refused(errno.ENOTDIR):
                act(folder.at("file/below"))


class TimesContract:
    """utimensat and the times that acts move. Subclass it and give a `folder` fixture."""

    def test_nanoseconds_on_every_kind(self, folder: Folder) -> None:
        """Times come back to the nanosecond from every kind of entry; ctime moves."""
        atime, mtime = 1_234_567_890_123_456_789, 987_654_321_987_654_321
        for number, (name, make) in enumerate(MAKERS.items()):
            path = folder.at(f"entry{number}")
            make(path, 0o644)
            before = os.lstat(path).st_ctime_ns
            os.utime(path, ns=(atime, mtime), follow_symlinks=False)
            found = os.lstat(path)
            assert (found.st_atime_ns, found.st_mtime_ns) == (atime, mtime), name
            assert found.st_ctime_ns >= before

    @pytest.mark.parametrize("seconds", [0, 1, 2**31 - 1, 2**32, 7_000_000_000])
    def test_far_times(self, folder: Folder, seconds: int) -> None:
        """The epoch itself and times past 2038 and 2106 are kept."""
        path = folder.write("file")
        os.utime(path, (seconds, seconds))
        assert (os.stat(path).st_atime, os.stat(path).st_mtime) == (seconds, seconds)

    def test_omit_and_now(self, folder: Folder) -> None:
        """UTIME_OMIT leaves a time alone, UTIME_NOW takes the clock's."""
        path = folder.write("file")
        utimensat(path, (100, 1), (200, 2))
        utimensat(path, (0, UTIME_OMIT), (300, 3))
        assert (os.stat(path).st_atime_ns, os.stat(path).st_mtime_ns) == (100 * 10**9 + 1, 300 * 10**9 + 3)
        early = time.time_ns() - 10**9
        utimensat(path, (0, UTIME_NOW), (0, UTIME_OMIT))
        assert early < os.stat(path).st_atime_ns < time.time_ns() + 10**9
        assert os.stat(path).st_mtime_ns == 300 * 10**9 + 3
        utimensat(path, (0, UTIME_OMIT), (0, UTIME_NOW))
        assert early < os.stat(path).st_mtime_ns < time.time_ns() + 10**9

    def test_writing_moves_mtime_and_ctime(self, folder: Folder) -> None:
        """A write moves both, at once for whoever looks while the file is open, and they stay after close."""
        path = folder.write("file", b"before")
        with open(path, "r+b", buffering=0) as file, moves(path, mtime=True, ctime=True):
            file.write(b"after")
        shown = os.stat(path).st_mtime_ns
        assert abs(shown - time.time_ns()) < 60 * 10**9

    def test_reading_moves_neither(self, folder: Folder) -> None:
        """A read moves neither mtime nor ctime."""
        path = folder.write("file", b"content")
        with moves(path):
            assert folder.read("file") == b"content"

    def test_set_mtime_outlasts_close(self, folder: Folder) -> None:
        """A time set through an open descriptor after the last write is the one that stays (cp -p)."""
        with open(folder.at("file"), "wb", buffering=0) as file:
            file.write(b"content")
            os.utime(file.fileno(), ns=(10**18, 10**18 + 5))
        assert os.stat(folder.at("file")).st_mtime_ns == 10**18 + 5
        folder.assert_holds("file", b"content")
        assert os.stat(folder.at("file")).st_mtime_ns == 10**18 + 5


class ExtendedAttributesContract:
    """setxattr, getxattr, listxattr, removexattr. Subclass it and give a `folder` fixture."""

    def test_set_get_list_remove(self, folder: Folder) -> None:
        """User attributes are kept on files and folders, and outlast a rename."""
        folder.write("file", b"content")
        os.mkdir(folder.at("dir"))
        for name in ("file", "dir"):
            path = folder.at(name)
            os.setxattr(path, "user.colour", b"blue\0green")
            os.setxattr(path, "user.empty", b"")
            assert sorted(os.listxattr(path)) == ["user.colour", "user.empty"]
            os.rename(path, path + "2")
            assert os.getxattr(path + "2", "user.colour") == b"blue\0green"
            os.removexattr(path + "2", "user.colour")
            assert os.listxattr(path + "2") == ["user.empty"]
        folder.assert_holds("file2", b"content")

    def test_create_and_replace(self, folder: Folder) -> None:
        """XATTR_CREATE of a present one is EEXIST; XATTR_REPLACE of an absent one, or reading it, ENODATA."""
        path = folder.write("file")
        with refused(errno.ENODATA):
            os.getxattr(path, "user.x")
        with refused(errno.ENODATA):
            os.setxattr(path, "user.x", b"1", os.XATTR_REPLACE)
        os.setxattr(path, "user.x", b"1", os.XATTR_CREATE)
        with refused(errno.EEXIST):
            os.setxattr(path, "user.x", b"2", os.XATTR_CREATE)
        assert os.getxattr(path, "user.x") == b"1"
        with refused(errno.ENODATA):
            os.removexattr(path, "user.y")
