"""What desktops do besides: times of Windows, files that they scatter, the requests before a drive shows."""

from pathlib import Path

import pytest

from tests.dav.asking import Client, asking
from tests.dav.test_transfers import LOCK
from vfs.engine import StorageManager

WIN32 = (
    b'<D:propertyupdate xmlns:D="DAV:" xmlns:Z="urn:schemas-microsoft-com:"><D:set><D:prop>'
    b"<Z:Win32CreationTime>Tue, 14 Nov 2023 22:13:20 GMT</Z:Win32CreationTime>"
    b"<Z:Win32LastAccessTime>Tue, 14 Nov 2023 22:13:20 GMT</Z:Win32LastAccessTime>"
    b"<Z:Win32LastModifiedTime>Tue, 14 Nov 2023 22:13:20 GMT</Z:Win32LastModifiedTime>"
    b"<Z:Win32FileAttributes>00000020</Z:Win32FileAttributes></D:prop></D:set></D:propertyupdate>"
)
ASKED = (
    '<D:prop xmlns:Z="urn:schemas-microsoft-com:"><D:getlastmodified/><Z:Win32CreationTime/>'
    "<Z:Win32LastAccessTime/><Z:Win32LastModifiedTime/><Z:Win32FileAttributes/></D:prop>"
)
JUNK = ("._report.doc", ".DS_Store", "Thumbs.db", "desktop.ini", ".Spotlight-V100")


def test_windows_stores_a_file(client: Client, storage: StorageManager, mount: str) -> None:
    """Nothing there, an empty PUT, LOCK, times, HEAD, the bytes under the lock, times, UNLOCK."""
    url = f"/{mount}/report.doc"
    assert client.ask("OPTIONS", "/").headers["ms-author-via"] == "DAV"
    assert client.find(url).status == 404
    assert client.put(url).status == 201
    token = client.ask("LOCK", url, LOCK, {"Timeout": "Second-3600"}).headers["lock-token"]
    held = {"If": f"({token})"}
    assert b"200 OK" in client.ask("PROPPATCH", url, WIN32, held).body
    assert client.ask("HEAD", url).headers["content-length"] == "0"
    assert client.ask("PUT", url, b"content", held).status == 204
    assert client.ask("PROPPATCH", url, WIN32, held).status == 207
    assert client.ask("LOCK", url, b"", held).status == 200
    assert client.ask("UNLOCK", url, headers={"Lock-Token": token}).status == 204
    told = client.find(url, ASKED).found(url)
    assert set(told) == {
        "getlastmodified",
        "Win32CreationTime",
        "Win32LastAccessTime",
        "Win32LastModifiedTime",
        "Win32FileAttributes",
    }
    assert told["getlastmodified"] == told["Win32LastModifiedTime"] == "Tue, 14 Nov 2023 22:13:20 GMT"
    assert told["Win32FileAttributes"] == "00000020"
    assert storage.node(f"{mount}:report.doc").mtime() == 1700000000


def test_a_time_that_is_none(client: Client, mount: str) -> None:
    """409 for that property, and nothing of the request is done."""
    client.put(f"/{mount}/f", b"1")
    wrong = WIN32.replace(
        b"<Z:Win32LastModifiedTime>Tue, 14 Nov 2023 22:13:20 GMT", b"<Z:Win32LastModifiedTime>x"
    )
    reply = client.ask("PROPPATCH", f"/{mount}/f", wrong)
    assert b"409 Conflict" in reply.body
    assert b"424 Failed Dependency" in reply.body
    assert "Win32CreationTime" not in client.find(f"/{mount}/f", ASKED).found(f"/{mount}/f")


def test_options_everywhere(client: Client) -> None:
    """On the root, on what is not there, on the server itself: classes 1, 2 and 3."""
    for url in ("/", "/none/x", "/local/none", "*"):
        reply = client.ask("OPTIONS", url)
        assert (reply.status, reply.headers["dav"]) == (200, "1, 2, 3")
        assert "LOCK" in reply.headers["allow"]


@pytest.mark.parametrize("name", JUNK)
def test_junk_that_is_hidden(storage: StorageManager, tmp_path: Path, name: str) -> None:
    """Never there, even where one is; and refused, without a question to the storage."""
    storage.node("local:", name).write_bytes(b"1")
    storage.node("local:report.doc").write_bytes(b"1")
    with asking(storage, tmp_path, junk="hide") as client:
        assert client.find("/local/", depth="1").hrefs == ["/local/", "/local/report.doc"]
        assert client.find(f"/local/{name}").status == 404
        assert client.get(f"/local/{name}").status == 404
        assert client.put(f"/local/{name}", b"2").status == 403
        assert client.ask("LOCK", f"/local/x/{name}", LOCK).status == 409
    assert storage.node("local:", name).read_bytes() == b"1"


@pytest.mark.parametrize("name", JUNK)
def test_junk_that_is_diverted(storage: StorageManager, tmp_path: Path, name: str) -> None:
    """Works as any file, follows its folder, and never reaches the storage."""
    storage.node("local:folder").mkdir()
    with asking(storage, tmp_path, junk="divert") as client:
        assert client.put(f"/local/folder/{name}", b"123").status == 201
        assert client.get(f"/local/folder/{name}").body == b"123"
        url = f"/local/folder/{name}"
        assert client.find(url).found(url)["getcontentlength"] == "3"
        assert client.find("/local/folder/", depth="1").hrefs == ["/local/folder/"]
        assert client.ask("MOVE", "/local/folder", headers={"Destination": "/local/other"}).status == 201
        assert client.get(f"/local/other/{name}").body == b"123"
        assert client.ask("DELETE", "/local/other").status == 204
        assert client.get(f"/local/other/{name}").status == 404
    assert list(storage.node("local:").iter_children()) == []


def test_junk_is_stored_unless_told_otherwise(client: Client, storage: StorageManager) -> None:
    """By default all names are names."""
    for name in JUNK:
        assert client.put(f"/local/{name}", b"1").status == 201
    assert {node.name for node in storage.node("local:").iter_children()} == set(JUNK)
