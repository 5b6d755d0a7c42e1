"""What mounts show besides stored files works over WebDAV too: old versions, virtual files, links."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

import vfs
from tests.dav.asking import Client, asking


@pytest.fixture
def client(tmp_path: Path) -> Iterator[Client]:
    settings = {
        "mounts": {
            "kept": {"type": "memory", "versions": "visible", "layers": ["versioned"]},
            "local": {"type": "local", "path": str(tmp_path / "local"), "create": True},
            "packed": {"type": "memory", "layers": ["gzip"]},
            "fixed": {"type": "memory", "permissions": "readonly"},
        },
        "virtual": {"local:book.txt": {"concat": ["local:one.txt", "local:two.txt"]}},
    }
    with vfs.open(settings) as storage, asking(storage, tmp_path) as made:
        yield made


def test_old_versions_are_listed_read_and_restored(client: Client) -> None:
    """`.versions` is a folder: a COPY out of it restores, and nothing in it can be changed."""
    for content in (b"first", b"second"):
        client.put("/kept/report.txt", content)
    assert "/kept/.versions/" in client.find("/kept/", depth="1").hrefs
    listed = client.find("/kept/.versions/report.txt/", depth="1").hrefs
    versions = sorted(href for href in listed if href.endswith(".txt"))
    assert [client.get(href).body for href in versions] == [b"first", b"second"]
    restored = client.ask("COPY", versions[0], headers={"Destination": "/kept/report.txt"})
    assert restored.status == 204
    assert client.get("/kept/report.txt").body == b"first"
    assert client.put(versions[0], b"forged").status == 403
    assert client.ask("DELETE", versions[0]).status == 403


def test_virtual_files(client: Client) -> None:
    """A file made of others is read, and sized, as one."""
    client.put("/local/one.txt", b"one\n")
    client.put("/local/two.txt", b"two\n")
    assert client.get("/local/book.txt").body == b"one\ntwo\n"
    assert client.get("/local/book.txt", Range="bytes=4-6").body == b"two"
    assert client.find("/local/book.txt").found("/local/book.txt")["getcontentlength"] == "8"
    assert "/local/book.txt" in client.find("/local/", depth="1").hrefs


def test_sizes_that_only_the_contents_tell(client: Client) -> None:
    """A file that is stored packed is listed with the size that reading it gives."""
    client.put("/packed/f.txt", b"x" * 100_000)
    told = client.find("/packed/", depth="1").found("/packed/f.txt")
    assert told["getcontentlength"] == "100000"
    assert len(client.get("/packed/f.txt").body) == 100_000


def test_a_mount_that_nothing_changes(client: Client) -> None:
    """Every change of it is 403, and reading works."""
    assert client.put("/fixed/f", b"1").status == 403
    assert client.ask("MKCOL", "/fixed/new").status == 403
    client.put("/local/f", b"1")
    assert client.ask("MOVE", "/local/f", headers={"Destination": "/fixed/f"}).status == 403
    assert client.get("/local/f").body == b"1"
    assert client.find("/fixed/", depth="1").status == 207


def test_links_and_fifos(client: Client, tmp_path: Path) -> None:
    """What is neither file nor folder is not shown and not found, and not lost with its folder's rename."""
    folder = tmp_path / "local" / "folder"
    folder.mkdir()
    os.symlink("/etc/passwd", folder / "link")
    os.mkfifo(folder / "fifo")
    assert client.find("/local/folder/", depth="1").hrefs == ["/local/folder/"]
    for name in ("link", "fifo"):
        assert client.get(f"/local/folder/{name}").status == 404
        assert client.find(f"/local/folder/{name}").status == 404
        assert client.put(f"/local/folder/{name}", b"1").status == (409 if name == "link" else 400)
    assert client.ask("MOVE", "/local/folder", headers={"Destination": "/local/other"}).status == 201
    assert os.readlink(tmp_path / "local" / "other" / "link") == "/etc/passwd"
    assert client.ask("DELETE", "/local/other").status == 204
