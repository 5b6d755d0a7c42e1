"""What every mounted folder must do for the tools that copy trees: cp, tar, rsync, git, mv, rm."""

import os
from pathlib import Path

import pytest

from tests.mounts import digests
from tests.mounts.commands import run, shell
from tests.mounts.folders import Folder
from tests.mounts.kinds import on_each_tree
from tests.mounts.samples import attributes_of_tree, make_tree, random_bytes

FILES = 24
FOLDERS = 1 + 7 + 21 + 1
"""Folders of such a tree, itself and the empty one among them."""

GIT_ENVIRONMENT = {
    "GIT_AUTHOR_NAME": "A",
    "GIT_AUTHOR_EMAIL": "a@example.org",
    "GIT_COMMITTER_NAME": "A",
    "GIT_COMMITTER_EMAIL": "a@example.org",
    "GIT_CONFIG_GLOBAL": "/dev/null",
    "GIT_CONFIG_SYSTEM": "/dev/null",
}


def git(folder: str, *arguments: str) -> str:
    return run("git", *arguments, cwd=folder, extra_env=GIT_ENVIRONMENT)


def assert_same_tree(folder: Folder, name: str, original: str) -> None:
    """Bytes, kinds and POSIX attributes are those of the original, and the store has the bytes."""
    copied = folder.at(name)
    assert digests.sha256_of_tree(copied) == digests.sha256_of_tree(original)
    assert attributes_of_tree(copied) == attributes_of_tree(original)
    folder.assert_store_holds_tree(name)


