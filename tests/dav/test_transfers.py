"""COPY, MOVE and DELETE, of files and trees, within mounts and between them."""

from itertools import islice
from pathlib import Path
from typing import Any

import pytest

from tests.dav.asking import Client, Reply, asking
from vfs.engine import Buffer, PermissionDenied, StorageManager
from vfs.engine.backends.memory import MemoryBackend

PATCH = (
    b'<D:propertyupdate xmlns:D="DAV:"><D:set><D:prop><c xmlns="urn:x">red</c></D:prop></D:set>'
    b"</D:propertyupdate>"
)
LOCK = (
    b'<D:lockinfo xmlns:D="DAV:"><D:lockscope><D:exclusive/></D:lockscope><D:locktype><D:write/>'
    b"</D:locktype></D:lockinfo>"
)


def send(client: Client, method: str, source: str, target: str, **headers: str) -> Reply:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return client.ask(method, source, headers={"Destination": target, **named})


@pytest.fixture
def tree(storage: StorageManager, mount: str) -> str:
    """A folder with a file, an empty folder and a folder with a file."""
    storage.node(f"{mount}:tree/a").write_bytes(b"a")
    storage.node(f"{mount}:tree/sub/b").write_bytes(b"b")
    storage.node(f"{mount}:tree/empty").mkdir()
    return f"/{mount}/tree"


def below(storage: StorageManager, place: str) -> dict[str, bytes | None]:
    top = storage.node(place)
    return {
        f"{folder.path[len(top.path) :].strip('/')}/{name}".strip("/"): None
        if name in folders
        else (folder / name).read_bytes()
        for folder, folders, others in top.walk()
        for name in folders + others
    }


WHOLE = {"a": b"a", "sub": None, "sub/b": b"b", "empty": None}


@pytest.mark.parametrize("there", ["Memory", "local"])
@pytest.mark.parametrize("method", ["COPY", "MOVE"])
def test_a_tree_goes_anywhere(
    client: Client, storage: StorageManager, mount: str, tree: str, there: str, method: str
) -> None:
    """Into any mount, onto nothing (201) and onto another tree (204), of which nothing is left."""
    assert client.ask("PROPPATCH", f"{tree}/sub/b", PATCH).status == 207
    assert send(client, method, tree, f"http://test/{there}/new").status == 201
    assert below(storage, f"{there}:new") == WHOLE
    assert storage.node(f"{mount}:tree").exists() is (method == "COPY")
    assert client.find(f"/{there}/new/sub/b").found(f"/{there}/new/sub/b")["c"] == "red"
    storage.node(f"{there}:old/other").write_bytes(b"1")
    assert send(client, method, f"/{there}/new", f"/{there}/old", Overwrite="F").status == 412
    assert send(client, method, f"/{there}/new", f"/{there}/old").status == 204
    assert below(storage, f"{there}:old") == WHOLE


@pytest.mark.parametrize("method", ["COPY", "MOVE"])
def test_a_file_replaces_a_folder_and_a_folder_a_file(
    client: Client, storage: StorageManager, mount: str, tree: str, method: str
) -> None:
    """Overwrite is for whatever stands there."""
    storage.node(f"{mount}:file").write_bytes(b"1")
    assert send(client, method, f"{tree}/a", f"{tree}/sub").status == 204
    assert storage.node(f"{mount}:tree/sub").read_bytes() == b"a"
    assert send(client, method, f"{tree}/empty", f"/{mount}/file").status == 204
    assert storage.node(f"{mount}:file").is_dir()


@pytest.mark.parametrize("times", [1, 1000])
def test_a_file_that_is_replaced_while_it_is_copied_is_copied_as_it_is_now_regression(
    client: Client, storage: StorageManager, monkeypatch: pytest.MonkeyPatch, times: int
) -> None:
    """However big; one that is replaced all the time is given up, and what stood at the target stays."""
    backend = storage.tree("Memory").backend
    backend.write("f", b"0" * (9 << 20))
    storage.node("local:g").write_bytes(b"old")
    left = iter(range(times))

    def read(*where: Any, **how: Any) -> Buffer:
        for _ in islice(left, 1):
            backend.write("f", b"1" * (9 << 20))
        return given(*where, **how)

    given = backend.read
    monkeypatch.setattr(backend, "read", read)
    status = send(client, "COPY", "/Memory/f", "/local/g").status
    content = storage.node("local:g").read_bytes()
    assert (status, content) == ((204, b"1" * (9 << 20)) if times == 1 else (412, b"old"))
    assert len(list(left)) > times - 50


