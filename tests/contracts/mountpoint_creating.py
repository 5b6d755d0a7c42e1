"""What every mounted folder must do when something is made: open, mkdir, mkfifo, mknod, symlink, link."""

import errno
import os
import stat
from collections.abc import Callable, Iterator

import pytest

from tests.mounts.folders import Folder
from tests.mounts.kinds import on_each_tree
from tests.mounts.refusals import refused
from tests.mounts.times import moves, moves_content_times

Make = Callable[[str, int], None]


def make_file(path: str, mode: int = 0o644) -> None:
    os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, mode))


def make_socket(path: str, mode: int = 0o644) -> None:
    os.mknod(path, mode | stat.S_IFSOCK)


def make_plain_node(path: str, mode: int = 0o644) -> None:
    os.mknod(path, mode | stat.S_IFREG)


def make_character_device(path: str, mode: int = 0o644) -> None:
    os.mknod(path, mode | stat.S_IFCHR, os.makedev(1, 3))


def make_block_device(path: str, mode: int = 0o644) -> None:
    os.mknod(path, mode | stat.S_IFBLK, os.makedev(7, 200))


KINDS_WITH_A_MODE: dict[str, tuple[Make, int]] = {
    "open": (make_file, stat.S_IFREG),
    "mkdir": (os.mkdir, stat.S_IFDIR),
    "mkfifo": (os.mkfifo, stat.S_IFIFO),
    "mknod socket": (make_socket, stat.S_IFSOCK),
    "mknod file": (make_plain_node, stat.S_IFREG),
    "mknod character device": (make_character_device, stat.S_IFCHR),
    "mknod block device": (make_block_device, stat.S_IFBLK),
}


def make_symlink(path: str, _mode: int) -> None:
    os.symlink("target", path)


MAKERS: dict[str, Make] = {
    **{name: make for name, (make, _) in KINDS_WITH_A_MODE.items()},
    "symlink": make_symlink,
}


@pytest.fixture(params=KINDS_WITH_A_MODE.values(), ids=KINDS_WITH_A_MODE.keys())
def made_with_mode(request: pytest.FixtureRequest) -> tuple[Make, int]:
    """An act that makes something with a mode, and the type bits it must get."""
    return request.param


@pytest.fixture(params=MAKERS.values(), ids=MAKERS.keys())
def make(request: pytest.FixtureRequest) -> Make:
    """Every act that makes something under a new name, but link."""
    return request.param


@pytest.fixture
def umask() -> Iterator[Callable[[int], int]]:
    """Sets the process's umask; the old one is back after the test."""
    old = os.umask(0)
    yield os.umask
    os.umask(old)


