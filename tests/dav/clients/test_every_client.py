"""Every client: files up, down, renamed, moved, locked and deleted, under every name and of every size."""

import http.client
import os
import secrets
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

import vfs
from tests.contracts.mountpoint_names import ODD_NAMES as NAMES_OF_MOUNTS
from tests.dav.clients import drive as drives
from tests.dav.clients.drive import Drive
from tests.dav.clients.drivers.driver import Driver, Lists, Locks, lines
from tests.dav.clients.drivers.kinds import KINDS
from tests.mounts.waiting import wait_until

ODD_NAMES = list(dict.fromkeys([*NAMES_OF_MOUNTS.values(), *drives.ODD_NAMES]))
MANY = 2000
REQUESTS_OF_A_LISTING = 8
SECONDS_TO_SEND = 120
"""davfs2 sends what was written in its own time."""


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Drive]:
    """One drive for all of them, with a folder of many files."""
    folder = tmp_path_factory.mktemp("drive")
    with drives.drive(folder) as served:
        many = folder / "files" / "many"
        many.mkdir()
        for number in range(MANY):
            (many / f"{number:04}").write_bytes(b"x" * number)
        yield served


@pytest.fixture(scope="module", params=KINDS)
def client(
    request: pytest.FixtureRequest, served: Drive, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Driver]:
    """One client at a time."""
    if request.param == "davfs2" and os.getuid() != 0:
        pytest.skip("davfs2 mounts for root")
    home = tmp_path_factory.mktemp("home")
    with KINDS[request.param](served, home) as driver:
        yield driver


@pytest.fixture
def box(served: Drive, client: Driver) -> Iterator[str]:
    """An empty folder that the client made; gone afterwards."""
    # A new name each time: some remember names that went away elsewhere.
    folder = f"files/box-{secrets.token_hex(3)}"
    client.make_folder(folder)
    yield folder
    folder_of(served, folder).delete(recursive=True)


def folder_of(served: Drive, path: str) -> vfs.StorageNode:
    """The same in the storage."""
    return served.storage.node(path.replace("/", ":", 1))


def held(served: Drive, folder: str) -> dict[str, str]:
    """The names and contents of a folder's files, as the storage has them."""
    return {node.name: node.read_text() for node in folder_of(served, folder).children() if node.is_file()}


def wait_until_held(served: Drive, folder: str, expected: dict[str, str]) -> None:
    """At once but for davfs2, which sends what was written in its own time."""
    try:
        wait_until(lambda: held(served, folder) == expected, SECONDS_TO_SEND, "what was sent")
    except AssertionError:
        assert held(served, folder) == expected
        raise


def written(folder: Path, names: Sequence[str]) -> dict[str, str]:
    """Files in a new local folder, each with a content of its own, one of them without any."""
    folder.mkdir()
    contents = {name: f"{number} {name}" if number else "" for number, name in enumerate(names)}
    for name, content in contents.items():
        (folder / name).write_text(content, newline="")
    return contents


def test_names_of_every_kind(served: Drive, client: Driver, box: str, tmp_path: Path) -> None:
    """Up, listed, down again, into another folder and deleted: whatever files are called."""
    names = [name for name in ODD_NAMES if is_possible(client, name)]
    contents = written(tmp_path / "up", names)
    client.upload(tmp_path / "up", names, box)
    wait_until_held(served, box, contents)
    if isinstance(client, Lists):
        assert client.listing(box) == lines("\n".join(names))
    (tmp_path / "down").mkdir()
    client.download(box, names, tmp_path / "down")
    assert {path.name: path.read_text() for path in (tmp_path / "down").iterdir()} == contents
    other = f"{box}-other"
    client.make_folder(other)
    client.move(box, names, other)
    assert held(served, box) == {}
    assert held(served, other) == contents
    client.delete(other, names)
    assert held(served, other) == {}
    folder_of(served, other).delete(recursive=True)


def is_possible(client: Driver, name: str) -> bool:
    return not set(client.unsendable) & set(name) and len(name.encode()) <= client.longest_name


