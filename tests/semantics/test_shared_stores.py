"""Two mounts that share a store, mounted side by side: programs see in one what they did in the other."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import yaml

from tests.mounts.daemon import VFSMOUNT, Daemon, killed_after, mounted
from tests.mounts.waiting import wait_until

LONG = 3600
"""Seconds that entries are believed: nothing comes up by itself."""

SOON = 10
"""Seconds at most until the kernel has taken a notice."""


class SharingDaemon(Daemon):
    """A mount of several storages, each a folder."""

    def _write_config(self, storage: dict[str, object], cache: bool) -> None:
        config = {"mounts": storage, "cache": {"directory": None}}
        config["state"] = os.path.join(self.directory, "state")
        self._config = os.path.join(self.directory, "config.yaml")
        Path(self._config).write_text(yaml.safe_dump(config))

    def command(self) -> list[str]:
        return [VFSMOUNT, self._config, self.mountpoint, "-o", ",".join(self.options)]


def becomes(found: Callable[[], object], expected: object) -> None:
    wait_until(lambda: found() == expected, SOON, f"{expected!r} where there is {found()!r}")


@pytest.fixture(scope="module", params=["memory", "packed", "local"])
def daemon(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Daemon]:
    """`home`, and as `work` the folder `in/work` of it."""
    directory = tmp_path_factory.mktemp("sharing")
    storages: dict[str, dict[str, object]] = {
        "memory": {"type": "memory"},
        "packed": {"type": "memory", "layers": ["gzip"]},
        "local": {"type": "local", "path": str(directory / "beneath"), "create": True},
    }
    mounts: dict[str, object] = {
        "home": {**storages[request.param], "ttl": LONG},
        "work": {"type": "relative", "path": "home:in/work"},
    }
    daemon = SharingDaemon(str(directory), mounts)
    with mounted(daemon):
        yield daemon


@pytest.fixture
def folders(daemon: Daemon, request: pytest.FixtureRequest) -> Iterator[tuple[Path, Path]]:
    """A fresh folder, by its path in both mounts."""
    root = Path(daemon.mountpoint)
    below, above = root / "home" / "in" / "work", root / "work"
    with killed_after(daemon, 60):
        (below / request.node.name).mkdir(parents=True)
        becomes((above / request.node.name).is_dir, True)
        yield below / request.node.name, above / request.node.name


@pytest.fixture(params=["down", "up"])
def here_and_there(request: pytest.FixtureRequest, folders: tuple[Path, Path]) -> tuple[Path, Path]:
    """Where things are done, and where they are looked at."""
    return folders if request.param == "down" else folders[::-1]


def test_files_are_seen_through_the_other_mount(here_and_there: tuple[Path, Path]) -> None:
    """New, changed, cut, renamed and removed: though the kernel had looked before and knew better."""
    here, there = here_and_there
    assert not (there / "f").exists()
    assert list(there.iterdir()) == []
    (here / "f").write_text("one")
    becomes((there / "f").exists, True)
    becomes(lambda: sorted(os.listdir(there)), ["f"])
    assert (there / "f").read_text() == "one"
    (here / "f").write_text("and another")
    becomes((there / "f").read_text, "and another")
    os.truncate(here / "f", 3)
    becomes(lambda: (there / "f").stat().st_size, 3)
    becomes((there / "f").read_text, "and")
    os.chmod(here / "f", 0o600)
    becomes(lambda: (there / "f").stat().st_mode & 0o777, 0o600)
    os.rename(here / "f", here / "g")
    becomes((there / "g").exists, True)
    becomes((there / "f").exists, False)
    (here / "g").unlink()
    becomes((there / "g").exists, False)
    becomes(lambda: list(there.iterdir()), [])


def test_folders_are_seen_through_the_other_mount(here_and_there: tuple[Path, Path]) -> None:
    """Moved with all that is in them."""
    here, there = here_and_there
    (here / "d" / "e").mkdir(parents=True)
    (here / "d" / "e" / "f").write_text("text")
    becomes((there / "d" / "e" / "f").exists, True)
    os.rename(here / "d", here / "moved")
    becomes((there / "moved" / "e" / "f").exists, True)
    assert (there / "moved" / "e" / "f").read_text() == "text"
    becomes((there / "d").exists, False)


def test_who_has_the_file_open_goes_on_reading(here_and_there: tuple[Path, Path]) -> None:
    """Replacing it through the other mount takes nothing from him; who opens it anew reads the new."""
    here, there = here_and_there
    (there / "f").write_text("old text")
    with open(there / "f", "rb") as held:
        assert held.read(3) == b"old"
        (here / "new").write_text("new text")
        os.rename(here / "new", here / "f")
        becomes((there / "f").read_text, "new text")
        assert held.read() == b" text"


def test_a_root_that_was_moved_away_is_empty(folders: tuple[Path, Path]) -> None:
    """The kernel forgets what stood there, and what was not there before is there when it is back."""
    (below, name), above = (folders[0].parent, folders[0].name), folders[1].parent
    (below / name / "f").write_text("text")
    becomes((above / name / "f").exists, True)
    os.rename(below, below.parent / "away")
    becomes(lambda: os.listdir(above), [])
    becomes((above / name).exists, False)
    os.rename(below.parent / "away", below)
    becomes((above / name / "f").exists, True)
