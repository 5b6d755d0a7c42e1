"""Ways that lead into a mount point are told without a look at what lies there."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from vfs.mount_checks import leads_into


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
