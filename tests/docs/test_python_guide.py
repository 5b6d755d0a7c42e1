"""The pages of docs/python: each is a program that runs, but for the table, and the first leads to all."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

GUIDE = Path(__file__).parents[2] / "docs" / "python"
BEGINNING = (GUIDE / "index.md").read_text()
PAGES = sorted(path.name for path in GUIDE.glob("*.md"))
PROGRAMS = sorted({*PAGES} - {"capabilities.md"})
NEEDS_STORAGE = "`storage` is the one that [the beginning](index.md) opens."


def blocks(text: str, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", text, re.DOTALL | re.MULTILINE)


@pytest.mark.parametrize("page", PROGRAMS)
def test_each_page_runs(page: str, tmp_path: Path) -> None:
    """Its Python blocks are one program, which begins with the storage of the first page where it says so."""
    text = (GUIDE / page).read_text()
    program = blocks(text, "python")
    assert program
    if NEEDS_STORAGE in text:
        program = [*blocks(BEGINNING, "python")[:1], *program, "storage.close()"]
    (tmp_path / "config.yaml").write_text(blocks(BEGINNING, "yaml")[0])
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", "\n".join(program)],
        cwd=tmp_path,
        env=os.environ | {"HOME": str(tmp_path), "XDG_STATE_HOME": str(tmp_path / "state")},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr


def test_the_first_page_leads_to_all_others() -> None:
    """And to each of them once."""
    assert sorted(re.findall(r"^\| \[.*?\]\((\w+\.md)\)", BEGINNING, re.MULTILINE)) == sorted(
        {*PAGES} - {"index.md"}
    )
