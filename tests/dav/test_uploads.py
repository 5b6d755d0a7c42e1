"""PUT: whole files or nothing, refused before the body is read."""

import io
from typing import Any
from urllib.parse import quote

import pytest

from tests.dav.asking import Client
from vfs.engine import StorageManager


class Untouched(io.RawIOBase):
    """A body that nobody is to ask for."""

    def read(self, size: int = -1) -> bytes:
        raise AssertionError("the body was read")


class CutOff(io.RawIOBase):
    """A client that goes away in the middle: by an end of the stream, or by an error."""

    def __init__(self, there: bytes, error: Exception | None = None) -> None:
        self._there = io.BytesIO(there)
        self._error = error

    def read(self, size: int = -1) -> bytes:
        block = self._there.read(size)
        if not block and self._error is not None:
            raise self._error
        return block


def test_a_file_comes_and_is_replaced(client: Client, mount: str) -> None:
    """201 and then 204; the ETag told is the one of HEAD and of PROPFIND, quoted and strong."""
    made = client.put(f"/{mount}/f", b"one")
    replaced = client.put(f"/{mount}/f", b"two!")
    assert (made.status, replaced.status) == (201, 204)
    tag = replaced.headers["etag"]
    assert tag != made.headers["etag"]
    assert tag.startswith('"')
    assert client.ask("HEAD", f"/{mount}/f").headers["etag"] == tag
    assert client.find(f"/{mount}/f").found(f"/{mount}/f")["getetag"] == tag
    assert client.get(f"/{mount}/f").body == b"two!"


@pytest.mark.parametrize(
    ("error", "chunked"),
    [(None, False), (ConnectionResetError("gone"), False), (ValueError("bad chunk"), True)],
)
def test_an_upload_that_is_cut_off_leaves_what_was(
    client: Client, storage: StorageManager, mount: str, error: Exception | None, chunked: bool
) -> None:
    """The old file stands as it was, and a new one is not there, not even for a moment."""
    storage.node(f"{mount}:old").write_bytes(b"old")
    cut: dict[str, Any] = {"CONTENT_LENGTH": "" if chunked else "1000000"}
    for name in ("old", "new"):
        cut["wsgi.input"] = CutOff(b"x" * 400_000, error)
        headers = {"Transfer-Encoding": "chunked"} if chunked else {}
        assert client.ask("PUT", f"/{mount}/{name}", headers=headers, **cut).status == 400
    assert storage.node(f"{mount}:old").read_bytes() == b"old"
    assert [node.name for node in storage.node(f"{mount}:").children()] == ["old"]


def test_bodies_in_chunks(client: Client, storage: StorageManager, mount: str) -> None:
    """Without a length the stream's end is the file's; what Finder says of its length is compared."""
    body = b"y" * 700_000
    chunked: dict[str, Any] = {"CONTENT_LENGTH": "", "HTTP_TRANSFER_ENCODING": "chunked"}
    for told, status in ((None, 201), ("700000", 204), ("700001", 400)):
        expected = {} if told is None else {"X-Expected-Entity-Length": told}
        reply = client.ask(
            "PUT", f"/{mount}/f", headers=expected, **chunked, **{"wsgi.input": io.BytesIO(body)}
        )
        assert reply.status == status
    assert storage.node(f"{mount}:f").read_bytes() == body


