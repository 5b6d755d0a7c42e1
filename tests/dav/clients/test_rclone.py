"""rclone: a tree there and back with its times."""

import os
from pathlib import Path

from tests.dav.clients.drive import ODD_NAMES, drive
from tests.dav.clients.drivers.rclone import Rclone


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
        rclone = Rclone(served.url).ask
        rclone("sync", str(source), ":webdav:files/tree", "--create-empty-src-dirs")
        rclone("check", str(source), ":webdav:files/tree", "--download")
        uploads = sum(line.startswith("PUT ") for line in served.requests())
        assert uploads == len(ODD_NAMES)
        rclone("sync", str(source), ":webdav:files/tree")
        assert sum(line.startswith("PUT ") for line in served.requests()) == uploads
        assert (tmp_path / "files/tree" / ODD_NAMES[0]).stat().st_mtime == 1_600_000_000
        rclone("moveto", ":webdav:files/tree", ":webdav:Memory/moved")
        assert served.text(f"Memory:moved/deep/er/{ODD_NAMES[1]}") == ODD_NAMES[1]
        rclone("copy", ":webdav:Memory/moved", str(tmp_path / "back"))
        assert (tmp_path / "back" / ODD_NAMES[2]).read_text() == ODD_NAMES[2]
        rclone("purge", ":webdav:Memory/moved")
        assert not served.storage.node("Memory:moved").exists()
