"""What the tests of the command share."""

import subprocess
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
import yaml

from tests.cli.room import Room
from tests.cli.screens import Golden
from tests.cli.stand_in import SERVED, StandIn
from tests.cli.tool import Run, Tool, status_of
from tests.servers.fault_proxy import FaultProxy
from tests.servers.seaweed import ACCESS_KEY, SECRET_KEY


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Room]:
    """A room in which nothing runs or stays mounted afterwards."""
    room = Room(tmp_path)
    yield room
    room.close()


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> Golden:
    """The screens that are kept."""
    return Golden(rewrites=request.config.getoption("--rewrite-golden"))


@pytest.fixture
def daemon(tmp_path: Path) -> Iterator[StandIn]:
    """What serves the configuration of `tool`, where a test asks for that."""
    with closing(StandIn(tmp_path)) as daemon:
        yield daemon


@pytest.fixture
def tool(
    request: pytest.FixtureRequest,
    daemon: StandIn,
    tmp_path: Path,
    capsysbinary: "pytest.CaptureFixture[bytes]",
    monkeypatch: pytest.MonkeyPatch,
) -> Tool:
    """The command in a folder of its own, in a world where nobody has another configuration.

    No daemon runs, but where a test asks for one with `with_and_without_daemon`.
    """
    for name in ("VFS_CONFIG", "XDG_CONFIG_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("TZ", "UTC")
    monkeypatch.setattr("vfs.cli.config_search.SYSTEM_CONFIG", str(tmp_path / "none"))
    monkeypatch.chdir(tmp_path)
    is_served = getattr(request, "param", None) == SERVED
    monkeypatch.setattr("vfs.cli.places.servings", daemon.servings if is_served else list)
    return Tool(tmp_path, capsysbinary)


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    """The command in this process, told as a process of its own would tell it, which takes far longer."""

    def run(*arguments: object) -> subprocess.CompletedProcess[str]:
        status = status_of(*arguments)
        return subprocess.CompletedProcess(arguments, status, *capsys.readouterr())

    return run


@pytest.fixture
def disk_room(room: Room, proxy: FaultProxy, bucket: str) -> Room:
    """A room whose mount promises the journal, on a store behind the fault proxy."""
    mount = {
        "type": "s3",
        "bucket": bucket,
        "endpoint_url": proxy.url,
        "region": "us-east-1",
        "key": ACCESS_KEY,
        "secret": SECRET_KEY,
        "timeout": 2,
        "deadline": 4,
        "durability": "disk",
    }
    room.config.write_text(
        yaml.safe_dump({"mounts": {"m": mount}, "cache": {"directory": None}, "state": "state"})
    )
    return room