def test_a_folder_without_what_is_in_it(
    client: Client, storage: StorageManager, mount: str, tree: str
) -> None:
    """COPY of Depth 0 onto another folder leaves nothing of what was there (the newest litmus asks)."""
    storage.node(f"{mount}:old/member").write_bytes(b"1")
    assert send(client, "COPY", tree, f"/{mount}/old", Depth="0").status == 204
    assert below(storage, f"{mount}:old") == {}
    assert send(client, "COPY", tree, f"/{mount}/new", Depth="0").status == 201
    assert below(storage, f"{mount}:new") == {}
    assert send(client, "COPY", tree, f"/{mount}/new", Depth="1").status == 400
    assert send(client, "MOVE", tree, f"/{mount}/new", Depth="0").status == 400


@pytest.mark.parametrize(
    ("destination", "headers", "status"),
    [
        ("", {}, 400),
        ("http://other/Memory/x", {}, 502),
        ("http://test:80/Memory/x", {}, 201),
        ("HTTP://TEST/Memory/x", {}, 201),
        ("https://test/Memory/x", {}, 201),
        ("https://outside/Memory/x", {"X_Forwarded_Host": "outside"}, 201),
        ("/Memory/x", {}, 201),
        ("/Memory/x/", {}, 201),
        ("/Memory/none/x", {}, 409),
        ("/Memory/f/x", {}, 403),
        ("/Memory/f", {}, 403),
        ("/Memory/../x", {}, 400),
        ("/", {}, 403),
        ("/x", {}, 403),
        ("/none/x", {}, 409),
        ("/Memory/x", {"Overwrite": "maybe"}, 400),
        ("/Memory/F", {}, 201),
    ],
)
@pytest.mark.parametrize("method", ["COPY", "MOVE"])
def test_destinations(
    client: Client,
    storage: StorageManager,
    method: str,
    destination: str,
    headers: dict[str, str],
    status: int,
) -> None:
    """Whole URLs and paths, of this server by all its names, also where a proxy ends TLS; case counts."""
    storage.node("Memory:f").write_bytes(b"1")
    assert send(client, method, "/Memory/f", destination, **headers).status == status
    if status == 201:
        place = storage.node(f"Memory:{destination.rstrip('/').rpartition('/')[2]}")
        assert place.read_bytes() == b"1"


def test_below_a_path_of_a_bigger_site(storage: StorageManager, tmp_path: Path) -> None:
    """URLs told and taken have the base path; a Destination elsewhere is another server's."""
    storage.node("Memory:f").write_bytes(b"1")
    with asking(storage, tmp_path, base_path="/dav") as client:
        assert client.find("/", depth="1").hrefs == ["/dav/", "/dav/Memory/", "/dav/local/"]
        assert send(client, "MOVE", "/Memory/f", "http://test/dav/Memory/g").status == 201
        assert send(client, "MOVE", "/Memory/g", "http://test/Memory/h").status == 502
        assert client.get("/Memory").headers["location"] == "/dav/Memory/"


@pytest.mark.parametrize("method", ["COPY", "MOVE"])
def test_nothing_goes_into_itself(client: Client, storage: StorageManager, tree: str, method: str) -> None:
    """Nor onto itself, nor onto the folder that holds it; and mounts stay where they are."""
    for target in (tree, f"{tree}/sub/new", tree.rpartition("/")[0]):
        assert send(client, method, tree, target).status == 403
    assert send(client, method, f"{tree}/sub", tree).status == 403
    assert send(client, "MOVE", "/Memory", "/local/new").status == 403
    assert client.ask("DELETE", "/Memory").status == 403
    assert client.ask("DELETE", "/").status == 403
    assert client.ask("MKCOL", "/new").status == 403


def test_locks_stand_in_the_way(client: Client, storage: StorageManager, mount: str, tree: str) -> None:
    """Of a tree with a locked member nothing goes, and the answer names the member; its token opens it."""
    token = client.ask("LOCK", f"{tree}/sub/b", LOCK, {"Depth": "0"}).headers["lock-token"]
    for reply in (client.ask("DELETE", tree), send(client, "MOVE", tree, f"/{mount}/new")):
        assert reply.status == 207
        assert reply.hrefs == [f"{tree}/sub/b"]
        assert b"423 Locked" in reply.body
    assert below(storage, f"{mount}:tree") == WHOLE
    assert send(client, "COPY", tree, f"/{mount}/new").status == 201
    assert send(client, "COPY", f"/{mount}/new/a", f"{tree}/sub/b").status == 423
    assert client.put(f"{tree}/sub/b", b"2").status == 423
    freed = client.ask("DELETE", tree, headers={"If": f"<http://test{tree}/sub/b> ({token})"})
    assert freed.status == 204
    assert client.ask("LOCK", f"/{mount}/new/sub/b", LOCK, {"Depth": "0"}).status == 200


