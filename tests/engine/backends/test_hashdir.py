"""The hashdir backend keeps the backend contract, in a layout that other tools understand."""

import fcntl
import hashlib
import os
import subprocess
import sys
from pathlib import Path

import pytest

from vfs.engine.backend import Backend
from vfs.engine.backends.hashdir import HashdirBackend, HashdirOptions
from vfs.engine.errors import ConfigError, NotFound
from vfs.testing.backend import BackendContract
from vfs.testing.limits import content, names


def opened(path: Path, **options: object) -> HashdirBackend:
    return HashdirBackend(HashdirOptions.model_validate({"path": path, "create": True, **options}))


def place(root: Path, key: str) -> Path:
    """Where the content of a key lies with the default width and depth."""
    digits = hashlib.sha256(key.encode()).hexdigest()
    return root / digits[:2] / digits[2:4] / digits[4:6] / digits[6:]


class TestHashdirBackend(BackendContract):
    # The system's change time is part of it, so that no change goes unseen.
    etag_survives_attribute_changes = False

    @pytest.fixture
    def backend(self, tmp_path: Path) -> Backend:
        return opened(tmp_path / "store")


class TestOneDigitDeep(BackendContract):
    """Another width and depth."""

    etag_survives_attribute_changes = False

    @pytest.fixture
    def backend(self, tmp_path: Path) -> Backend:
        return opened(tmp_path / "store", width=1, depth=1)


def test_contents_lie_under_the_hashes_of_their_keys(tmp_path: Path) -> None:
    """Bare, where every tool that cuts a SHA-256 the same way finds them."""
    opened(tmp_path).write("some/key", b"content")
    assert place(tmp_path, "some/key").read_bytes() == b"content"


def test_contents_of_other_tools_are_read_by_their_keys(tmp_path: Path) -> None:
    """They have no name, so that no listing tells of them until they are written here."""
    backend = opened(tmp_path)
    foreign = place(tmp_path, "theirs")
    foreign.parent.mkdir(parents=True)
    foreign.write_bytes(b"content")
    assert content(backend, "theirs") == b"content"
    assert names(backend) == []
    backend.write("theirs", b"ours")
    assert names(backend) == ["theirs"]


def test_names_outlast_the_process(tmp_path: Path) -> None:
    """Another process lists what this one wrote."""
    opened(tmp_path).write("d/f", b"x")
    code = (
        "import sys; from vfs.engine.backends.hashdir import *;"
        "backend = HashdirBackend(HashdirOptions(path=sys.argv[1]));"
        "print([entry.name for entry in backend.list('d')])"
    )
    done = subprocess.run([sys.executable, "-c", code, tmp_path], capture_output=True, text=True, check=True)
    assert done.stdout == "['f']\n"


def test_a_name_without_content_is_no_file(tmp_path: Path) -> None:
    """What a crash between name and content leaves is not told, not in the way, and cleaned up."""
    backend = opened(tmp_path)
    backend.write("d/f", b"x")
    place(tmp_path, "d/f").unlink()
    assert names(backend, "d") == []
    with pytest.raises(NotFound):
        backend.stat("d/f")
    backend.make_directory("d/f")
    backend.remove_directory("d/f")
    backend.write("d/f", b"y")
    place(tmp_path, "d/f").unlink()
    backend.remove_directory("d")
    assert names(backend) == []


def test_a_crashed_writer_leaves_nothing(tmp_path: Path) -> None:
    """Drafts without a writer go when the store is opened; those being written stay."""
    backend = opened(tmp_path)
    drafts = tmp_path / ".vfs-names" / "drafts"
    (drafts / "left").write_bytes(b"half")

    def source() -> object:
        yield b"first"
        opened(tmp_path)
        assert len(os.listdir(drafts)) == 1
        yield b", second"

    backend.write("f", source())  # type: ignore[arg-type]
    assert content(backend, "f") == b"first, second"
    assert os.listdir(drafts) == []


def test_another_layout_is_refused(tmp_path: Path) -> None:
    """Opened with another width, every file would seem to be gone."""
    opened(tmp_path)
    with pytest.raises(ConfigError, match="width 2 depth 3, not sha256 width 4"):
        opened(tmp_path, width=4)


def test_a_missing_folder_is_made_only_if_asked(tmp_path: Path) -> None:
    """A mistyped path is an error."""
    with pytest.raises(ConfigError, match="create"):
        HashdirBackend(HashdirOptions(path=tmp_path / "absent"))


def test_a_removed_tree_leaves_no_empty_levels(tmp_path: Path) -> None:
    """The levels of digits go with the last content below them."""
    backend = opened(tmp_path)
    before = sorted(tmp_path.rglob("*"))
    backend.write("a/b/f", b"x")
    backend.delete("a/b/f")
    backend.remove_directory("a/b")
    backend.remove_directory("a")
    assert sorted(tmp_path.rglob("*")) == before


def test_hashes_have_digits_left() -> None:
    """Levels that use up the hash leave no name for the file."""
    with pytest.raises(ValueError, match="less than 64"):
        HashdirOptions(path=Path("x"), width=8, depth=8)


@pytest.mark.parametrize("who", ["starts", "writes"])
def test_drafts_that_two_processes_see_at_once_regression(
    who: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One is removed just before it is locked: by its writer, or by one who takes it for left."""
    backend = opened(tmp_path)
    drafts = tmp_path / ".vfs-names" / "drafts"
    if who == "starts":
        (drafts / "done").touch()
    lock, removed = fcntl.flock, []

    def locked_too_late(descriptor: int, how: int) -> None:
        path = os.readlink(f"/proc/self/fd/{descriptor}")
        if os.path.dirname(path) == os.fspath(drafts) and not removed:
            os.unlink(path)
            removed.append(path)
        lock(descriptor, how)

    monkeypatch.setattr(fcntl, "flock", locked_too_late)
    if who == "starts":
        backend = opened(tmp_path)
    backend.write("key", b"content")
    assert (len(removed), content(backend, "key"), os.listdir(drafts)) == (1, b"content", [])
