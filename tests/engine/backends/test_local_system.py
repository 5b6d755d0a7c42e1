"""A local mount obeys the system's rules: modes, groups, holes, crashes of writers."""

import errno
import fcntl
import os
import stat as stat_bits
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from vfs.engine.backends.local import LocalBackend, LocalOptions, drafts
from vfs.engine.entries import Attributes
from vfs.engine.errors import DirectoryNotEmpty, InvalidPath, StorageError
from vfs.testing.limits import content, names

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files away")


@pytest.fixture
def strict_umask() -> Iterator[None]:
    """The process keeps new files from everybody else."""
    old = os.umask(0o077)
    yield
    os.umask(old)


@pytest.mark.usefixtures("strict_umask")
def test_the_umask_leaves_given_modes(local: LocalBackend) -> None:
    """A mode in attributes is exact; without one the umask has its say."""
    given = Attributes(mode=0o666)
    local.write("written", b"", attributes=given)
    local.create_file("created", attributes=given).close()
    local.make_special("fifo", stat_bits.S_IFIFO | 0o666, 0)
    local.make_directory("folder", attributes=Attributes(mode=0o777))
    assert [local.stat(key).mode for key in ("written", "created")] == [0o666, 0o666]
    assert local.stat("fifo").mode == stat_bits.S_IFIFO | 0o666
    assert local.stat("folder").mode == 0o777
    local.write("plain/f", b"")
    local.create_file("g").close()
    assert [local.stat(key).mode for key in ("plain", "plain/f", "g")] == [0o700, 0o600, 0o600]


def test_an_open_umask_opens_nothing_implied(local: LocalBackend, folder: Path) -> None:
    """Where nobody said a mode, nobody else may write, though the process has umask 0."""
    old = os.umask(0)
    try:
        local.write("folder/f", b"")
        local.create_file("g").close()
        LocalBackend(LocalOptions(path=folder / "made/mounted", create=True)).close()
    finally:
        os.umask(old)
    assert [local.stat(key).mode for key in ("folder", "folder/f", "g")] == [0o755, 0o644, 0o644]
    assert [local.stat(key).mode for key in ("made", "made/mounted")] == [0o755, 0o755]


@as_root
def test_set_group_id_folders_hand_down_their_group(local: LocalBackend, folder: Path) -> None:
    """New entries have the folder's group, new folders its bit too."""
    folder.chmod(0o2775)
    os.chown(folder, -1, 4321)
    asked = Attributes(mode=0o755, uid=1234, gid=1234)
    local.create_file("f", attributes=asked).close()
    made = local.make_directory("d", attributes=asked)
    local.make_symlink("l", "f", attributes=asked)
    entry = local.stat("f")
    assert (entry.mode, entry.uid, entry.gid) == (0o755, 1234, 4321)
    assert (made.mode, made.uid, made.gid) == (0o2755, 1234, 4321)
    assert (local.stat("l").uid, local.stat("l").gid) == (1234, 4321)


@as_root
def test_giving_away_and_mode_together_keep_the_mode(local: LocalBackend) -> None:
    """A change of owner clears set-user-ID, so that the mode has to come after it."""
    local.write("f", b"x")
    changed = local.set_attributes("f", Attributes(mode=0o6755, uid=1, gid=1))
    assert (changed.mode, changed.uid, changed.gid) == (0o6755, 1, 1)
    assert local.set_attributes("f", Attributes(uid=2)).mode == 0o755


def test_who_is_not_root_keeps_what_it_makes(monkeypatch: pytest.MonkeyPatch, local: LocalBackend) -> None:
    """Asking for another owner is no error then, as with `cp -p`."""
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    asked = Attributes(mode=0o640, uid=54321, gid=54321)
    local.write("f", b"", attributes=asked)
    local.create_file("g", attributes=asked).close()
    local.make_directory("d", attributes=asked)
    for key in ("f", "g", "d"):
        assert local.stat(key).uid == os.getuid()
        assert local.stat(key).mode == 0o640


def test_a_write_in_place_changes_the_etag(local: LocalBackend) -> None:
    """Also one of the same size with its time set back."""
    old = local.write("f", b"old").etag
    entry = local.stat("f")
    handle = local.open_file("f", write=True)
    handle.write(0, b"new")
    handle.set_attributes(Attributes(mtime_ns=entry.mtime_ns, atime_ns=entry.atime_ns))
    handle.close()
    changed = local.stat("f")
    assert (changed.size, changed.mtime_ns) == (entry.size, entry.mtime_ns)
    assert changed.etag != old


