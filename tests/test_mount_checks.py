"""What must be so before mounts are served: ways into the mount point are told, and every store is asked."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

import vfs
from tests.servers.ports import free_ports
from vfs.engine.errors import BackendUnavailable
from vfs.mount_checks import check_health, leads_into


@pytest.fixture
def place(tmp_path: Path) -> Path:
    (tmp_path / "mnt").mkdir()
    (tmp_path / "other").mkdir()
    return Path(os.path.realpath(tmp_path))


def link(place: Path, name: str, target: str) -> str:
    (place / name).symlink_to(target)
    return os.fspath(place / name / "x")


@pytest.mark.parametrize(
    ("path", "inside"),
    [
        (lambda place: f"{place}/mnt", True),
        (lambda place: f"{place}/mnt/a/b", True),
        (lambda place: f"{place}/mnt-state", False),
        (lambda place: f"{place}", False),
        (lambda place: f"{place}/other/../mnt/a", True),
        (lambda place: link(place, "l", "mnt"), True),
        (lambda place: link(place, "l", "other/../mnt/"), True),
        (lambda place: link(place, "l", f"{place}/mnt/deep"), True),
        (lambda place: link(place, "l", "other"), False),
        (lambda place: link(place, "loop", "loop"), False),
    ],
)
def test_way_into_a_folder(place: Path, path: Callable[[Path], str], inside: bool) -> None:
    """Whether written plainly or by symlinks, relative or absolute; a loop of them leads nowhere."""
    assert leads_into(path(place), os.fspath(place / "mnt")) is inside


def test_folder_itself_is_not_looked_at(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The daemon that serves it would wait for its own answer."""
    asked: list[str] = []
    readlink = os.readlink
    monkeypatch.setattr(os, "readlink", lambda path: asked.append(path) or readlink(path))
    assert leads_into(f"{place}/mnt/a", os.fspath(place / "mnt"))
    assert asked
    assert not any(path.startswith(f"{place}/mnt") for path in asked)


def opened(**mirror: object) -> vfs.StorageManager:
    """A storage in memory, one whose server is gone, and, if it is asked for, a mirror of both."""
    gone = {"type": "http", "url": f"http://127.0.0.1:{free_ports(1)[0]}/", "retries": 0}
    mounts: dict[str, object] = {"here": {"type": "memory"}, "away": gone}
    if mirror:
        mounts["safe"] = {"type": "mirror", "mounts": ["here", "away"], **mirror}
    return vfs.open({"mounts": mounts})


def check(storage: vfs.StorageManager) -> None:
    check_health({name: storage.tree(name) for name in storage.mount_names()})


def test_member_that_is_away_is_borne_where_its_mirror_answers(caplog: pytest.LogCaptureFixture) -> None:
    """One server that is down keeps nobody from what a mirror has elsewhere; the log names the mount."""
    with opened(min_success=1) as storage:
        check(storage)
    assert any("away" in message and "a mirror has the same" in message for message in caplog.messages)


def test_storage_that_is_away_is_refused_without_a_mirror_that_answers() -> None:
    """Nothing else has its files; or the mirror cannot do without it."""
    with opened() as storage, pytest.raises(BackendUnavailable, match="away"):
        check(storage)
    with opened(min_success=2) as storage, pytest.raises(BackendUnavailable, match="too few members"):
        check(storage)
