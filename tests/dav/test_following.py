"""Locks and properties of what is removed or renamed by others than WebDAV."""

import threading
from pathlib import Path

import pytest

from tests.dav.asking import Client, asking
from vfs.engine import StorageManager

COLOUR = '<D:prop xmlns:x="urn:x"><x:colour/></D:prop>'


def paint(client: Client, url: str, colour: str = "red") -> None:
    body = (
        '<D:propertyupdate xmlns:D="DAV:"><D:set><D:prop>'
        f'<x:colour xmlns:x="urn:x">{colour}</x:colour></D:prop></D:set></D:propertyupdate>'
    )
    assert client.ask("PROPPATCH", url, body.encode()).status == 207


def colour(client: Client, url: str) -> str | None:
    return client.find(url, COLOUR).found(url).get("colour")


def lock(client: Client, url: str) -> str:
    body = (
        '<D:lockinfo xmlns:D="DAV:"><D:lockscope><D:exclusive/></D:lockscope>'
        "<D:locktype><D:write/></D:locktype></D:lockinfo>"
    )
    reply = client.ask("LOCK", url, body.encode())
    assert reply.status in {200, 201}
    return reply.headers["lock-token"]


def test_a_file_removed_elsewhere_leaves_nothing_behind(
    storage: StorageManager, client: Client, mount: str
) -> None:
    """A new file of that name has no old properties, and nobody's lock; what is beside keeps its own."""
    for name in ("a", "ab"):
        assert client.put(f"/{mount}/{name}", b"x").status == 201
        paint(client, f"/{mount}/{name}")
    lock(client, f"/{mount}/a")
    node = storage.node(f"{mount}:a")
    node.delete()
    node.write_text("another")
    assert client.put(f"/{mount}/a", b"mine").status == 204
    assert colour(client, f"/{mount}/a") is None
    assert colour(client, f"/{mount}/ab") == "red"


def test_a_folder_removed_elsewhere_takes_all_below_it_along(
    storage: StorageManager, client: Client, mount: str
) -> None:
    """Properties and locks, however deep."""
    storage.node(f"{mount}:f/g/a").write_text("x")
    paint(client, f"/{mount}/f/g/a")
    lock(client, f"/{mount}/f/g/a")
    storage.node(f"{mount}:f").delete(recursive=True)
    storage.node(f"{mount}:f/g/a").write_text("y")
    assert colour(client, f"/{mount}/f/g/a") is None
    assert client.ask("DELETE", f"/{mount}/f/").status == 204


def test_properties_follow_a_rename_and_locks_end(
    storage: StorageManager, client: Client, mount: str
) -> None:
    """As with MOVE: a file that is replaced loses its own, and a folder takes those of its files along."""
    for name in ("f/a", "b"):
        storage.node(f"{mount}:{name}").write_text(name)
    paint(client, f"/{mount}/f/a", "red")
    paint(client, f"/{mount}/b", "blue")
    lock(client, f"/{mount}/f/a")
    storage.tree(mount).rename("f", "g")
    assert colour(client, f"/{mount}/g/a") == "red"
    storage.tree(mount).rename("g/a", "b")
    assert colour(client, f"/{mount}/b") == "red"
    storage.node(f"{mount}:f/a").write_text("new")
    assert colour(client, f"/{mount}/f/a") is None
    assert client.put(f"/{mount}/f/a", b"mine").status == 204


def test_a_file_moved_into_another_mount_is_a_new_one(
    storage: StorageManager, client: Client, mount: str
) -> None:
    """Its properties are gone, there and where it was."""
    storage.node(f"{mount}:a").write_text("x")
    paint(client, f"/{mount}/a")
    (other,) = {"Memory", "local"} - {mount}
    storage.node(f"{mount}:a").move_to(f"{other}:a")
    assert colour(client, f"/{other}/a") is None
    storage.node(f"{other}:a").move_to(f"{mount}:a")
    assert colour(client, f"/{mount}/a") is None


