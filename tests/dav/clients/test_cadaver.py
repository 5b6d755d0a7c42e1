"""cadaver: files, folders, properties and locks, as neon asks for them."""

import subprocess
from pathlib import Path

from tests.dav.clients.drive import drive
from tests.dav.clients.drivers.cadaver import Cadaver


def test_a_session(tmp_path: Path) -> None:
    """Up, down, copied, moved, locked, given a property that the next session sees, and removed."""
    (tmp_path / "note").write_text("a note")
    with drive(tmp_path) as served:
        Cadaver(f"{served.url}/files", tmp_path).session(
            "put note",
            "mkcol box",
            "copy note box/copy",
            "move note box/moved",
            "propset box/copy colour blue",
        )
        assert served.text("files:box/copy") == served.text("files:box/moved") == "a note"
        told = Cadaver(f"{served.url}/files", tmp_path).session(
            "propget box/copy colour",
            "get box/moved back",
            "lock box/copy",
            "discover box/copy",
        )
        assert "blue" in told
        assert "opaquelocktoken:" in told
        assert (tmp_path / "back").read_text() == "a note"
    with drive(tmp_path) as served:
        told = Cadaver(f"{served.url}/files", tmp_path).session("discover box/copy")
        assert "opaquelocktoken:" in told, "the lock survives a restart"
        refused = subprocess.run(
            [
                "curl",
                "-s",
                "-o",
                "/dev/null",
                "-w",
                "%{http_code}",
                "-X",
                "DELETE",
                f"{served.url}/files/box/copy",
            ],
            capture_output=True,
            text=True,
            check=True,
        )
        assert refused.stdout == "423"
        token = told.partition("opaquelocktoken:")[2].split()[0].rstrip(">:,")
        subprocess.run(
            [
                "curl",
                "-sf",
                "-X",
                "UNLOCK",
                "-H",
                f"Lock-Token: <opaquelocktoken:{token}>",
                f"{served.url}/files/box/copy",
            ],
            check=True,
        )
        Cadaver(f"{served.url}/files", tmp_path).session("rmcol box")
        assert not served.storage.node("files:box").exists()
