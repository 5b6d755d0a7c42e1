"""`vfs history`, as a command: what it prints, puts right and returns."""

import json
import os
from functools import partial
from pathlib import Path

import pytest

from tests.cli.tool import Run
from vfs.cli.exit_status import FAILED, MISUSED, OK
from vfs.config import settings_from
from vfs.engine.manager import StorageManager


@pytest.fixture
def history(run: Run) -> Run:
    """The verb."""
    return partial(run, "history")


@pytest.fixture
def config(tmp_path: Path) -> Path:
    mounts = {
        "home": {
            "type": "local",
            "path": os.fspath(tmp_path / "files"),
            "create": True,
            "layers": ["versioned"],
        },
        "plain": {"type": "memory"},
    }
    path = tmp_path / "config.json"
    path.write_text(json.dumps({"mounts": mounts, "state": os.fspath(tmp_path / "state")}))
    with StorageManager(settings_from(json.loads(path.read_text()))) as storage:
        for text in ("one", "two", "two"):
            storage.node("home:f").write_text(text)
        assert storage.node("home:f").compact_versions(dry_run=True) == 1
        assert [version.size for version in storage.node("home:f").versions()] == [3, 3, 3]
    return path


def test_a_history_is_looked_through_and_put_right(config: Path, tmp_path: Path, history: Run) -> None:
    """Sound, then not, then repaired; only mounts that keep one are told of."""
    done = history(config)
    assert (done.returncode, done.stderr) == (OK, "")
    assert done.stdout == "home: 3 version(s) of 1 file(s), 2 old content(s)\n"
    (tmp_path / "files" / "f").unlink()
    done = history(config)
    assert done.returncode == FAILED
    assert "home: 1 version(s) whose content is gone\n" in done.stdout
    assert "home: 1 deleted file(s) without a mark of it\n" in done.stdout
    assert history(config, "--repair").returncode == OK
    done = history(config, "--json")
    assert (done.returncode, json.loads(done.stdout)["home"]["unmarked"]) == (OK, 0)


def test_a_mount_without_a_history_is_a_mistake(config: Path, history: Run) -> None:
    """Which is said, with its name."""
    done = history(config, "--mount", "plain")
    assert (done.returncode, "'plain'" in done.stderr) == (MISUSED, True)
