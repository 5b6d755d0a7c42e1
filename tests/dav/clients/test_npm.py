"""The client library of npm: streams, ranges, what is not overwritten, folders, locks, quota."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.dav.clients.drive import Drive, drive
from tests.dav.clients.drivers.npm import Npm, RefusedByServer, npm


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Drive]:
    with drive(tmp_path_factory.mktemp("drive")) as served:
        yield served


@pytest.fixture(scope="module")
def client(served: Drive) -> Iterator[Npm]:
    with npm(served.url) as client:
        yield client


def test_streams_and_ranges(served: Drive, client: Npm, tmp_path: Path) -> None:
    """A stream of unknown length goes up, parts of it come down."""
    data = bytes(range(256)) * 4096
    (tmp_path / "up").write_bytes(data)
    client.ask("stream", "/Memory/file", f"{tmp_path}/up")
    assert served.storage.node("Memory:file").read_bytes() == data
    for first, last in [(0, 0), (1000, 500_000), (len(data) - 5, len(data) + 100)]:
        client.ask("download", "/Memory/file", f"{tmp_path}/down", {"start": first, "end": last})
        assert (tmp_path / "down").read_bytes() == data[first : last + 1]
    client.ask("download", "/Memory/file", f"{tmp_path}/down", {"start": len(data) - 7})
    assert (tmp_path / "down").read_bytes() == data[-7:]


def test_overwriting_is_asked_for(served: Drive, client: Npm) -> None:
    """Neither an upload, nor a copy or a move, takes the place of a file that it must not."""
    for name in ("first", "second"):
        assert client.ask("put", f"/files/{name}", name, {"overwrite": False}) is True
    assert client.ask("put", "/files/second", "not this", {"overwrite": False}) is False
    for act in ("copy", "move"):
        with pytest.raises(RefusedByServer) as refused:
            client.ask(act, "/files/first", "/files/second", {"overwrite": False})
        assert refused.value.status == 412
    assert served.text("files:second") == "second"
    client.ask("copy", "/files/first", "/files/second")
    assert served.text("files:second") == client.ask("get", "/files/first") == "first"


def test_folders(served: Drive, client: Npm) -> None:
    """Made with those above, listed one at a time, copied with and without what is in them."""
    client.ask("make", "/files/a/b", {"recursive": True})
    client.ask("put", "/files/a/b/note", "a note")
    client.ask("put", "/files/a/top", "")
    assert client.ask("list", "/files/a") == [["/files/a/b", "directory", 0], ["/files/a/top", "file", 0]]
    with pytest.raises(RefusedByServer) as refused:
        client.ask("list", "/files/a", {"deep": True})
    assert refused.value.status == 403
    client.ask("copy", "/files/a", "/Memory/whole")
    assert served.text("Memory:whole/b/note") == "a note"
    client.ask("copy", "/files/a", "/Memory/shallow", {"shallow": True})
    assert served.storage.node("Memory:shallow").children() == []
    client.ask("remove", "/files/a")
    assert client.ask("exists", "/files/a") is False


def test_locks(client: Npm) -> None:
    """It unlocks with a token without brackets, and once."""
    client.ask("put", "/files/note", "a note")
    told = client.ask("lock", "/files/note")
    assert told["token"].startswith("opaquelocktoken:")
    with pytest.raises(RefusedByServer) as refused:
        client.ask("put", "/files/note", "changed")
    assert refused.value.status == 423
    client.ask("unlock", "/files/note", told["token"])
    assert client.ask("put", "/files/note", "changed") is True
    with pytest.raises(RefusedByServer) as gone:
        client.ask("unlock", "/files/note", told["token"])
    assert gone.value.status == 409


def test_what_is_told_of_a_file_and_of_the_drive(client: Npm) -> None:
    """Size and ETag; it asks for room at the root of the drive alone, which is of no one size."""
    client.ask("put", "/files/page.html", "<p>")
    told = client.ask("stat", "/files/page.html")
    assert (told["size"], told["type"]) == (3, "file")
    assert told["etag"]
    assert client.ask("quota") is None