def test_a_copy_leaves_holes(local: LocalBackend, folder: Path) -> None:
    """Copying a sparse file takes only the room of its data."""
    size = 1 << 30
    handle = local.create_file("sparse")
    handle.write(size // 2, b"middle")
    handle.truncate(size)
    handle.close()
    local.copy("sparse", "copy")
    assert local.stat("copy").size == size
    assert (folder / "copy").stat().st_blocks * 512 < 1 << 20
    assert bytes(local.read("copy", size // 2, size // 2 + 6)) == b"middle"


def test_user_attributes_go_along_with_a_copy(local: LocalBackend) -> None:
    """Those that programs set as well as our metadata."""
    local.write("f", b"x", metadata={"colour": "red"})
    local.set_xattr("f", "user.theirs", b"value")
    local.copy("f", "g")
    assert local.get_xattr("g", "user.theirs") == b"value"
    assert local.stat("g").metadata == {"colour": "red"}


def test_a_file_on_its_way_is_not_listed(local: LocalBackend, folder: Path) -> None:
    """While a write goes on nobody sees its draft; afterwards there is none."""
    seen = []

    def source() -> Iterator[bytes]:
        yield b"part"
        seen.append((names(local), [path.name for path in folder.iterdir()]))

    local.write("f", source())
    [(listed, there)] = seen
    assert listed == []
    assert [drafts.is_draft(name) for name in there] == [True]
    assert [path.name for path in folder.iterdir()] == ["f"]


@pytest.mark.parametrize("name", [".vfs-tmp-", ".vfs-tmp-notes", ".vfs-tmp-0123456789abcdeg", "a.vfs-tmp-0"])
def test_names_that_look_like_drafts_are_plain_names(local: LocalBackend, name: str) -> None:
    """Only the exact form is hidden."""
    local.write(name, b"x")
    assert names(local) == [name]


def test_what_a_killed_writer_left_is_no_content(local: LocalBackend, folder: Path) -> None:
    """A folder with nothing but leftovers is empty: it is removed, or replaced by a move."""
    killed = """
import os, signal, sys
from vfs.engine.backends.local import LocalBackend, LocalOptions
def source():
    yield b"half"
    os.kill(os.getpid(), signal.SIGKILL)
LocalBackend(LocalOptions(path=sys.argv[1])).write(sys.argv[2], source())
"""
    for key in ("removed/f", "replaced/f"):
        done = subprocess.run([sys.executable, "-c", killed, str(folder), key], check=False)
        assert done.returncode < 0
    assert names(local, "removed") == []
    assert len(list((folder / "removed").iterdir())) == 1
    local.remove_directory("removed")
    local.write("moved/g", b"x")
    local.move("moved", "replaced")
    assert content(local, "replaced/g") == b"x"
    assert names(local) == ["replaced"]


def test_a_folder_into_which_something_is_written_stays(local: LocalBackend, folder: Path) -> None:
    """The draft of a living writer is content: its folder is not empty."""
    local.make_directory("d")
    draft = folder / "d/.vfs-tmp-0123456789abcdef"
    with draft.open("wb") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        with pytest.raises(DirectoryNotEmpty):
            local.remove_directory("d")
        assert draft.exists()
    local.remove_directory("d")


def test_who_clears_a_folder_takes_no_new_draft_along_regression(
    local: LocalBackend, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One that another process saw before it was locked: the write goes on."""
    lock, removed = fcntl.flock, []

    def locked_too_late(descriptor: int, how: int) -> None:
        if not removed:
            removed.append(os.readlink(f"/proc/self/fd/{descriptor}"))
            os.unlink(removed[0])
        lock(descriptor, how)

    local.make_directory("d")
    monkeypatch.setattr(fcntl, "flock", locked_too_late)
    local.write("d/f", b"content")
    assert drafts.is_draft(os.path.basename(removed[0]))
    assert (content(local, "d/f"), os.listdir(folder / "d")) == (b"content", ["f"])


def test_a_closed_backend_says_so(local: LocalBackend) -> None:
    """Acts after `close` are our errors, and reach no other file."""
    local.write("d/f", b"x")
    local.close()
    for act in (local.stat, local.read, local.delete, local.open_file):
        for key in ("d", "d/f"):
            with pytest.raises(StorageError):
                act(key)
    with pytest.raises(StorageError):
        local.space()


def test_a_handle_keeps_the_file_it_opened(local: LocalBackend) -> None:
    """Replacing the name leaves the open file as it was."""
    local.write("f", b"old content")
    handle = local.open_file("f")
    local.write("f", b"new")
    assert bytes(handle.read(0, 100)) == b"old content"
    handle.close()
    assert content(local, "f") == b"new"


def test_metadata_stay_where_extended_attributes_are_replaced(local: LocalBackend) -> None:
    """They are kept in the same place, and are not programs' to replace."""
    local.write("f", b"x", metadata={"colour": "red"}, attributes=Attributes(xattrs={"user.one": b"1"}))
    local.set_attributes("f", Attributes(xattrs={"user.two": b"2"}))
    assert local.stat("f").metadata == {"colour": "red"}
    assert [name for name in local.list_xattrs("f") if "vfs" not in name] == ["user.two"]


def test_a_file_system_without_extended_attributes_takes_files_that_have_none(
    local: LocalBackend, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Being told that a new file has none asks nothing of it that it cannot do."""

    def refuse(*_: object) -> list[str]:
        raise OSError(errno.ENOTSUP, os.strerror(errno.ENOTSUP))

    monkeypatch.setattr(os, "listxattr", refuse)
    local.write("new", b"x", attributes=Attributes(mode=0o600, xattrs={}))
    assert bytes(local.read("new")) == b"x"


def test_a_metadatum_with_nul_in_its_name_is_refused_regression(local: LocalBackend) -> None:
    """As a name that nothing can have, and not with an error of Python's."""
    local.write("f", b"x")
    with pytest.raises(InvalidPath):
        local.set_metadata("f", {"a\0b": "c"})
    with pytest.raises(InvalidPath):
        local.write("f", b"y", metadata={"a\0b": "c"})
    assert content(local, "f") == b"x"


def test_a_publication_waits_for_that_of_another_process(tmp_path: Path) -> None:
    """What a conditional write has checked still holds when it takes its place."""
    one, other = (LocalBackend(LocalOptions(path=tmp_path)) for _ in range(2))
    with one._publishing, ThreadPoolExecutor(1) as pool:
        writing = pool.submit(other.write, "f", b"x")
        with pytest.raises(TimeoutError):
            writing.result(0.2)
        one._publishing.__exit__(None, None, None)
        assert writing.result(10).size == 1
        one._publishing.__enter__()
    one.close()
    other.close()
