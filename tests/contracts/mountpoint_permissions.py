"""What every mounted folder must refuse and allow to users that are not root."""

import errno
import os
import stat

import pytest

from tests.mounts.folders import Folder
from tests.mounts.kinds import on_each_tree
from tests.mounts.refusals import refused
from tests.mounts.users import ALICE, BOB, as_user


def mode_of(path: str) -> int:
    return stat.S_IMODE(os.lstat(path).st_mode)


@on_each_tree
class PermissionsContract:
    """Subclass it and give a `folder` fixture; the tests must run as root."""

    @pytest.fixture
    def home(self, folder: Folder) -> str:
        """A folder that belongs to Alice."""
        os.mkdir(folder.at("home"))
        os.chown(folder.at("home"), ALICE, ALICE)
        return folder.at("home")

    def test_what_a_user_makes_is_the_user_s(self, folder: Folder, home: str) -> None:
        """File, folder and symlink belong to who made them."""

        def make() -> None:
            os.mkdir(f"{home}/dir")
            os.symlink("x", f"{home}/link")
            with open(f"{home}/file", "wb") as file:
                file.write(b"mine")

        as_user(make, ALICE)
        for name in ("dir", "link", "file"):
            found = os.lstat(f"{home}/{name}")
            assert (found.st_uid, found.st_gid) == (ALICE, ALICE)
        folder.assert_holds("home/file", b"mine")

    def test_folder_without_write_permission(self, folder: Folder, home: str) -> None:
        """In a folder that one may not write, making, removing and renaming are EACCES."""
        folder.write("home/file")
        acts = (
            lambda: os.mkdir(f"{home}/new"),
            lambda: os.mkfifo(f"{home}/new"),
            lambda: os.symlink("x", f"{home}/new"),
            lambda: os.open(f"{home}/new", os.O_CREAT | os.O_WRONLY),
            lambda: os.unlink(f"{home}/file"),
            lambda: os.rename(f"{home}/file", f"{home}/new"),
        )
        for act in acts:
            with refused(errno.EACCES):
                as_user(act, BOB)
        assert os.listdir(home) == ["file"]

    def test_folder_without_search_permission(self, folder: Folder, home: str) -> None:
        """Below a folder that one may not search everything is EACCES."""
        folder.write("home/file", b"secret")
        os.chmod(home, 0o700)
        for act in (
            os.stat,
            os.unlink,
            os.listdir,
            lambda p: os.chmod(p, 0o777),
            lambda p: os.truncate(p, 0),
        ):
            with refused(errno.EACCES):
                as_user(lambda act=act: act(f"{home}/file"), BOB)
        folder.assert_holds("home/file", b"secret")

    @pytest.mark.parametrize(
        ("mode", "owner", "group", "other"),
        [(0o400, "r", "", ""), (0o620, "rw", "w", ""), (0o604, "rw", "", "r"), (0o077, "", "rw", "rw")],
    )
    def test_the_class_of_the_user_decides(
        self, folder: Folder, mode: int, owner: str, group: str, other: str
    ) -> None:
        """Owner, group and others get what their own three bits say, and nothing of another class's."""
        path = folder.write("file", b"content")
        os.chown(path, ALICE, 5000)
        os.chmod(path, mode)
        for uid, groups, allowed in ((ALICE, (), owner), (BOB, (5000,), group), (BOB, (), other)):
            for flags, letter in ((os.O_RDONLY, "r"), (os.O_WRONLY, "w")):
                if letter in allowed:
                    as_user(lambda flags=flags: os.close(os.open(path, flags)), uid, groups=groups)
                else:
                    with refused(errno.EACCES):
                        as_user(lambda flags=flags: os.open(path, flags), uid, groups=groups)

    def test_only_the_owner_changes_the_mode(self, folder: Folder, home: str) -> None:
        """chmod is the owner's, EPERM for anyone else."""
        path = folder.write("home/file")
        os.chown(path, ALICE, ALICE)
        as_user(lambda: os.chmod(path, 0o600), ALICE)
        assert mode_of(path) == 0o600
        with refused(errno.EPERM):
            as_user(lambda: os.chmod(path, 0o777), BOB)
        assert mode_of(path) == 0o600

    def test_owner_gives_to_own_groups_only(self, folder: Folder, home: str) -> None:
        """An owner may give a file to a group of theirs, never to another user or a strange group."""
        path = folder.write("home/file")
        os.chown(path, ALICE, ALICE)
        as_user(lambda: os.chown(path, -1, 5000), ALICE, groups=(5000,))
        assert os.stat(path).st_gid == 5000
        for uid, gid in ((BOB, -1), (-1, 5001), (0, 0)):
            with refused(errno.EPERM):
                as_user(lambda uid=uid, gid=gid: os.chown(path, uid, gid), ALICE, groups=(5000,))
        with refused(errno.EPERM):
            as_user(lambda: os.chown(path, -1, BOB), BOB)

    def test_chown_by_a_user_clears_set_id_bits(self, folder: Folder, home: str) -> None:
        """Given to another group by its owner, an executable loses set-user-ID and set-group-ID."""
        path = folder.write("home/tool")
        os.chown(path, ALICE, ALICE)
        os.chmod(path, 0o6555)
        as_user(lambda: os.chown(path, -1, 5000), ALICE, groups=(5000,))
        assert mode_of(path) == 0o555

    def test_write_by_a_user_clears_set_id_bits(self, folder: Folder) -> None:
        """Written by someone who is not root, an executable loses set-user-ID and set-group-ID."""
        path = folder.write("tool", b"old")
        os.chmod(path, 0o6777)

        def write() -> None:
            with open(path, "r+b") as file:
                file.write(b"new")

        as_user(write, ALICE)
        assert mode_of(path) == 0o777
        folder.assert_holds("tool", b"new")

    def test_setgid_needs_membership(self, folder: Folder, home: str) -> None:
        """An owner outside the file's group cannot set its set-group-ID bit."""
        path = folder.write("home/file")
        os.chown(path, ALICE, 5000)
        as_user(lambda: os.chmod(path, 0o2755), ALICE)
        assert mode_of(path) == 0o755
        as_user(lambda: os.chmod(path, 0o2755), ALICE, groups=(5000,))
        assert mode_of(path) == 0o2755

    def test_sticky_folder(self, folder: Folder) -> None:
        """In a sticky folder only the owner of a file, or of the folder, removes or renames it."""
        os.mkdir(folder.at("tmp"))
        os.chmod(folder.at("tmp"), 0o1777)
        path = folder.at("tmp", "file")
        as_user(lambda: os.close(os.open(path, os.O_CREAT | os.O_WRONLY, 0o666)), ALICE)
        for act in (lambda: os.unlink(path), lambda: os.rename(path, path + "2")):
            with refused(errno.EPERM, errno.EACCES):
                as_user(act, BOB)
        as_user(lambda: os.rename(path, path + "2"), ALICE)
        as_user(lambda: os.unlink(path + "2"), ALICE)
        assert folder.names("tmp") == set()

    def test_times_by_who_may_write(self, folder: Folder) -> None:
        """Whoever may write sets times to now; only the owner sets them to anything else."""
        path = folder.write("file")
        os.chown(path, ALICE, ALICE)
        os.chmod(path, 0o666)
        as_user(lambda: os.utime(path), BOB)
        with refused(errno.EPERM):
            as_user(lambda: os.utime(path, (1, 1)), BOB)
        as_user(lambda: os.utime(path, (1, 2)), ALICE)
        assert os.stat(path).st_mtime == 2
        os.chmod(path, 0o600)
        with refused(errno.EACCES):
            as_user(lambda: os.utime(path), BOB)

    def test_device_nodes_are_root_s(self, folder: Folder) -> None:
        """mknod of a device by a user is EPERM."""
        os.chmod(folder.path, 0o777)
        with refused(errno.EPERM):
            as_user(lambda: os.mknod(folder.at("dev"), stat.S_IFCHR | 0o666, os.makedev(1, 3)), ALICE)
        assert folder.names() == set()

    def test_execute_permission(self, folder: Folder) -> None:
        """A file runs for whom its x bits say."""
        path = folder.write("script", b"#!/bin/sh\nexit 0\n")
        os.chmod(path, 0o754)
        assert os.access(path, os.X_OK)
        assert not as_user(lambda: os.access(path, os.X_OK), BOB)
        os.chmod(path, 0o755)
        assert as_user(lambda: os.spawnv(os.P_WAIT, path, [path]), BOB) == 0
