"""`.versions` over WebDAV: the names and the bytes that a mount and Python have."""

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote, unquote

import pytest

import vfs
from tests.dav.asking import Client, asking
from vfs.engine import StorageManager, StorageNode


@pytest.fixture
def storage(tmp_path: Path) -> Iterator[StorageManager]:
    """Two mounts that keep versions: hidden in one, visible in the other."""
    mounts = {
        name: {"type": "memory", "layers": ["versioned"], "versions": shown}
        for name, shown in (
            ("hidden", {"show": "hidden", "delete": True}),
            ("visible", "visible"),
        )
    }
    with vfs.open({"mounts": mounts}) as opened:
        for name in mounts:
            for content in ("one\n", "two\n", "three\n"):
                opened.node(f"{name}:d/a b.txt").write_text(content)
                opened.node(f"{name}:d/gone").write_text(content)
            opened.node(f"{name}:d/gone").delete()
        yield opened


@pytest.fixture
def client(storage: StorageManager, tmp_path: Path) -> Iterator[Client]:
    with asking(storage, tmp_path) as made:
        yield made


def listed(client: Client, url: str) -> list[str]:
    """The names that a client is shown in a folder."""
    folder, *members = map(unquote, client.find(url, depth="1").hrefs)
    assert folder == unquote(url)
    return sorted(href.removeprefix(folder).rstrip("/") for href in members)


def versions(storage: StorageManager, path: str) -> list[StorageNode]:
    node = storage.node(path)
    found = (node.parent / ".versions" / node.name).children()
    return sorted((version for version in found if version.is_file()), key=lambda version: version.name)


def url_of(node: StorageNode) -> str:
    return quote(f"/{node.mount}/{node.path}")


def test_listings_show_them_where_they_are_visible(client: Client) -> None:
    """Hidden, they are there for who asks by name."""
    assert listed(client, "/hidden/d/") == ["a b.txt"]
    assert listed(client, "/visible/d/") == [".versions", "a b.txt"]
    for mount in ("hidden", "visible"):
        assert listed(client, f"/{mount}/d/.versions/") == ["a b.txt", "gone"]
        assert listed(client, f"/{mount}/d/.versions/@now/") == ["a b.txt"]


def test_names_and_bytes_are_those_of_python(client: Client, storage: StorageManager) -> None:
    """Of versions, whole and in part, of changes, and of the folder as it was."""
    found = versions(storage, "hidden:d/a b.txt")
    names = listed(client, "/hidden/d/.versions/a%20b.txt/")
    assert names == sorted([*(node.name for node in found), "changes"])
    assert [client.get(url_of(node)).body for node in found] == [b"one\n", b"two\n", b"three\n"]
    assert client.get(url_of(found[2]), Range="bytes=1-2").body == b"hr"
    told = client.find(url_of(found[0])).found(url_of(found[0]))
    assert told["getcontentlength"] == "4"
    for change in (found[0].parent / "changes").children():
        assert client.get(url_of(change)).body == change.read_bytes() != b""
    assert client.get("/hidden/d/.versions/@now/a%20b.txt").body == b"three\n"


def test_a_copy_restores_and_undeletes(client: Client, storage: StorageManager) -> None:
    """Over its own file, to the name of a deleted one, and elsewhere."""
    first = url_of(versions(storage, "hidden:d/a b.txt")[0])
    gone = url_of(versions(storage, "hidden:d/gone")[1])
    for source, target, content in (
        (first, "/hidden/d/a%20b.txt", b"one\n"),
        (gone, "/hidden/d/gone", b"two\n"),
        (first, "/visible/copy", b"one\n"),
    ):
        reply = client.ask("COPY", source, headers={"Destination": f"http://test{target}"})
        assert reply.status in {201, 204}
        assert client.get(target).body == content
    assert len(versions(storage, "hidden:d/a b.txt")) == 4


def test_what_was_cannot_be_changed(client: Client, storage: StorageManager) -> None:
    """Every act is 403, but for the delete of an old version where the mount allows that."""
    for mount in ("hidden", "visible"):
        version = url_of(versions(storage, f"{mount}:d/a b.txt")[0])
        onto = {"Destination": f"http://test{version}"}
        for method, url, headers in (
            ("PUT", version, {}),
            ("PUT", f"/{mount}/d/.versions/new", {}),
            ("MKCOL", f"/{mount}/d/.versions/folder", {}),
            ("COPY", f"/{mount}/d/a%20b.txt", onto),
        ):
            assert client.ask(method, url, b"", headers).status in {403, 405}, (method, url)
        assert len(versions(storage, f"{mount}:d/a b.txt")) == 3
    for folder in ("/visible/d/.versions/", "/visible/d/.versions/a%20b.txt/"):
        assert client.ask("DELETE", folder).status in {207, 403}
        assert len(versions(storage, "visible:d/a b.txt")) == 3
    moved = {"Destination": "http://test/hidden/moved"}
    assert client.ask("MOVE", url_of(versions(storage, "visible:d/a b.txt")[0]), headers=moved).status == 403
    assert client.ask("DELETE", url_of(versions(storage, "visible:d/a b.txt")[0])).status == 403
    assert client.ask("DELETE", url_of(versions(storage, "hidden:d/a b.txt")[0])).status == 204
    assert len(versions(storage, "hidden:d/a b.txt")) == 2


def test_copies_and_deletes_of_folders_leave_them_out(client: Client, storage: StorageManager) -> None:
    """A folder is copied as it is now, and goes, though there are versions of what was in it."""
    for mount in ("hidden", "visible"):
        target = {"Destination": f"http://test/{mount}/copy/"}
        assert client.ask("COPY", f"/{mount}/d/", headers=target).status == 201
        assert [node.name for node in storage.node(f"{mount}:copy").children()] == ["a b.txt"]
        assert client.ask("DELETE", f"/{mount}/d/").status == 204
        assert not storage.node(f"{mount}:d").exists()
        assert listed(client, f"/{mount}/d/.versions/") == ["a b.txt", "gone"]


def test_a_deleted_folder_is_browsed_to(client: Client, storage: StorageManager) -> None:
    """By the names that listings show, the same as in Python; a copy out of it brings a file back."""
    assert client.ask("DELETE", "/visible/d/").status == 204
    place = "/visible/.versions/"
    for name in ("@deleted-d", "a b.txt"):
        assert name in listed(client, place)
        place = f"{place}{quote(name)}/"
    found = versions(storage, "visible:d/a b.txt")
    assert listed(client, place) == sorted([*(node.name for node in found), "changes"])
    reply = client.ask(
        "COPY", f"{place}{quote(found[1].name)}", headers={"Destination": "http://test/visible/back"}
    )
    assert reply.status == 201
    assert client.get("/visible/back").body == b"two\n"
