"""A local mount reaches nothing outside its folder, unless it was told to follow symlinks."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from vfs.engine.backends.local import LocalBackend, LocalOptions, root
from vfs.engine.entries import Attributes, EntryKind
from vfs.engine.errors import ConfigError, InvalidPath, NotADirectory, NotFound, PermissionDenied
from vfs.testing.limits import content, names

ACTS: list[Callable[[LocalBackend, str], object]] = [
    lambda local, key: local.stat(key),
    lambda local, key: local.read(key),
    lambda local, key: list(local.list(key)),
    lambda local, key: list(local.sweep(key)),
    lambda local, key: local.write(key, b"changed"),
    lambda local, key: local.delete(key),
    lambda local, key: local.make_directory(key),
    lambda local, key: local.remove_directory(key),
    lambda local, key: local.copy(key, "copied"),
    lambda local, key: local.copy("here", key),
    lambda local, key: local.move(key, "moved"),
    lambda local, key: local.move("here", key),
    lambda local, key: local.open_file(key, write=True),
    lambda local, key: local.create_file(key),
    lambda local, key: local.set_attributes(key, Attributes(mode=0o777)),
    lambda local, key: local.set_metadata(key, {"a": "b"}),
    lambda local, key: local.make_symlink(key, "target"),
    lambda local, key: local.read_symlink(key),
    lambda local, key: local.make_link("here", key),
    lambda local, key: local.make_link(key, "linked"),
    lambda local, key: local.make_special(key, 0o010644, 0),
    lambda local, key: local.list_xattrs(key),
    lambda local, key: local.set_xattr(key, "user.a", b"b"),
]


@pytest.fixture
def outside(folder: Path) -> Path:
    """A folder with a secret, beside the mounted one."""
    outside = folder.parent / "outside"
    outside.mkdir()
    (outside / "secret").write_bytes(b"secret")
    return outside


@pytest.fixture(params=["openat2", "walking"])
def guarded(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, local: LocalBackend
) -> LocalBackend:
    """A backend that resolves keys by openat2, or name by name."""
    if request.param == "walking":

        def refuse(*_: object) -> int:
            raise PermissionError(1, "a filter that does not know this call")

        monkeypatch.setattr(root, "open_folder_beneath", refuse)
    local.write("here", b"here")
    return local


@pytest.mark.parametrize("act", ACTS)
@pytest.mark.parametrize("key", ["way/secret", "way/new", "deep/way/secret", "deep/relative/secret"])
def test_no_act_goes_through_a_symlink(
    guarded: LocalBackend, folder: Path, outside: Path, act: Callable[[LocalBackend, str], object], key: str
) -> None:
    """A symlink on the way is refused, whether absolute or relative, and nothing outside changes."""
    (folder / "way").symlink_to(outside)
    (folder / "deep").mkdir()
    (folder / "deep/way").symlink_to(outside)
    (folder / "deep/relative").symlink_to("../../outside")
    before = outside.stat().st_ctime_ns
    with pytest.raises(PermissionDenied, match="symlink"):
        act(guarded, key)
    assert outside.stat().st_ctime_ns == before
    assert [path.name for path in outside.iterdir()] == ["secret"]
    assert (outside / "secret").read_bytes() == b"secret"


@pytest.mark.parametrize("act", ACTS)
@pytest.mark.parametrize("key", ["..", "../outside/secret", "/etc/passwd", "deep/../../outside/secret"])
def test_no_key_leads_out(
    guarded: LocalBackend, outside: Path, act: Callable[[LocalBackend, str], object], key: str
) -> None:
    """Keys with `..` and absolute keys are refused by every act."""
    with pytest.raises(InvalidPath):
        act(guarded, key)


def test_a_symlink_at_the_end_is_itself(guarded: LocalBackend, folder: Path, outside: Path) -> None:
    """It is told as a symlink, never read through, and replaced by a write."""
    (folder / "file").symlink_to(outside / "secret")
    (folder / "folder").symlink_to(outside)
    assert guarded.stat("file").kind is EntryKind.SYMLINK
    for act in (guarded.read, guarded.open_file, guarded.create_file):
        with pytest.raises(InvalidPath):
            act("file")
    with pytest.raises(NotADirectory):
        next(guarded.list("folder"))
    with pytest.raises(NotADirectory):
        guarded.remove_directory("folder")
    assert sorted(key for key, _ in guarded.sweep("")) == names(guarded)
    guarded.write("file", b"replaced")
    assert not (folder / "file").is_symlink()
    assert (outside / "secret").read_bytes() == b"secret"


def test_changing_a_symlink_leaves_its_target(guarded: LocalBackend, folder: Path, outside: Path) -> None:
    """Times and owners of the symlink change, those outside do not."""
    (folder / "link").symlink_to(outside / "secret")
    before = (outside / "secret").stat()
    guarded.set_attributes("link", Attributes(mtime_ns=1, atime_ns=2))
    assert guarded.stat("link").mtime_ns == 1
    assert (outside / "secret").stat() == before


class TestFollowing:
    """With `follow_symlinks: true`."""

    @pytest.fixture
    def following(self, folder: Path) -> Iterator[LocalBackend]:
        backend = LocalBackend(LocalOptions(path=folder, follow_symlinks=True))
        yield backend
        backend.close()

    def test_symlinks_lead_on(self, following: LocalBackend, folder: Path, outside: Path) -> None:
        """Folders and files behind symlinks are read, listed, written and made, as the system does it."""
        (folder / "way").symlink_to(outside)
        (folder / "deep").mkdir()
        (folder / "deep/link").symlink_to("../way/secret")
        assert content(following, "way/secret") == b"secret"
        assert content(following, "deep/link") == b"secret"
        assert names(following, "way") == ["secret"]
        following.write("way/sub/new", b"new")
        assert (outside / "sub/new").read_bytes() == b"new"
        following.write("deep/link", b"changed")
        assert (outside / "secret").read_bytes() == b"changed"
        assert (folder / "deep/link").is_symlink()

    def test_a_symlink_is_still_told_as_one(
        self, following: LocalBackend, folder: Path, outside: Path
    ) -> None:
        """`stat` and `delete` mean the symlink, as lstat and unlink do."""
        (folder / "link").symlink_to(outside / "secret")
        assert following.stat("link").kind is EntryKind.SYMLINK
        following.delete("link")
        assert (outside / "secret").exists()

    def test_a_symlink_to_nowhere_is_not_found(self, following: LocalBackend, folder: Path) -> None:
        """Reading or opening it finds nothing."""
        (folder / "link").symlink_to("nowhere")
        for act in (following.read, following.open_file, following.create_file):
            with pytest.raises(NotFound):
                act("link")


def test_a_missing_folder_is_a_clear_error(tmp_path: Path) -> None:
    """The message names the folder and says what to do; `create: true` does it."""
    missing = tmp_path / "not/there"
    with pytest.raises(ConfigError, match=r"not/there does not exist.*create: true"):
        LocalBackend(LocalOptions(path=missing))
    LocalBackend(LocalOptions(path=missing, create=True)).close()
    assert missing.is_dir()


def test_a_file_is_no_folder_to_mount(tmp_path: Path) -> None:
    """The message names the file, with or without `create`."""
    file = tmp_path / "file"
    file.touch()
    for create in (False, True):
        with pytest.raises(ConfigError, match="file is not a folder"):
            LocalBackend(LocalOptions(path=file, create=create))


def test_a_folder_that_went_away_is_unhealthy(local: LocalBackend, folder: Path) -> None:
    """`ping` tells a removed folder, and one that another took the place of."""
    local.ping()
    folder.rename(folder.parent / "elsewhere")
    with pytest.raises(NotFound, match="is gone"):
        local.ping()
    folder.mkdir()
    with pytest.raises(NotFound, match="is another one now"):
        local.ping()
