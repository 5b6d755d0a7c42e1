"""davfs2: a mount by the kernel, which locks files while they are open. Its listings need an older kernel."""

import os
from pathlib import Path

import pytest

from tests.dav.clients.drive import drive
from tests.dav.clients.drivers.davfs2 import davfs2
from tests.mounts.waiting import wait_until

pytestmark = pytest.mark.skipif(os.getuid() != 0, reason="davfs2 mounts for root")


def test_a_session(tmp_path: Path) -> None:
    """Made, written under a lock, read, moved, changed, removed; the size of the file system."""
    (tmp_path / "files").mkdir()
    (tmp_path / "files" / "there").write_text("from before")
    with drive(tmp_path) as served, davfs2(f"{served.url}/files", tmp_path / "home") as mount:
        assert (mount / "there").read_text() == "from before"
        (mount / "new").mkdir()
        (mount / "new" / "file").write_text("by davfs")
        wait_until(lambda: served.text("files:new/file") == "by davfs", 30, "the upload")
        os.rename(mount / "new" / "file", mount / "moved")
        assert served.text("files:moved") == "by davfs"
        with (mount / "moved").open("a") as file:
            file.write(", changed")
        wait_until(lambda: served.text("files:moved") == "by davfs, changed", 30, "the change")
        os.unlink(mount / "moved")
        os.rmdir(mount / "new")
        assert sorted(path.name for path in (tmp_path / "files").iterdir()) == ["there"]
        assert os.statvfs(mount).f_bavail > 0
        assert {"LOCK", "UNLOCK"} <= {line.split()[0] for line in served.requests()}
