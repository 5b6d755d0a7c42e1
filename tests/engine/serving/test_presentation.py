"""How a file is to be served: content types, names and caching."""

import hashlib
import tracemalloc
from typing import Any

import pytest

import vfs
from vfs.engine.serving.dispositions import content_disposition
from vfs.engine.serving.requests import Request
from vfs.engine.serving.validators import validators_of


@pytest.fixture
def node(storage: vfs.StorageManager) -> vfs.StorageNode:
    node = storage.node("memory:report 2026.pdf")
    node.write_bytes(b"%PDF")
    return node


def headers(node: vfs.StorageNode, **options: Any) -> dict[str, str]:
    """Of the answer to a plain GET."""
    answer = node.serve(**options).answer(Request())
    answer.body.close()
    return dict(answer.headers)


def test_content_type(node: vfs.StorageNode, storage: vfs.StorageManager) -> None:
    """What the name says, or what the caller says."""
    assert headers(node)["Content-Type"] == "application/pdf"
    assert headers(node, mimetype="auto")["Content-Type"] == "application/pdf"
    assert headers(node, mimetype="text/plain; charset=utf-8")["Content-Type"] == "text/plain; charset=utf-8"
    storage.node("memory:unknown").write_bytes(b"")
    assert headers(storage.node("memory:unknown"))["Content-Type"] == "application/octet-stream"


def test_attachments(node: vfs.StorageNode) -> None:
    """By either spelling; shown in place unless asked for."""
    assert "Content-Disposition" not in headers(node)
    own, other = 'attachment; filename="report 2026.pdf"', 'attachment; filename="other.pdf"'
    assert headers(node, as_attachment=True)["Content-Disposition"] == own
    assert headers(node, download=True)["Content-Disposition"] == own
    for options in (
        {"as_attachment": True, "attachment_filename": "other.pdf"},
        {"download": True, "download_name": "other.pdf"},
    ):
        assert headers(node, **options)["Content-Disposition"] == other
    assert headers(node, attachment_filename="a.pdf")["Content-Disposition"] == 'inline; filename="a.pdf"'


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("plain name.txt", 'filename="plain name.txt"'),
        ("naïve file.txt", "filename=\"naive file.txt\"; filename*=UTF-8''na%C3%AFve%20file.txt"),
        ("€ 😀.txt", "filename=\"_ _.txt\"; filename*=UTF-8''%E2%82%AC%20%F0%9F%98%80.txt"),
        ('a"b\\c.txt', "filename=\"a_b_c.txt\"; filename*=UTF-8''a%22b%5Cc.txt"),
        ("100%25.txt", "filename=\"100_25.txt\"; filename*=UTF-8''100%2525.txt"),
        ("a\r\nSet-Cookie: x=1", 'filename="a__Set-Cookie: x=1"'),
        ("../../etc/passwd", 'filename=".._.._etc_passwd"'),
        ("bytes \udcff.txt", "filename=\"bytes _.txt\"; filename*=UTF-8''bytes%20%EF%BF%BD.txt"),
    ],
)
def test_names_of_attachments(name: str, told: str) -> None:
    """RFC 6266: letters for old clients, the exact name for others; nothing breaks out of the header."""
    assert content_disposition(name, is_attachment=True) == f"attachment; {told}"


def test_caching(node: vfs.StorageNode) -> None:
    """Seconds, by either spelling, with 304 as well; nothing unless asked for."""
    assert "Cache-Control" not in headers(node)
    assert headers(node, cache_timeout=3600)["Cache-Control"] == "max-age=3600"
    assert headers(node, cache_max_age=0)["Cache-Control"] == "max-age=0"
    known = Request("GET", {"if-none-match": "*"})
    answer = node.serve(cache_timeout=60).answer(known)
    assert (answer.status, dict(answer.headers)["Cache-Control"]) == (304, "max-age=60")


def test_validators_can_be_left_out(node: vfs.StorageNode) -> None:
    """No ETag without `add_etags`; conditions are not looked at without `conditional`."""
    assert "ETag" not in headers(node, add_etags=False)
    answer = node.serve(conditional=False).answer(Request("GET", {"if-none-match": "*"}))
    assert (answer.status, b"".join(answer.body)) == (200, b"%PDF")


@pytest.mark.parametrize(
    ("etag", "told"),
    [
        ('"quoted"', '"quoted"'),
        ('W/"weak"', 'W/"weak"'),
        ("opaque", '"opaque"'),
        ("a time, 5", f'W/"{hashlib.sha256(b"a time, 5").hexdigest()[:32]}"'),
        (None, 'W/"3e8-5"'),
    ],
)
def test_etags_of_storages(etag: str | None, told: str) -> None:
    """They go out as they are where HTTP allows it, and as weak ones where they are no ETags."""
    entry = vfs.Entry("f", vfs.EntryKind.FILE, size=5, mtime_ns=1000, etag=etag)
    assert validators_of(entry).etag == told


@pytest.mark.parametrize(
    ("options", "error"),
    [
        ({"mimetype": "text/html\r\nX: y"}, ValueError),
        ({"cache_timeout": -1}, ValueError),
        ({"as_attachment": True, "download": True}, TypeError),
        ({"cache_timeout": 1, "cache_max_age": 1}, TypeError),
    ],
)
def test_options_that_cannot_be(node: vfs.StorageNode, options: Any, error: type[Exception]) -> None:
    """They are refused at once, not when a request comes."""
    with pytest.raises(error):
        node.serve(**options)


def test_memory_stays_flat(storage: vfs.StorageManager) -> None:
    """A file of 64 MiB goes through pieces."""
    node = storage.node("local:big")
    node.write_bytes(bytes(1 << 20) for _ in range(64))
    answer = node.serve().answer(Request())
    tracemalloc.start()
    try:
        assert sum(map(len, answer.body)) == 64 << 20
        assert tracemalloc.get_traced_memory()[1] < 4 << 20
    finally:
        tracemalloc.stop()


def test_a_file_cut_while_it_is_sent_breaks_off(storage: vfs.StorageManager) -> None:
    """The length was promised: a short body would be taken for the file."""
    node = storage.node("local:cut")
    node.write_bytes(bytes(1 << 20))
    answer = node.serve().answer(Request())
    next(answer.body)
    with node.open("r+b") as file:
        file.truncate(1000)
    with pytest.raises(vfs.Conflict, match=r"^local:cut: the file became shorter"):
        list(answer.body)


def test_a_replaced_file_is_sent_as_it_was(storage: vfs.StorageManager) -> None:
    """Or not at all, but never a mix."""
    node = storage.node("local:file")
    node.write_bytes(b"a" * (1 << 20))
    answer = node.serve().answer(Request())
    next(answer.body)
    node.write_bytes(b"b" * (1 << 20))
    assert set(b"".join(answer.body)) == set(b"a")
