"""Who may write to what a daemon makes: modes are what programs ask for, and nothing else is open to all."""

import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.mounts.commands import shell
from tests.mounts.daemon import Daemon, killed_after, mounted

MODES = {"open.txt": 0o666, "shut.txt": 0o600, "run": 0o755}


@pytest.fixture(params=["local", "hashdir", "zip"])
def daemon(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Daemon]:
    """A mount of a storage that is made with it, of a daemon that sends from its journal where it can."""
    settings: dict[str, object] = {"type": request.param, "path": str(tmp_path / "storage")}
    settings |= {"durability": "disk"} if request.param == "zip" else {"create": True}
    with mounted(Daemon(str(tmp_path), settings)) as daemon, killed_after(daemon, 120):
        yield daemon


def test_nothing_is_open_to_everybody_unasked_regression(daemon: Daemon, tmp_path: Path) -> None:
    """Neither folders and files of the storage that no program named, nor the daemon's own."""
    mountpoint = Path(daemon.mountpoint)
    for number in range(3):
        (mountpoint / f"d{number}").mkdir()
        (mountpoint / f"d{number}" / "f").write_bytes(b"x" * (1 << 20))
    os.sync()
    made = [tmp_path / name for name in ("storage", "state", "cache") if (tmp_path / name).exists()]
    found = [*made, *(below for top in made for below in top.rglob("*"))]
    assert len(found) > 3
    opened = [str(path) for path in found if path.lstat().st_mode & stat.S_IWOTH and not path.is_symlink()]
    assert opened == []


def test_modes_are_those_that_programs_ask_for(daemon: Daemon) -> None:
    """Whatever the daemon's own umask is: the kernel has applied the program's."""
    for name, mode in MODES.items():
        made = f"os.close(os.open('{name}', os.O_CREAT | os.O_WRONLY, {mode}))"
        shell(f'umask 0; python3 -c "import os; {made}"', daemon.mountpoint)
    shell("umask 0; mkdir -m 777 all; mkdir -m 700 mine", daemon.mountpoint)
    expected = MODES | {"all": 0o777, "mine": 0o700}
    found = {name: stat.S_IMODE((Path(daemon.mountpoint) / name).stat().st_mode) for name in expected}
    assert found == expected
