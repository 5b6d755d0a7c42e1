"""The pictures in the documentation are what the tool shows."""

import html
import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
SCREENS = ROOT / "docs" / "screens"


def lines_of(picture: Path) -> list[str]:
    """The text in a picture, line by line."""
    rows: dict[float, list[str]] = {}
    for place, text in re.findall(r'<text [^>]*y="([\d.]+)"[^>]*>(.*?)</text>', picture.read_text()):
        rows.setdefault(float(place), []).append(html.unescape(text))
    return ["".join(rows[place]) for place in sorted(rows)]


def test_pictures_show_what_the_tool_shows(tmp_path: Path) -> None:
    """Made anew, each has the lines that it has in docs/screens; no font is asked of another server."""
    script = [sys.executable, ROOT / "scripts" / "screens.py", tmp_path]
    subprocess.run(script, env={**os.environ, "PYTHONPATH": os.fspath(ROOT)}, check=True, timeout=300)
    names = sorted(path.name for path in SCREENS.iterdir())
    assert sorted(path.name for path in tmp_path.iterdir()) == names
    for name in names:
        assert lines_of(tmp_path / name) == lines_of(SCREENS / name)
        assert "@font-face" not in (SCREENS / name).read_text()


def test_every_picture_is_shown() -> None:
    """On some page."""
    pages = "".join(page.read_text() for page in (ROOT / "docs").rglob("*.md"))
    assert [path.name for path in SCREENS.iterdir() if f"screens/{path.name})" not in pages] == []
