"""What the tests of the command share."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.room import Room
from tests.cli.tool import Tool


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Room]:
    """A room in which nothing runs or stays mounted afterwards."""
    room = Room(tmp_path)
    yield room
    room.close()


@pytest.fixture
def tool(
    tmp_path: Path, capsysbinary: "pytest.CaptureFixture[bytes]", monkeypatch: pytest.MonkeyPatch
) -> Tool:
    """The command in a folder of its own, in a world where nobody has another configuration or a daemon."""
    for name in ("VFS_CONFIG", "XDG_CONFIG_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("TZ", "UTC")
    monkeypatch.setattr("vfs.cli.config_search.SYSTEM_CONFIG", str(tmp_path / "none"))
    monkeypatch.setattr("vfs.cli.places.servings", list)
    monkeypatch.chdir(tmp_path)
    return Tool(tmp_path, capsysbinary)
