"""Requests that nobody sends by accident: a clear 4xx, and memory as before."""

import tracemalloc

import pytest

from tests.dav.asking import Client
from vfs.engine import StorageManager

LAUGHS = (
    '<?xml version="1.0"?><!DOCTYPE a [<!ENTITY a0 "ha">'
    + "".join(f'<!ENTITY a{n} "&a{n - 1};&a{n - 1};&a{n - 1};&a{n - 1};">' for n in range(1, 30))
    + ']><D:propfind xmlns:D="DAV:"><D:prop><x y="&a29;">&a29;</x></D:prop></D:propfind>'
)


@pytest.mark.parametrize("method", ["PROPFIND", "PROPPATCH", "LOCK"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-16-le"])
def test_entity_bombs(client: Client, storage: StorageManager, method: str, encoding: str) -> None:
    """Refused before anything is expanded, in any encoding."""
    storage.node("Memory:f").write_bytes(b"1")
    tracemalloc.start()
    try:
        reply = client.ask(method, "/Memory/f", LAUGHS.encode(encoding), {"Depth": "0"})
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert reply.status == 400
    assert peak < 2_000_000


def test_a_file_of_this_machine_is_no_property(client: Client, storage: StorageManager) -> None:
    """An external entity is not followed."""
    storage.node("Memory:f").write_bytes(b"1")
    bomb = (
        b'<!DOCTYPE a [<!ENTITY e SYSTEM "file:///etc/passwd">]><D:propertyupdate xmlns:D="DAV:"><D:set>'
        b'<D:prop><c xmlns="u:x">&e;</c></D:prop></D:set></D:propertyupdate>'
    )
    assert client.ask("PROPPATCH", "/Memory/f", bomb).status == 400


@pytest.mark.parametrize(
    ("method", "url", "headers", "body", "status"),
    [
        ("GET", "/Memory/f", {"Range": "bytes=" + ",".join(["0-"] * 5000)}, b"", 200),
        ("GET", "/Memory/f", {"Range": "bytes=99999999999999999999-"}, b"", 416),
        ("GET", "/Memory/f", {"Range": "lines=1-2"}, b"", 200),
        ("GET", "/Memory/" + "a/" * 30_000, {}, b"", 404),
        ("PROPFIND", "/Memory/" + "a/" * 30_000, {"Depth": "0"}, b"", 404),
        ("PUT", "/Memory/" + "a/" * 40_000 + "f", {}, b"1", 409),
        ("MKCOL", "/Memory/" + "n" * 300, {}, b"", 414),
        ("MKCOL", "/Memory/new", {}, b"body", 415),
        ("MKCOL", "/Memory/none/new", {}, b"", 409),
        ("MKCOL", "/Memory/f", {}, b"", 405),
        ("PUT", "/Memory/f", {"If": "(" * 60_000}, b"1", 400),
        ("PUT", "/Memory/f", {"If": "<" + "x" * 60_000}, b"1", 400),
        ("PUT", "/Memory/f", {"If": ""}, b"1", 400),
        ("PUT", "/Memory/f", {"If-Match": '"' * 50_001}, b"1", 412),
        ("PUT", "/Memory/f", {"Overwrite": "?"}, b"1", 204),
        ("LOCK", "/Memory/f", {"Depth": "1"}, b"<a/>", 400),
        ("LOCK", "/Memory/f", {"Timeout": "Second-" + "9" * 400}, b"<a/>", 400),
        ("LOCK", "/Memory/f", {}, b"", 400),
        ("UNLOCK", "/Memory/f", {}, b"", 400),
        ("UNLOCK", "/Memory/f", {"Lock-Token": "<" + "x" * 9000 + ">"}, b"", 409),
        ("PROPPATCH", "/Memory/f", {}, b"", 400),
        ("MOVE", "/Memory/f", {"Destination": "http://[::1"}, b"", 400),
        ("MOVE", "/Memory/f", {"Destination": "/Memory/\x00"}, b"", 400),
        ("MOVE", "/Memory/f", {"Destination": "/Memory/%00"}, b"", 400),
        ("BREW", "/Memory/f", {}, b"", 405),
        ("POST", "/Memory/f", {}, b"a=b", 405),
        ("do_GET", "/Memory/f", {}, b"", 405),
        ("PUT", "/Memory/../../etc/passwd", {}, b"1", 400),
    ],
    ids=lambda value: str(value)[:30] if isinstance(value, str) else None,
)
def test_a_clear_answer(
    client: Client,
    storage: StorageManager,
    method: str,
    url: str,
    headers: dict[str, str],
    body: bytes,
    status: int,
) -> None:
    """No request ends in a 500, and a 405 tells what may be asked."""
    storage.node("Memory:f").write_bytes(b"content")
    reply = client.ask(method, url, body, headers)
    assert reply.status == status
    assert ("allow" in reply.headers) is (status == 405)


@pytest.mark.parametrize("length", ["-1", "many", "1e3", "\u0661"])
def test_lengths_that_are_none(client: Client, length: str) -> None:
    """400, and nothing is stored."""
    for method in ("PUT", "PROPFIND"):
        assert client.ask(method, "/Memory/new", b"12345", CONTENT_LENGTH=length).status == 400
    assert client.get("/Memory/new").status == 404
