"""Shortcuts: what is remembered of the request before, or done in one act, changes no answer."""

import secrets
from pathlib import Path
from typing import Any

import pytest

from tests.dav.asking import Client, Reply
from tests.dav.server.serving import running
from vfs.dav import places
from vfs.dav.server.heads import BadRequest, parse_head
from vfs.engine import InvalidPath, StorageManager
from vfs.engine.backends.local.root import Root
from vfs.engine.serving import bodies
from vfs.engine.waiting import told_before_waits

CONTENT = bytes(range(256)) * 16

ASKED: list[tuple[str, str, dict[str, str]]] = [
    (method, name, headers)
    for method in ("GET", "HEAD")
    for name, headers in [
        ("f.txt", {}),
        ("f.txt", {"Range": "bytes=5-9"}),
        ("f.txt", {"Range": "bytes=5-9,100-"}),
        ("f.txt", {"Range": "bytes=99999-"}),
        ("f.txt", {"If-None-Match": "*"}),
        ("f.txt", {"If-Match": '"other"'}),
        ("f.txt", {"If-Modified-Since": "Thu, 01 Jan 1970 00:00:00 GMT"}),
        ("f.txt", {"If": "(<opaquelocktoken:none>)"}),
        ("page.html", {}),
        ("empty", {}),
        ("folder", {}),
        ("folder/", {}),
        ("link", {}),
        ("through/f.txt", {}),
        ("f.txt/below", {}),
        ("none", {}),
    ]
]


def told(client: Client) -> list[Reply]:
    return [client.ask(method, f"/local/{name}", b"", headers) for method, name, headers in ASKED]


def test_small_files_are_answered_as_all_others(
    client: Client, storage: StorageManager, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Opened by one call and read before the headers, or the long way: status, headers and body are equal."""
    node = storage.node("local:")
    for name, content in {"f.txt": CONTENT, "page.html": b"<p>", "empty": b"", "folder/f.txt": b"x"}.items():
        node.child(name).write_bytes(content)
    (tmp_path / "local" / "link").symlink_to("f.txt")
    (tmp_path / "local" / "through").symlink_to("folder")
    monkeypatch.setattr(secrets, "token_hex", lambda _: "boundary")
    short = told(client)
    monkeypatch.setattr(bodies, "WORTH_HANDING_OVER", -1)
    monkeypatch.setattr(Root, "open_to_read", lambda *_: -1)
    assert told(client) == short
    assert {reply.status for reply in short} >= {200, 206, 301, 304, 404, 412, 416}


HEADS = [
    (b"GET /a HTTP/1.1", b"Host: x"),
    (b"GET /b HTTP/1.1", b"Host: x"),
    (b"GET /b HTTP/1.0", b"Host: x"),
    (b"PUT /b HTTP/1.1", b"Host: x\r\nContent-Length: 5"),
    (b"GET /b HTTP/1.1", b"Host: x\r\nConnection: close"),
    (b"PUT /c HTTP/1.1", b"Host: x\r\nTransfer-Encoding: chunked\r\nX_Y: z"),
    (b"GET /b HTTP/1.0", b""),
]


@pytest.mark.parametrize("last", HEADS, ids=str)
def test_a_head_means_the_same_whatever_came_before(last: tuple[bytes, bytes]) -> None:
    """What is taken over from the request before is what would have been found anew."""
    before = parse_head(b"\r\n".join(last).removesuffix(b"\r\n"))
    for head in HEADS:
        raw = b"\r\n".join(head).removesuffix(b"\r\n")
        assert parse_head(raw, before) == parse_head(raw)


def test_who_names_no_host_is_refused_whatever_came_before() -> None:
    """The same headers, none at all, are good in HTTP/1.0."""
    before = parse_head(b"GET /a HTTP/1.0")
    with pytest.raises(BadRequest):
        parse_head(b"GET /a HTTP/1.1", before)


def test_a_request_means_the_same_whatever_came_before(tmp_path: Path) -> None:
    """The environment is that of a connection's first request, and nothing of another one's is in it."""

    def application(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        passing = {"wsgi.input", "wsgi.errors", "REMOTE_PORT"}
        said = repr(sorted((name, str(environ[name])) for name in environ.keys() - passing)).encode()
        environ["HTTP_LEFT_BEHIND"] = "x"
        start_response("200 OK", [("Content-Length", str(len(said)))])
        return [said]

    sent = [
        b"GET /a%20b?c HTTP/1.1\r\nHost: x\r\n\r\n",
        b"HEAD /a HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET /d HTTP/1.1\r\nHost: x\r\nContent-Type: y\r\nContent-Length: 0\r\n\r\n",
        b"GET /e HTTP/1.1\r\nHost: x\r\nRange: bytes=1-\r\n\r\n",
        b"GET /f HTTP/1.1\r\nHost: x\r\n\r\n",
    ]

    def without_dates(received: bytes) -> list[bytes]:
        return [line for line in received.split(b"\r\n") if not line.startswith(b"Date: ")]

    with running(application, tmp_path) as server:
        together = without_dates(server.ask(*sent))
        assert together == without_dates(b"".join(server.ask(each) for each in sent))
    assert b"LEFT_BEHIND" not in b"".join(together)


@pytest.mark.parametrize(
    "path", ["/", "", "/a", "/a/", "//a", "/a//b", "/./a", "/a/.", "/.a", "/a/.b/..c", "a/b", "/a b/\udcff"]
)
def test_plain_paths_are_what_they_are(path: str) -> None:
    """One slash before each name, none at the end."""
    assert places.normal(path) == "/" + "/".join(name for name in path.split("/") if name not in {"", "."})


@pytest.mark.parametrize("path", ["/..", "/a/../b", "/a/..", "../a", "/a\0b", "/\0"])
def test_no_path_leads_up(path: str) -> None:
    """Nor holds NUL."""
    with pytest.raises(InvalidPath):
        places.normal(path)


@pytest.mark.parametrize(("method", "times"), [("GET", 0), ("PROPFIND", 0), ("PUT", 1)])
def test_who_may_take_long_says_so(client: Client, method: str, times: int) -> None:
    """A change: the server answers others meanwhile."""
    asides: list[int] = []
    with told_before_waits(lambda: asides.append(1)):
        client.ask(method, "/local/f", b"", {"Depth": "0"})
    assert len(asides) == times
