"""`.versions` of a mounted S3 bucket, by shell: read, restored, undeleted, compared, and not fallen into."""

import errno
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.mounts.daemon import Daemon, killed_after, mounted
from tests.mounts.kinds import s3_settings
from tests.servers.seaweed import SeaweedServer


@pytest.fixture(scope="module")
def daemon(seaweed: SeaweedServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Daemon]:
    with seaweed.bucket(versioned=True) as bucket:
        directory = tmp_path_factory.mktemp("versions")
        with mounted(Daemon(str(directory), s3_settings(bucket, seaweed.url))) as daemon:
            yield daemon


@pytest.fixture
def folder(daemon: Daemon, request: pytest.FixtureRequest) -> Iterator[Path]:
    """A fresh folder of the mount."""
    with killed_after(daemon, 60):
        folder = Path(daemon.mountpoint) / request.node.name
        folder.mkdir()
        yield folder


def versions_of(file: Path) -> list[Path]:
    """As `ls` shows them."""
    history = file.parent / ".versions" / file.name
    return sorted(path for path in history.iterdir() if path.name != "changes")


def test_five_versions_are_read_compared_and_restored(folder: Path) -> None:
    """One version a save; `cp` of one over the file makes its content the newest."""
    file = folder / "report.txt"
    for number in range(5):
        file.write_text(f"line {number}\n")
    found = versions_of(file)
    assert [path.read_text() for path in found] == [f"line {number}\n" for number in range(5)]
    assert all(path.stat().st_size == 7 and path.stat().st_mode & 0o777 == 0o444 for path in found)
    changes = sorted((folder / ".versions" / "report.txt" / "changes").iterdir())
    assert changes[1].read_text().endswith("-line 1\n+line 2\n")
    assert changes[1].stat().st_size == len(changes[1].read_bytes())
    subprocess.run(["cp", str(found[1]), str(file)], check=True)
    assert file.read_text() == "line 1\n"
    assert len(versions_of(file)) == 6


def test_a_deleted_file_comes_back(folder: Path) -> None:
    """Its versions stay when it is gone; `cp` brings it back."""
    file = folder / "gone.txt"
    file.write_text("content")
    file.unlink()
    assert os.listdir(folder) == []
    assert os.listdir(folder / ".versions") == ["gone.txt"]
    (version,) = versions_of(file)
    shutil.copy(version, file)
    assert file.read_text() == "content"


def test_a_whole_tree_is_copied_as_it_was(folder: Path, tmp_path: Path) -> None:
    """`cp -r` of a moment, of a folder and of the mount's root."""
    (folder / "a/b").mkdir(parents=True)
    (folder / "a/b/inner").write_text("inner")
    (folder / "outer").write_text("outer")
    now = folder / ".versions" / "@now"
    subprocess.run(["cp", "-r", str(now), str(tmp_path / "copy")], check=True)
    assert (tmp_path / "copy/a/b/inner").read_text() == "inner"
    assert sorted(os.listdir(now)) == ["a", "outer"]
    root = folder.parent / ".versions" / "@now" / folder.name
    assert (root / "outer").read_text() == "outer"
    assert os.listdir(folder / ".versions" / "@2020-01-01") == []


def test_walks_do_not_fall_into_versions(folder: Path) -> None:
    """`ls -a`, `find`, `du`, `rsync` and `git` see nothing of them."""
    (folder / "d").mkdir()
    (folder / "d/f").write_text("x")
    (folder / "d/f").write_text("y")
    walked = subprocess.run(["find", str(folder)], check=True, capture_output=True, text=True).stdout.split()
    assert sorted(walked) == [str(folder), str(folder / "d"), str(folder / "d/f")]
    assert os.listdir(folder) == ["d"]
    listed = subprocess.run(["ls", "-aR", str(folder)], check=True, capture_output=True, text=True).stdout
    assert ".versions" not in listed
    shutil.rmtree(folder)
    assert not folder.exists()


def test_nothing_there_can_be_written(folder: Path) -> None:
    """Every way to change a version is refused, with EPERM and at once."""
    file = folder / "f"
    file.write_text("x")
    (version,) = versions_of(file)
    for act in (
        version.unlink,
        lambda: version.open("r+").close(),
        lambda: version.open("w").close(),
        lambda: (folder / ".versions" / "new").write_text("x"),
        lambda: (folder / ".versions" / "d").mkdir(),
        lambda: version.rename(folder / "g"),
        lambda: file.rename(folder / ".versions" / "f2"),
        lambda: version.chmod(0o600),
        (folder / ".versions").rmdir,
    ):
        with pytest.raises(OSError) as caught:
            act()
        assert caught.value.errno == errno.EPERM
    assert [path.read_text() for path in versions_of(file)] == ["x"]


def test_odd_names_have_versions(folder: Path) -> None:
    """A name is bytes, never a pattern."""
    for name in ("a*.txt", "a[1].txt", "?", "two words", "line\nbreak", "🙂", "@2h"):
        (folder / name).write_text(name)
        history = folder / ".versions" / (f"@{name}" if name == "@2h" else name)
        (version,) = history.iterdir()
        assert version.read_text() == name