def test_a_program_saves_by_a_move_over_the_file_that_it_holds(client: Client, mount: str) -> None:
    """The lock stays where it is, on the new content, and only who has its token can do that."""
    client.put(f"/{mount}/report.doc", b"old")
    client.put(f"/{mount}/~tmp", b"new")
    token = client.ask("LOCK", f"/{mount}/report.doc", LOCK, {"Depth": "0"}).headers["lock-token"]
    assert send(client, "MOVE", f"/{mount}/~tmp", f"/{mount}/report.doc").status == 423
    held = f"<http://test/{mount}/report.doc> ({token})"
    assert send(client, "MOVE", f"/{mount}/~tmp", f"/{mount}/report.doc", If=held).status == 204
    assert client.put(f"/{mount}/report.doc", b"2").status == 423
    assert client.put(f"/{mount}/report.doc", b"2", If=f"({token})").status == 204
    assert client.ask("UNLOCK", f"/{mount}/report.doc", headers={"Lock-Token": token}).status == 204


def test_folders_are_made_on_conditions_too(client: Client, mount: str) -> None:
    """MKCOL heeds If, and If-Match of what is not there."""
    for header, value in (("If", "(<opaquelocktoken:none>)"), ("If-Match", "*")):
        assert client.ask("MKCOL", f"/{mount}/new", headers={header: value}).status == 412
    assert client.ask("MKCOL", f"/{mount}/new", headers={"If-None-Match": "*"}).status == 201


def test_a_lock_makes_a_file_where_none_is(client: Client, storage: StorageManager, mount: str) -> None:
    """201 and an empty file; below somebody's deep lock, 423 and none."""
    assert client.ask("LOCK", f"/{mount}/new", LOCK, {"Depth": "0"}).status == 201
    assert storage.node(f"{mount}:new").read_bytes() == b""
    storage.node(f"{mount}:folder").mkdir()
    assert client.ask("LOCK", f"/{mount}/folder", LOCK, {"Depth": "infinity"}).status == 200
    assert client.ask("LOCK", f"/{mount}/folder/new", LOCK, {"Depth": "0"}).status == 423
    assert not storage.node(f"{mount}:folder/new").exists()


def test_new_files_have_no_old_properties(client: Client, mount: str) -> None:
    """What is deleted takes its properties with it, and so does what is replaced by a move."""
    client.put(f"/{mount}/f", b"1")
    client.ask("PROPPATCH", f"/{mount}/f", PATCH)
    assert client.find(f"/{mount}/f").found(f"/{mount}/f")["c"] == "red"
    client.ask("DELETE", f"/{mount}/f")
    client.put(f"/{mount}/f", b"1")
    assert "c" not in client.find(f"/{mount}/f").found(f"/{mount}/f")


@pytest.fixture
def stuck(monkeypatch: pytest.MonkeyPatch) -> None:
    """A storage in memory that neither gives away nor lets go of files called `b`."""
    delete, read = MemoryBackend.delete, MemoryBackend.read

    def no_delete(self: MemoryBackend, key: str, **more: Any) -> None:
        if key.endswith("/b"):
            raise PermissionDenied(path=key)
        delete(self, key, **more)

    def no_read(self: MemoryBackend, key: str, *where: Any, **more: Any) -> Any:
        if key.endswith("/b"):
            raise PermissionDenied(path=key)
        return read(self, key, *where, **more)

    monkeypatch.setattr(MemoryBackend, "delete", no_delete)
    monkeypatch.setattr(MemoryBackend, "read", no_read)


@pytest.mark.usefixtures("stuck")
def test_what_a_tree_failed_at_is_told(client: Client, storage: StorageManager) -> None:
    """207 with the member that stood in the way; the folders above it stay, and the rest is done."""
    for key in ("tree/a", "tree/sub/b"):
        storage.node("Memory:", key).write_bytes(b"1")
    copied = send(client, "COPY", "/Memory/tree", "/local/new")
    assert copied.status == 207
    assert copied.hrefs == ["/Memory/tree/sub/b"]
    assert b"403 Forbidden" in copied.body
    assert storage.node("local:new/a").read_bytes() == b"1"
    deleted = client.ask("DELETE", "/Memory/tree")
    assert deleted.status == 207
    assert deleted.hrefs == ["/Memory/tree/sub/b"]
    assert storage.node("Memory:tree/sub/b").exists()


def test_what_succeeds_says_no_more(client: Client, mount: str) -> None:
    """Its status is all: some clients leave a page about it unread, and the connection with it."""
    client.put(f"/{mount}/file", b"content")
    done = [
        client.ask("MKCOL", f"/{mount}/folder"),
        send(client, "COPY", f"/{mount}/file", f"/{mount}/folder/copy"),
        send(client, "MOVE", f"/{mount}/file", f"/{mount}/folder/moved"),
        client.ask("DELETE", f"/{mount}/folder"),
    ]
    assert [reply.status for reply in done] == [201, 201, 201, 204]
    assert [reply.body for reply in done] == [b""] * 4