def test_renamed_and_written_anew(served: Drive, client: Driver, box: str, tmp_path: Path) -> None:
    """A file gets another name, and its old name another content."""
    first, second = written(tmp_path / "first", ["note"]), {"note": "changed"}
    client.upload(tmp_path / "first", ["note"], box)
    wait_until_held(served, box, first)
    client.rename(box, "note", "100% [new] #1?")
    assert held(served, box) == {"100% [new] #1?": first["note"]}
    (tmp_path / "first" / "note").write_text("changed")
    client.upload(tmp_path / "first", ["note"], box)
    wait_until_held(served, box, {"100% [new] #1?": first["note"], **second})


def test_moved_to_another_mount(served: Drive, client: Driver, box: str, tmp_path: Path) -> None:
    """All mounts are one drive to a client."""
    contents = written(tmp_path / "up", ["one", "two"])
    client.upload(tmp_path / "up", list(contents), box)
    wait_until_held(served, box, contents)
    other = box.replace("files/", "Memory/")
    client.make_folder(other)
    client.move(box, list(contents), other)
    assert (held(served, box), held(served, other)) == ({}, contents)
    folder_of(served, other).delete(recursive=True)


def test_a_locked_file_is_nobody_elses(served: Drive, client: Driver, box: str, tmp_path: Path) -> None:
    """Others can read it and cannot change it, until it is unlocked."""
    if not isinstance(client, Locks):
        pytest.skip("this client has no locks")
    written(tmp_path / "up", ["other", "note"])
    client.upload(tmp_path / "up", ["other", "note"], box)
    wait_until(lambda: "note" in held(served, box), SECONDS_TO_SEND, "what was sent")
    wait_until(lambda: _status(served, "PUT", box) != 423, SECONDS_TO_SEND, "the end of davfs2's own lock")
    with client.locked(box, "note"):
        assert _status(served, "PUT", box) == 423
        assert _status(served, "DELETE", box) == 423
        assert _status(served, "GET", box) == 200
    wait_until(lambda: _status(served, "PUT", box) == 204, SECONDS_TO_SEND, "the end of the lock")


def _status(served: Drive, method: str, folder: str) -> int:
    """What somebody else is answered who asks for the note in a folder."""
    connection = http.client.HTTPConnection(served.address, timeout=60)
    connection.request(method, f"/{folder}/note", b"another's" if method == "PUT" else b"")
    status = connection.getresponse().status
    connection.close()
    return status


def test_two_thousand_files(served: Drive, client: Driver, tmp_path: Path) -> None:
    """Listed by a handful of requests, whatever their number; or one found among them."""
    before = len(served.requests())
    if isinstance(client, Lists):
        assert client.listing("files/many") == {f"{number:04}" for number in range(MANY)}
    else:
        client.download("files/many", ["1999"], tmp_path)
        assert (tmp_path / "1999").stat().st_size == 1999
    assert len(served.requests()) - before <= REQUESTS_OF_A_LISTING


@pytest.mark.slow
def test_a_big_file(served: Drive, client: Driver, box: str, tmp_path: Path) -> None:
    """A GiB, whole both ways; less where the client itself cannot do with so much."""
    size = client.largest_file
    for name in ("up", "down"):
        (tmp_path / name).mkdir()
    with (tmp_path / "up" / "big").open("wb") as big:
        for offset in range(0, size, size // 16):
            big.seek(offset)
            big.write(b"at %d" % offset)
        big.truncate(size)
    client.upload(tmp_path / "up", ["big"], box)
    arrived = folder_of(served, box) / "big"
    wait_until(lambda: arrived.exists() and arrived.size() == size, SECONDS_TO_SEND, "what was sent")
    client.download(box, ["big"], tmp_path / "down")
    subprocess.run(["cmp", tmp_path / "up" / "big", tmp_path / "down" / "big"], check=True)
    client.delete(box, ["big"])
    assert held(served, box) == {}
    for name in ("up", "down"):
        os.unlink(tmp_path / name / "big")