@pytest.mark.parametrize(
    ("url", "headers", "status"),
    [
        ("/m/none/f", {}, 409),
        ("/m/file/f", {}, 409),
        ("/m/folder", {}, 405),
        ("/m", {}, 405),
        ("/", {}, 405),
        ("/new", {}, 403),
        ("/none/f", {}, 409),
        ("/m/file", {"If-Match": '"other"'}, 412),
        ("/m/file", {"If-None-Match": "*"}, 412),
        ("/m/new", {"If-Match": "*"}, 412),
        ("/m/new", {"If": "(<opaquelocktoken:none>)"}, 412),
        ("/m/file", {"If": '(["other"])'}, 412),
        ("/m/file", {"If-Unmodified-Since": "Sat, 01 Jan 2000 00:00:00 GMT"}, 412),
        ("/m/file", {"Content-Range": "bytes 0-3/10"}, 400),
        ("/m/file", {"Content-Encoding": "gzip"}, 415),
        ("/m/file", {"X-OC-Mtime": "yesterday"}, 400),
        ("/m/new%00", {}, 400),
        ("/m/../f", {}, 400),
        ("/m/" + "n" * 256, {}, 414),
    ],
)
def test_refusals_do_not_wait_for_the_body(
    client: Client, storage: StorageManager, mount: str, url: str, headers: dict[str, str], status: int
) -> None:
    """What cannot be is told before a byte is asked for, so before `100 Continue`."""
    storage.node(f"{mount}:file").write_bytes(b"1")
    storage.node(f"{mount}:folder").mkdir()
    url = url.replace("/m/", f"/{mount}/") if url != "/m" else f"/{mount}"
    body: dict[str, Any] = {"CONTENT_LENGTH": "5", "wsgi.input": Untouched()}
    assert client.ask("PUT", url, headers=headers, **body).status == status
    assert storage.node(f"{mount}:file").read_bytes() == b"1"


def test_conditions_that_hold(client: Client, mount: str) -> None:
    """If-Match with the present ETag, If-None-Match on a new name, and ETags inside of If."""
    tag = client.put(f"/{mount}/f", b"1", If_None_Match="*").headers["etag"]
    second = client.put(f"/{mount}/f", b"2", If_Match=tag)
    assert second.status == 204
    third = client.put(f"/{mount}/f", b"3", If=f"([{second.headers['etag']}])")
    assert third.status == 204
    tagged = f"<http://test/{mount}/f> ([{third.headers['etag']}])"
    assert client.put(f"/{mount}/f", b"4", If=tagged).status == 204
    assert client.put(f"/{mount}/f", b"5", If=tagged).status == 412
    assert client.get(f"/{mount}/f").body == b"4"


def test_times_of_sync_tools(client: Client, storage: StorageManager, mount: str) -> None:
    """X-OC-Mtime is the file's time, and the answer says so."""
    reply = client.put(f"/{mount}/f", b"1", X_OC_Mtime="1700000000.5")
    assert reply.headers["x-oc-mtime"] == "accepted"
    assert storage.node(f"{mount}:f").mtime() == 1700000000.5


@pytest.mark.parametrize(
    "name", ["a*.txt", "a[1].txt", "?", "a b", "\n", "é", "😀", "%41", "a;b#c&d", "n" * 255]
)
def test_any_name_is_a_name(client: Client, storage: StorageManager, mount: str, name: str) -> None:
    """Names are bytes: put, listed, read, moved and deleted under the URL that the listing tells."""
    url = f"/{mount}/{quote(name, safe='')}"
    assert client.put(url, b"1").status == 201
    assert [node.name for node in storage.node(f"{mount}:").children()] == [name]
    listed = client.find(f"/{mount}/", depth="1").hrefs[1]
    assert client.get(listed).body == b"1"
    assert client.ask("MOVE", listed, headers={"Destination": f"http://test/{mount}/there"}).status == 201
    assert client.ask("MOVE", f"/{mount}/there", headers={"Destination": f"http://test{url}"}).status == 201
    assert client.ask("DELETE", url).status == 204
    assert list(storage.node(f"{mount}:").iter_children()) == []


def test_a_name_that_is_no_text(client: Client, storage: StorageManager) -> None:
    """Bytes that are no UTF-8 come and go as they are."""
    assert client.put("/local/%FF%FE", b"1").status == 201
    assert [node.name for node in storage.node("local:").children()] == ["\udcff\udcfe"]
    assert "/local/%FF%FE" in client.find("/local/", "<D:prop><D:displayname/></D:prop>", "1").hrefs
    assert client.get("/local/").status == 200
    assert client.ask("MOVE", "/local/%FF%FE", headers={"Destination": "/local/%FD"}).status == 201
    assert client.ask("DELETE", "/local/%FD").status == 204