class CopyingContract:
    """Subclass it and give a `folder` fixture; `tmp_path` is a plain local directory to copy from."""

    @pytest.fixture
    def original(self, tmp_path: Path) -> str:
        """A tree to copy, with some file in each of its folders."""
        make_tree(str(tmp_path / "original"), FILES)
        return str(tmp_path / "original")

    @on_each_tree
    def test_cp_archive_keeps_bytes_modes_times_and_symlinks(self, folder: Folder, original: str) -> None:
        """`cp -a` into the mount leaves the same tree."""
        run("cp", "-a", original, folder.at("copy"))
        assert_same_tree(folder, "copy", original)

    @on_each_tree
    def test_cp_inside_the_mount_and_back_out(self, folder: Folder, original: str, tmp_path: Path) -> None:
        """A copy of a copy, brought back, is the original."""
        run("cp", "-a", original, folder.at("one"))
        run("cp", "-a", folder.at("one"), folder.at("two"))
        run("cp", "-a", folder.at("two"), str(tmp_path / "back"))
        assert digests.sha256_of_tree(str(tmp_path / "back")) == digests.sha256_of_tree(original)
        assert attributes_of_tree(str(tmp_path / "back")) == attributes_of_tree(original)

    @pytest.mark.parametrize("times", [1, pytest.param(5, marks=pytest.mark.slow)])
    def test_tar_of_many_files(self, folder: Folder, tmp_path: Path, times: int) -> None:
        """`tar x` of hundreds of small files leaves each of them whole, in the mount and in the store."""
        make_tree(str(tmp_path / "many"), folder.limits.many_files * times, seed=2)
        run("tar", "--format=posix", "-cf", str(tmp_path / "many.tar"), "-C", str(tmp_path), "many")
        run("tar", "-xf", str(tmp_path / "many.tar"), "-C", folder.path)
        assert_same_tree(folder, "many", str(tmp_path / "many"))

    @on_each_tree
    def test_rsync_twice_copies_nothing_the_second_time(self, folder: Folder, original: str) -> None:
        """After `rsync -a`, a second run finds nothing to change, not even an attribute."""
        command = ("rsync", "-a", "--itemize-changes", f"{original}/", f"{folder.at('synced')}/")
        assert run(*command).count("\n") >= FILES
        assert run(*command) == ""
        assert_same_tree(folder, "synced", original)

    @on_each_tree
    def test_rsync_sends_one_changed_file_and_deletes_one(self, folder: Folder, original: str) -> None:
        """`rsync -a --delete` of a changed tree touches what changed."""
        run("rsync", "-a", f"{original}/", f"{folder.at('synced')}/")
        Path(original, "d1/e1/file 1.bin").write_bytes(random_bytes(30_000))
        Path(original, "d2/e2/file 2.bin").unlink()
        said = run("rsync", "-a", "--delete", "--itemize-changes", f"{original}/", f"{folder.at('synced')}/")
        assert [line for line in said.splitlines() if line.startswith(">f")] != []
        assert "d2/e2/file 2.bin" in said
        # rsync itself leaves the time of a folder that it deleted from, so only the bytes are compared.
        assert digests.sha256_of_tree(folder.at("synced")) == digests.sha256_of_tree(original)
        folder.assert_store_holds_tree("synced")

    @on_each_tree
    def test_git_clone_commit_and_fsck(self, folder: Folder, original: str) -> None:
        """A clone in the mount takes a commit, a repack and a push, and `git fsck` finds it sound."""
        git(original, "init", "-q", "-b", "main")
        git(original, "add", ".")
        git(original, "commit", "-q", "-m", "first")
        git(folder.path, "clone", "-q", original, "clone")
        clone = folder.at("clone")
        folder.write("clone/new file", b"new\n")
        git(clone, "add", ".")
        git(clone, "commit", "-q", "-m", "second")
        git(clone, "gc", "-q")
        git(clone, "fsck", "--full", "--strict")
        git(clone, "push", "-q", "origin", "HEAD:refs/heads/pushed")
        assert git(clone, "status", "--porcelain") == ""
        assert git(original, "rev-parse", "pushed") == git(clone, "rev-parse", "HEAD")
        folder.assert_store_holds_tree("clone")

    @on_each_tree
    def test_mv_of_a_tree_inside_the_mount(self, folder: Folder, original: str) -> None:
        """`mv` of a folder takes everything below along and leaves nothing."""
        run("cp", "-a", original, folder.at("before"))
        run("mv", folder.at("before"), folder.at("after"))
        assert folder.names() == {"after"}
        assert_same_tree(folder, "after", original)

    @on_each_tree
    def test_mv_out_of_the_mount(self, folder: Folder, original: str, tmp_path: Path) -> None:
        """`mv` to another file system copies and removes."""
        run("cp", "-a", original, folder.at("tree"))
        run("mv", folder.at("tree"), str(tmp_path / "moved"))
        assert folder.names() == set()
        assert digests.sha256_of_tree(str(tmp_path / "moved")) == digests.sha256_of_tree(original)

    @on_each_tree
    def test_rm_recursive_leaves_nothing(self, folder: Folder, original: str) -> None:
        """`rm -r` removes a tree from the mount and from the store."""
        run("cp", "-a", original, folder.at("tree"))
        run("rm", "-r", folder.at("tree"))
        assert folder.names() == set()
        assert folder.store is None or folder.store.files() == set()

    @on_each_tree
    def test_find_grep_and_du_over_a_tree(self, folder: Folder, original: str) -> None:
        """`find`, `grep -r` and `du` see what they see in the original."""
        run("cp", "-a", original, folder.at("tree"))
        folder.write("tree/d3/needle.txt", b"hay\nthe needle 42\nhay\n")
        os.remove(os.path.join(folder.at("tree"), "dangling"))
        assert shell("grep -rl 'needle 42' .", folder.path) == "./tree/d3/needle.txt\n"
        listed = shell(
            "find . -type f | wc -l; find . -type d | wc -l; find . -type l | wc -l", folder.at("tree")
        )
        assert listed.split() == [str(FILES + 1), str(FOLDERS), "1"]
        sizes = sum(item[4] for item in attributes_of_tree(folder.at("tree")).values())
        counted = int(
            shell("find . ! -type d -printf '%s\\n' | awk '{s+=$1} END {print s}'", folder.at("tree"))
        )
        assert counted == sizes
        assert int(shell("du -s --apparent-size -B1 . | cut -f1", folder.at("tree"))) >= sizes

    def test_df_tells_plausible_space(self, folder: Folder) -> None:
        """`df` answers with a size, and no more free than there is."""
        size, free = shell("df -B1 --output=size,avail . | tail -1", folder.path).split()
        assert 0 <= int(free) <= int(size)
        assert int(size) > 0
