"""GET and HEAD: ranges, conditions, errors before headers, one question to the mount."""

from pathlib import Path

import pytest

from tests.dav.asking import Client
from tests.dav.server.serving import running
from vfs.engine import StorageManager
from vfs.engine.backends.local.open_file import LocalFile

CONTENT = bytes(range(256)) * 4000


def test_ranges(client: Client, storage: StorageManager, mount: str) -> None:
    """One range, several, a suffix longer than the file, none that the file has."""
    storage.node(f"{mount}:f.bin").write_bytes(CONTENT)
    one = client.get(f"/{mount}/f.bin", Range="bytes=300-1299")
    assert (one.status, one.body) == (206, CONTENT[300:1300])
    assert one.headers["content-range"] == f"bytes 300-1299/{len(CONTENT)}"
    two = client.get(f"/{mount}/f.bin", Range="bytes=0-9,500000-500009")
    assert two.status == 206
    assert two.headers["content-type"].startswith("multipart/byteranges")
    assert CONTENT[:10] in two.body
    assert CONTENT[500000:500010] in two.body
    assert client.get(f"/{mount}/f.bin", Range="bytes=-9999999").body == CONTENT
    assert client.get(f"/{mount}/f.bin", Range=f"bytes={len(CONTENT)}-").status == 416
    assert client.get(f"/{mount}/f.bin", Range="bytes=9-1").body == CONTENT
    many = ",".join(f"{start}-{start}" for start in range(0, 4000, 2))
    assert client.get(f"/{mount}/f.bin", Range=f"bytes={many}").status == 200


def test_conditions(client: Client, storage: StorageManager, mount: str) -> None:
    """304 by ETag and by an equal date, 412, and If-Range by either."""
    storage.node(f"{mount}:f").write_bytes(CONTENT)
    head = client.ask("HEAD", f"/{mount}/f")
    assert (head.status, head.body, head.headers["content-length"]) == (200, b"", str(len(CONTENT)))
    tag, date = head.headers["etag"], head.headers["last-modified"]
    assert client.get(f"/{mount}/f", If_None_Match=tag).status == 304
    assert client.get(f"/{mount}/f", If_Modified_Since=date).status == 304
    assert client.get(f"/{mount}/f", If_Match='"other"').status == 412
    assert client.get(f"/{mount}/f", Range="bytes=0-1", If_Range=tag).status == 206
    assert client.get(f"/{mount}/f", Range="bytes=0-1", If_Range=date).status == 206
    assert client.get(f"/{mount}/f", Range="bytes=0-1", If_Range='"other"').status == 200


@pytest.mark.parametrize("url", ["/none", "/none/f", "/m/none", "/m/f/below", "/m/" + "n" * 256])
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_what_is_not_there(
    client: Client, storage: StorageManager, mount: str, method: str, url: str
) -> None:
    """404, and HEAD without a body."""
    storage.node(f"{mount}:f").write_bytes(b"1")
    reply = client.ask(method, url.replace("/m/", f"/{mount}/"))
    assert reply.status == 404
    assert bool(reply.body) is (method == "GET")


def test_what_a_browser_would_run(client: Client, storage: StorageManager) -> None:
    """Stored pages are shown in a sandbox: they never act for who looks at them."""
    for name in ("page.html", "picture.svg", "data.xml"):
        storage.node(f"local:{name}").write_bytes(b"<script/>")
        assert client.get(f"/local/{name}").headers["content-security-policy"] == "sandbox"
    storage.node("local:text.txt").write_bytes(b"1")
    reply = client.get("/local/text.txt")
    assert "content-security-policy" not in reply.headers
    assert reply.headers["x-content-type-options"] == "nosniff"


def test_a_local_file_is_sent_by_the_system(
    client: Client, storage: StorageManager, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Through the server, whole and in part, its bytes never come into this process."""
    storage.node("local:f.bin").write_bytes(CONTENT)
    reads: list[object] = []
    monkeypatch.setattr(LocalFile, "read", lambda *asked: reads.append(asked))
    asked = b"GET /local/f.bin HTTP/1.1\r\nHost: x\r\n"
    with running(client.application, tmp_path) as server:
        assert server.ask(asked + b"\r\n").endswith(b"\r\n\r\n" + CONTENT)
        part = server.ask(asked + b"Range: bytes=1000-999999\r\n\r\n")
        assert part.endswith(b"\r\n\r\n" + CONTENT[1000:1_000_000])
    assert reads == []
