"""GNOME's file manager, by the daemon that it works with (gvfs) and its command, on a bus of its own."""

import os
import subprocess
from pathlib import Path

from tests.dav.clients.drive import drive

SESSION = r"""
set -e
trap 'gio mount -u "$URL" >/dev/null 2>&1 || true' EXIT
gio mount "$URL" </dev/null
gio mkdir "$URL/files/new"
gio copy note "$URL/files/new/copied"
gio rename "$URL/files/new/copied" renamed
gio cat "$URL/files/new/renamed"
gio copy "$URL/files/new/renamed" back
printf 'saved anew' | gio save "$URL/files/new/renamed"
gio cat "$URL/files/new/renamed"
gio move "$URL/files/new/renamed" "$URL/Memory/moved"
gio info -f "$URL/files" | grep -E 'filesystem::(size|free)'
gio remove "$URL/files/new"
"""


def test_a_session(tmp_path: Path) -> None:
    """Mounted, up, down, renamed, saved over, moved, sized, removed, unmounted."""
    (tmp_path / "note").write_text("a note;")
    (tmp_path / "run").mkdir(mode=0o700)
    with drive(tmp_path) as served:
        done = subprocess.run(
            ["dbus-run-session", "--", "bash", "-c", SESSION],
            env=os.environ
            | {
                "URL": f"dav://{served.address}",
                "HOME": str(tmp_path),
                "XDG_RUNTIME_DIR": str(tmp_path / "run"),
            }
            | {"LC_ALL": "C.UTF-8", "GIO_USE_VFS": "gvfs"},
            cwd=tmp_path,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        assert "a note;saved anew" in done.stdout
        assert "filesystem::free" in done.stdout
        assert (tmp_path / "back").read_text() == "a note;"
        assert served.text("Memory:moved") == "saved anew"
        assert not (tmp_path / "files" / "new").exists()
