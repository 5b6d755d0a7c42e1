"""rclone: a tree there and back with its times, and 2,000 files in one folder."""

import os
import subprocess
import sys
from pathlib import Path

from tests.dav.clients.drive import ODD_NAMES, Drive, drive

RCLONE = os.fspath(Path(sys.executable).with_name("rclone"))


def rclone(served: Drive, *arguments: str) -> str:
    options = [
        "--webdav-url",
        served.url,
        "--webdav-vendor",
        "owncloud",
        "--config",
        "/dev/null",
        "--retries",
        "1",
    ]
    done = subprocess.run(
        [RCLONE, *arguments, *options], capture_output=True, text=True, timeout=200, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_a_tree_there_and_back(tmp_path: Path) -> None:
    """Names, contents and times; a second run finds nothing to do; moving and deleting are done here."""
    source = tmp_path / "source"
    (source / "empty").mkdir(parents=True)
    (source / "deep" / "er").mkdir(parents=True)
    for number, name in enumerate(ODD_NAMES):
        path = source / ("deep/er" if number % 2 else ".") / name
        path.write_text(name)
        os.utime(path, (1_600_000_000 + number, 1_600_000_000 + number))
    with drive(tmp_path) as served:
        rclone(served, "sync", str(source), ":webdav:files/tree", "--create-empty-src-dirs")
        rclone(served, "check", str(source), ":webdav:files/tree", "--download")
        uploads = sum(line.startswith("PUT ") for line in served.requests())
        assert uploads == len(ODD_NAMES)
        rclone(served, "sync", str(source), ":webdav:files/tree")
        assert sum(line.startswith("PUT ") for line in served.requests()) == uploads
        assert (tmp_path / "files/tree" / ODD_NAMES[0]).stat().st_mtime == 1_600_000_000
        rclone(served, "moveto", ":webdav:files/tree", ":webdav:Memory/moved")
        assert served.text(f"Memory:moved/deep/er/{ODD_NAMES[1]}") == ODD_NAMES[1]
        rclone(served, "copy", ":webdav:Memory/moved", str(tmp_path / "back"))
        assert (tmp_path / "back" / ODD_NAMES[2]).read_text() == ODD_NAMES[2]
        rclone(served, "purge", ":webdav:Memory/moved")
        assert not served.storage.node("Memory:moved").exists()


def test_two_thousand_files(tmp_path: Path) -> None:
    """Listed with their sizes by one request."""
    with drive(tmp_path) as served:
        folder = tmp_path / "files" / "many"
        folder.mkdir()
        for number in range(2000):
            (folder / f"{number:04}").write_bytes(b"x" * number)
        told = rclone(served, "lsf", ":webdav:files/many", "--format", "ps")
        assert set(told.split()) == {f"{number:04};{number}" for number in range(2000)}
        assert sum(line.startswith("PROPFIND ") for line in served.requests()) <= 3