@on_each_tree
class CreatingContract:
    """Subclass it, give a `folder` fixture, import `make`, `made_with_mode` and `umask` beside it."""

    @pytest.mark.parametrize("mode", [0o755, 0o151, 0o000, 0o4711])
    def test_mode_and_owner_of_what_is_made(
        self, folder: Folder, made_with_mode: tuple[Make, int], umask: Callable[[int], int], mode: int
    ) -> None:
        """What is made has the kind and mode asked for, one link or more, and the maker's user and group."""
        act, kind = made_with_mode
        act(folder.at("new"), mode)
        found = os.lstat(folder.at("new"))
        # mkdir(2) takes set-user-ID from nobody.
        wanted = mode & 0o1777 if kind == stat.S_IFDIR else mode
        assert (stat.S_IFMT(found.st_mode), stat.S_IMODE(found.st_mode)) == (kind, wanted)
        assert (found.st_uid, found.st_gid) == (0, 0)

    def test_umask_is_taken_from_the_mode(
        self, folder: Folder, made_with_mode: tuple[Make, int], umask: Callable[[int], int]
    ) -> None:
        """The maker's umask takes its bits away, once."""
        umask(0o027)
        made_with_mode[0](folder.at("new"), 0o777)
        assert stat.S_IMODE(os.lstat(folder.at("new")).st_mode) == 0o750

    def test_taken_name_is_refused(self, folder: Folder, make: Make) -> None:
        """A name that is taken, by whatever, is EEXIST, and what has it stays."""
        for number, other in enumerate(MAKERS.values()):
            other(folder.at(f"taken{number}"), 0o644)
            before = os.lstat(folder.at(f"taken{number}"))
            with refused(errno.EEXIST):
                make(folder.at(f"taken{number}"), 0o600)
            assert os.lstat(folder.at(f"taken{number}")).st_mode == before.st_mode

    def test_missing_folder_and_file_as_folder(self, folder: Folder, make: Make) -> None:
        """Below nothing is ENOENT, below a file ENOTDIR, through a loop of symlinks ELOOP."""
        folder.write("file")
        os.symlink("loop", folder.at("loop"))
        for place, number in (("missing", errno.ENOENT), ("file", errno.ENOTDIR), ("loop", errno.ELOOP)):
            with refused(number):
                make(folder.at(place, "new"), 0o644)
        assert folder.names() == {"file", "loop"}

    def test_folder_s_times_move(self, folder: Folder, make: Make) -> None:
        """Making something moves the folder's mtime and ctime, and a failure does not."""
        with moves_content_times(folder.path):
            make(folder.at("new"), 0o644)
        with moves(folder.path), refused(errno.EEXIST):
            make(folder.at("new"), 0o644)

    def test_devices_keep_their_numbers(self, folder: Folder) -> None:
        """The major and minor number of a device node come back."""
        make_character_device(folder.at("null"))
        make_block_device(folder.at("loop"))
        assert os.lstat(folder.at("null")).st_rdev == os.makedev(1, 3)
        assert os.lstat(folder.at("loop")).st_rdev == os.makedev(7, 200)

    def test_fifo_carries_bytes(self, folder: Folder) -> None:
        """A fifo is one: what a writer puts in, a reader gets."""
        os.mkfifo(folder.at("pipe"))
        reading = os.open(folder.at("pipe"), os.O_RDONLY | os.O_NONBLOCK)
        writing = os.open(folder.at("pipe"), os.O_WRONLY | os.O_NONBLOCK)
        os.write(writing, b"through")
        assert os.read(reading, 100) == b"through"
        os.close(writing)
        os.close(reading)

    def test_new_folder_in_a_setgid_folder(self, folder: Folder, make: Make) -> None:
        """In a folder with set-group-ID what is made has the folder's group; folders get the bit too."""
        os.mkdir(folder.at("shared"))
        os.chown(folder.at("shared"), 0, 4242)
        os.chmod(folder.at("shared"), 0o2775)
        make(folder.at("shared", "new"), 0o700)
        found = os.lstat(folder.at("shared", "new"))
        assert found.st_gid == 4242
        assert bool(found.st_mode & stat.S_ISGID) is stat.S_ISDIR(found.st_mode)


class SymlinkContract:
    """symlink and readlink. Subclass it and give a `folder` fixture."""

    def test_target_is_any_text(self, folder: Folder) -> None:
        """A symlink keeps its target, present or not, relative or absolute, up to a kilobyte."""
        for number, target in enumerate(("a", "/absolute", "../up", "a//b/", "x" * 1023)):
            os.symlink(target, folder.at(f"link{number}"))
            found = os.lstat(folder.at(f"link{number}"))
            assert os.readlink(folder.at(f"link{number}")) == target
            assert (stat.S_ISLNK(found.st_mode), found.st_size) == (True, len(target))

    def test_followed_to_its_file(self, folder: Folder) -> None:
        """Opening a symlink opens its target; O_NOFOLLOW is ELOOP; O_CREAT through a dangling one makes."""
        folder.write("file", b"content")
        os.symlink("file", folder.at("link"))
        os.symlink("later", folder.at("dangling"))
        assert folder.read("link") == b"content"
        with refused(errno.ELOOP):
            os.open(folder.at("link"), os.O_RDONLY | os.O_NOFOLLOW)
        with refused(errno.ENOENT):
            os.stat(folder.at("dangling"))
        folder.write("dangling", b"made")
        folder.assert_holds("later", b"made")

    def test_readlink_of_what_is_no_symlink(self, folder: Folder) -> None:
        """readlink of a file or folder is EINVAL."""
        folder.write("file")
        for name in ("file", ""):
            with refused(errno.EINVAL):
                os.readlink(folder.at(name) if name else folder.path)

    def test_loop_is_found(self, folder: Folder) -> None:
        """Two symlinks to each other are ELOOP for whoever follows them."""
        os.symlink("b", folder.at("a"))
        os.symlink("a", folder.at("b"))
        with refused(errno.ELOOP):
            os.stat(folder.at("a"))