def test_a_file_that_is_written_elsewhere_keeps_both(
    storage: StorageManager, client: Client, mount: str
) -> None:
    """Other content is no other file; and who holds a lock still holds it."""
    client.put(f"/{mount}/a", b"x")
    paint(client, f"/{mount}/a")
    token = lock(client, f"/{mount}/a")
    storage.node(f"{mount}:a").write_text("changed")
    assert colour(client, f"/{mount}/a") == "red"
    assert client.put(f"/{mount}/a", b"y").status == 423
    assert client.put(f"/{mount}/a", b"y", If=f"({token})").status == 204


def test_webdav_s_own_moves_are_left_to_it(storage: StorageManager, client: Client, mount: str) -> None:
    """Also into another mount, which deletes what was copied."""
    other = "local" if mount == "Memory" else "Memory"
    client.put(f"/{mount}/a", b"x")
    paint(client, f"/{mount}/a")
    for source, target in ((f"/{mount}/a", f"/{mount}/b"), (f"/{mount}/b", f"/{other}/c")):
        assert client.ask("MOVE", source, headers={"Destination": f"http://test{target}"}).status == 201
        assert colour(client, target) == "red"


def test_nobody_s_change_waits_for_locks(storage: StorageManager, client: Client, mount: str) -> None:
    """While a process is at the properties for long, files are removed; who asks for them waits."""
    client.put(f"/{mount}/a", b"x")
    paint(client, f"/{mount}/a")
    node = storage.node(f"{mount}:a")
    with client.application._properties._database.alone():
        removing = threading.Thread(target=node.delete)
        removing.start()
        removing.join(60)
        assert not removing.is_alive()
    node.write_text("another")
    assert colour(client, f"/{mount}/a") is None


def test_what_cannot_be_forgotten_now_is_logged(
    storage: StorageManager, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """The file is removed all the same."""
    with asking(storage, tmp_path) as client:
        client.put("/Memory/a", b"x")
        paint(client, "/Memory/a")
        client.application._properties.close()
        storage.node("Memory:a").delete()
        client.application._follower.catch_up()
    assert "locks and properties of /Memory/a may have stayed" in caplog.text


def test_what_another_process_removed_is_forgotten_when_its_folder_is_listed(
    storage: StorageManager, client: Client, tmp_path: Path
) -> None:
    """Another machine, or anybody while nothing was served; what is there keeps its own, hidden or not."""
    for name in ("gone", "here", "link"):
        client.put(f"/local/{name}", b"x")
        paint(client, f"/local/{name}")
    paint(client, "/local/")
    (tmp_path / "local" / "gone").unlink()
    (tmp_path / "local" / "link").unlink()
    (tmp_path / "local" / "link").symlink_to("here")
    assert client.find("/local/", COLOUR, depth="1").hrefs == ["/local/", "/local/here"]
    (tmp_path / "local" / "gone").write_text("another")
    (tmp_path / "local" / "link").unlink()
    (tmp_path / "local" / "link").write_text("once more a file")
    assert colour(client, "/local/gone") is None
    assert [colour(client, f"/local/{name}") for name in ("", "here", "link")] == ["red"] * 3


def test_what_was_removed_is_asked_about_a_few_at_a_time(
    storage: StorageManager, client: Client, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Many that went cost no listing more than sixteen questions; the next listings see to the others."""
    names = [f"f{number}" for number in range(20)]
    for name in names:
        client.put(f"/local/{name}", b"x")
        paint(client, f"/local/{name}")
        (tmp_path / "local" / name).unlink()
    tree, asked = storage.tree("local"), []
    stat = tree.stat
    monkeypatch.setattr(tree, "stat", lambda key: [asked.append(key), stat(key)][1])
    for total in (16, 20, 20):
        assert client.find("/local/", COLOUR, depth="1").hrefs == ["/local/"]
        assert len({key for key in asked if key}) == total
    assert sorted(key for key in asked if key) == sorted(names)


def test_a_file_that_came_during_the_listing_keeps_its_properties(
    storage: StorageManager, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is in no listing that began before, and it is there all the same."""
    tree = storage.tree("Memory")
    storage.node("Memory:a").write_text("x")
    listed = list(tree.list(""))
    client.put("/Memory/new", b"x")
    paint(client, "/Memory/new")
    monkeypatch.setattr(tree, "list", lambda key: iter(listed))
    assert client.find("/Memory/", COLOUR, depth="1").hrefs == ["/Memory/", "/Memory/a"]
    assert colour(client, "/Memory/new") == "red"