class HardLinkContract:
    """link. Subclass it and give a `folder` fixture. A store without links declares it and answers EPERM."""

    def test_two_names_of_one_file(self, folder: Folder) -> None:
        """Both names show one inode, one content and two links; or EPERM, and no second name."""
        folder.write("one", b"content")
        if not folder.limits.hard_links:
            with refused(errno.EPERM):
                os.link(folder.at("one"), folder.at("two"))
            assert folder.names() == {"one"}
            return
        with moves(folder.at("one"), ctime=True), moves_content_times(folder.path):
            os.link(folder.at("one"), folder.at("two"))
        one, two = os.stat(folder.at("one")), os.stat(folder.at("two"))
        assert (one.st_ino, one.st_nlink, two.st_nlink) == (two.st_ino, 2, 2)
        with open(folder.at("two"), "ab") as file:
            file.write(b" more")
        os.chmod(folder.at("two"), 0o600)
        folder.assert_holds("one", b"content more")
        assert stat.S_IMODE(os.stat(folder.at("one")).st_mode) == 0o600
        os.remove(folder.at("one"))
        assert os.stat(folder.at("two")).st_nlink == 1
        folder.assert_holds("two", b"content more")

    def test_what_cannot_be_linked(self, folder: Folder) -> None:
        """A missing source is ENOENT, a taken target EEXIST, a folder EPERM."""
        folder.write("one")
        folder.write("two")
        with refused(errno.ENOENT):
            os.link(folder.at("missing"), folder.at("new"))
        with refused(errno.EEXIST):
            os.link(folder.at("one"), folder.at("two"))
        with refused(errno.EPERM):
            os.link(folder.path, folder.at("new"))

    def test_link_to_another_file_system(self, folder: Folder) -> None:
        """A link out of the file system is EXDEV."""
        folder.write("one")
        with refused(errno.EXDEV):
            os.link(folder.at("one"), "/dev/shm/vfs-never-made")


@on_each_tree
class OpeningContract:
    """open without making. Subclass it and give a `folder` fixture."""

    def test_flags_decide(self, folder: Folder) -> None:
        """ENOENT, ENOTDIR, EISDIR, EEXIST and O_TRUNC as open(2) says."""
        folder.write("file", b"content")
        os.mkdir(folder.at("dir"))
        cases = (
            ("missing", os.O_RDONLY, errno.ENOENT),
            ("missing", os.O_WRONLY | os.O_TRUNC, errno.ENOENT),
            ("file/below", os.O_RDONLY, errno.ENOTDIR),
            ("file", os.O_RDONLY | os.O_DIRECTORY, errno.ENOTDIR),
            ("file", os.O_CREAT | os.O_EXCL | os.O_WRONLY, errno.EEXIST),
            ("dir", os.O_WRONLY, errno.EISDIR),
            ("dir", os.O_RDWR, errno.EISDIR),
            ("dir", os.O_RDONLY | os.O_TRUNC, errno.EISDIR),
            ("dir", os.O_CREAT | os.O_WRONLY, errno.EISDIR),
        )
        for name, flags, number in cases:
            with refused(number):
                os.open(folder.at(name), flags)
        folder.assert_holds("file", b"content")

    def test_truncating_open_moves_the_times(self, folder: Folder) -> None:
        """O_TRUNC empties the file, keeps its inode and mode, and moves mtime and ctime."""
        path = folder.write("file", b"content")
        os.chmod(path, 0o640)
        before = os.stat(path)
        with moves_content_times(path):
            os.close(os.open(path, os.O_WRONLY | os.O_TRUNC))
        after = os.stat(path)
        assert (after.st_ino, after.st_mode, after.st_size) == (before.st_ino, before.st_mode, 0)
        folder.assert_holds("file", b"")

    def test_o_creat_of_what_is_there_changes_nothing(self, folder: Folder) -> None:
        """O_CREAT without O_EXCL opens what is there; mode, times and bytes stay."""
        path = folder.write("file", b"content")
        os.chmod(path, 0o640)
        with moves(path):
            os.close(os.open(path, os.O_CREAT | os.O_WRONLY, 0o777))
        assert stat.S_IMODE(os.stat(path).st_mode) == 0o640
        folder.assert_holds("file", b"content")

    def test_append_goes_to_the_end_whatever_the_offset(self, folder: Folder) -> None:
        """Two O_APPEND descriptors never overwrite each other."""
        path = folder.write("log", b"0")
        first = os.open(path, os.O_WRONLY | os.O_APPEND)
        second = os.open(path, os.O_WRONLY | os.O_APPEND)
        for number in range(50):
            os.write(first if number % 2 else second, b"%d" % (number % 10))
        os.close(first)
        os.close(second)
        folder.assert_holds("log", b"0" + b"0123456789" * 5)
