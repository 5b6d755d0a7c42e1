"""What a file answers to requests: statuses, headers and bytes, by RFC 9110."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.utils import format_datetime, parsedate_to_datetime

import pytest

import vfs
from vfs.engine.files.present_state import PresentFile
from vfs.engine.serving.answers import Answer
from vfs.engine.serving.requests import Request
from vfs.engine.serving.statuses import STATUSES

DATA = bytes(range(256)) * 40
LONG_AGO = format_datetime(datetime(2001, 1, 1, tzinfo=UTC), usegmt=True)
TOMORROW = format_datetime(datetime.now(UTC) + timedelta(days=1), usegmt=True)


@pytest.fixture
def node(storage: vfs.StorageManager) -> vfs.StorageNode:
    node = storage.node("sqlite:folder/data.bin")
    node.write_bytes(DATA)
    return node


def ask(node: vfs.StorageNode, method: str = "GET", **headers: str) -> tuple[Answer, dict[str, str], bytes]:
    """The answer, its headers and its body; `If_Match` and the like name request headers."""
    asked = Request(method, {name.replace("_", "-").lower(): value for name, value in headers.items()})
    answer = node.serve().answer(asked)
    try:
        return answer, dict(answer.headers), b"".join(answer.body)
    finally:
        answer.body.close()


def test_a_whole_file(root: vfs.StorageNode, storage: vfs.StorageManager) -> None:
    """200 with the bytes and all that is known of the file, on every kind of mount; HEAD tells the same."""
    node = root / "folder/data.bin"
    node.write_bytes(DATA)
    storage.flush()  # what is sent only now would have another ETag in the second answer
    answer, headers, body = ask(node)
    assert (answer.status, answer.status_line, body) == (200, "200 OK", DATA)
    assert headers["Content-Length"] == str(len(DATA))
    assert headers["Content-Type"] == "application/octet-stream"
    assert headers["Accept-Ranges"] == "bytes"
    assert abs(parsedate_to_datetime(headers["Last-Modified"]).timestamp() - node.mtime()) < 1
    assert "ETag" in headers
    told = ask(node, "HEAD")
    assert (told[0].status, told[1], told[2]) == (200, headers, b"")


def test_what_is_replaced_before_it_is_sent_is_sent_as_it_is_now_regression(
    storage: vfs.StorageManager, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A request is nobody's condition: it gets the new file, or hears that there is none any more."""
    tree = storage.tree("memory")
    opened = tree.open_present

    def then(name: str, act: Callable[[], object], **headers: str) -> tuple[int, bytes]:
        def open_and_act(key: str) -> PresentFile:
            file = opened(key)
            monkeypatch.undo()
            act()
            return file

        tree.backend.write(name, bytes(2 << 20))
        monkeypatch.setattr(tree, "open_present", open_and_act)
        answer, _, body = ask(storage.node(f"memory:{name}"), **headers)
        return answer.status, body

    assert then("file", lambda: tree.backend.write("file", b"another")) == (200, b"another")
    assert then("gone", lambda: tree.backend.delete("gone"))[0] == 404
    status, parts = then("parts", lambda: tree.backend.write("parts", b"another"), Range="bytes=0-2,4-6")
    assert (status, b"ano" in parts, b"her" in parts) == (206, True, True)


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS"])
def test_other_methods_are_refused(node: vfs.StorageNode, method: str) -> None:
    """405, saying what is allowed."""
    answer, headers, _ = ask(node, method)
    assert (answer.status, headers["Allow"]) == (405, "GET, HEAD")


def test_what_is_no_file_is_404(storage: vfs.StorageManager) -> None:
    """Nothing, a folder, something below a file, and a symlink, whose target is nobody's to see; HEAD too."""
    storage.node("local:folder").mkdir()
    storage.node("local:file").write_text("x")
    storage.tree("local").make_symlink("link", "/etc/passwd")
    for path in ("none", "folder", "file/below", "link"):
        for method in ("GET", "HEAD"):
            assert ask(storage.node(f"local:{path}"), method)[0].status == 404, (path, method)


@pytest.mark.parametrize(
    ("asked", "status"),
    [
        ({"If_None_Match": "{etag}"}, 304),
        ({"If_None_Match": 'W/{etag}, "other"'}, 304),
        ({"If_None_Match": "*"}, 304),
        ({"If_None_Match": '"other"'}, 200),
        ({"If_Modified_Since": "{modified}"}, 304),
        ({"If_Modified_Since": TOMORROW}, 304),
        ({"If_Modified_Since": LONG_AGO}, 200),
        ({"If_Modified_Since": "yesterday"}, 200),
        ({"If_None_Match": '"other"', "If_Modified_Since": "{modified}"}, 200),
        ({"If_Match": "{etag}"}, 200),
        ({"If_Match": "*"}, 200),
        ({"If_Match": '"other"'}, 412),
        ({"If_Match": "W/{etag}"}, 412),
        ({"If_Unmodified_Since": "{modified}"}, 200),
        ({"If_Unmodified_Since": LONG_AGO}, 412),
        ({"If_Match": "{etag}", "If_Unmodified_Since": LONG_AGO}, 200),
        ({"If_Match": '"other"', "If_None_Match": "{etag}"}, 412),
        ({"If_Match": "{etag}", "If_None_Match": "{etag}"}, 304),
    ],
)
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_conditions(node: vfs.StorageNode, asked: dict[str, str], status: int, method: str) -> None:
    """RFC 9110 section 13.2.2, line by line; an answer without content repeats the validators."""
    headers = ask(node)[1]
    known = {"etag": headers["ETag"], "modified": headers["Last-Modified"]}
    told = {name: value.format(**known) for name, value in asked.items()}
    answer, found, body = ask(node, method, **told)
    assert answer.status == status
    assert body == (DATA if (status, method) == (200, "GET") else b"")
    if status == 304:
        assert found == {"ETag": known["etag"], "Last-Modified": known["modified"]}


@pytest.mark.parametrize(
    ("asked", "start", "end"),
    [
        ("bytes=0-0", 0, 1),
        ("bytes=10-19", 10, 20),
        ("bytes=10000-", 10000, 10240),
        ("bytes=-5", 10235, 10240),
        ("bytes=-99999", 0, 10240),
        ("bytes=10239-99999", 10239, 10240),
        ("bytes=5-9, 99999-", 5, 10),
    ],
)
def test_one_range(node: vfs.StorageNode, asked: str, start: int, end: int) -> None:
    """206 with just these bytes; of several the ones that the file has."""
    answer, headers, body = ask(node, Range=asked)
    assert (answer.status, body) == (206, DATA[start:end])
    assert headers["Content-Range"] == f"bytes {start}-{end - 1}/10240"
    assert headers["Content-Length"] == str(end - start)


@pytest.mark.parametrize("asked", ["bytes=10240-", "bytes=20000-30000, 99999-"])
def test_ranges_beyond_the_end(node: vfs.StorageNode, asked: str) -> None:
    """416, telling the size."""
    answer, headers, _ = ask(node, Range=asked)
    assert (answer.status, headers["Content-Range"]) == (416, "bytes */10240")


@pytest.mark.parametrize(
    "asked",
    [
        "lines=1-2",
        "bytes=",
        "bytes=b-a",
        "bytes=9-5",
        "bytes=5-9,0-3",
        "bytes=0-9,5-12",
        "bytes=" + "0-0," * 99,
    ],
)
def test_what_is_no_range_is_the_whole_file(node: vfs.StorageNode, asked: str) -> None:
    """Other units, nonsense, and ranges that overlap or go backwards, whose sum could be far more."""
    assert ask(node, Range=asked)[0].status == 200


def test_too_many_ranges_are_the_whole_file(node: vfs.StorageNode) -> None:
    """Parts have a price each."""
    ranges = [f"{start}-{start}" for start in range(0, 200, 2)]
    assert ask(node, Range="bytes=" + ",".join(ranges[:64]))[0].status == 206
    assert ask(node, Range="bytes=" + ",".join(ranges))[0].status == 200


def test_several_ranges(node: vfs.StorageNode) -> None:
    """A multipart body, whose parts tell where they belong, and whose length is known before."""
    answer, headers, body = ask(node, Range="bytes=0-4,100-199,-3")
    assert (answer.status, headers["Content-Length"]) == (206, str(len(body)))
    whole = message_from_bytes(f"Content-Type: {headers['Content-Type']}\r\n\r\n".encode() + body)
    assert whole.get_content_type() == "multipart/byteranges"
    parts = {part["Content-Range"]: part.get_payload(decode=True) for part in whole.get_payload()}
    assert parts == {
        "bytes 0-4/10240": DATA[:5],
        "bytes 100-199/10240": DATA[100:200],
        "bytes 10237-10239/10240": DATA[-3:],
    }
    assert {part.get_content_type() for part in whole.get_payload()} == {"application/octet-stream"}


@pytest.mark.parametrize(
    ("condition", "status"),
    [
        ("{etag}", 206),
        ("W/{etag}", 200),
        ('"other"', 200),
        ("*", 200),
        ("{modified}", 206),
        (LONG_AGO, 200),
        ("junk", 200),
    ],
)
def test_a_range_of_an_old_file_is_the_whole_new_one(
    node: vfs.StorageNode, condition: str, status: int
) -> None:
    """If-Range: who has half of an old file never gets the half of a new one."""
    headers = ask(node)[1]
    known = condition.format(etag=headers["ETag"], modified=headers["Last-Modified"])
    assert ask(node, Range="bytes=5-", If_Range=known)[0].status == status


def test_head_has_no_ranges(node: vfs.StorageNode) -> None:
    """A range is of GET alone."""
    answer, headers, _ = ask(node, "HEAD", Range="bytes=0-4")
    assert (answer.status, headers["Content-Length"]) == (200, "10240")


def test_an_empty_file(storage: vfs.StorageManager) -> None:
    """It is whole, and has no range."""
    node = storage.node("memory:empty")
    node.write_bytes(b"")
    assert ask(node)[1]["Content-Length"] == "0"
    assert ask(node, Range="bytes=0-")[0].status == 416


def test_a_changed_file_has_another_etag(node: vfs.StorageNode) -> None:
    """Of equal size, and at once."""
    etag = ask(node)[1]["ETag"]
    node.write_bytes(DATA[::-1])
    assert ask(node, If_None_Match=etag)[0].status == 200


def test_every_error_has_a_status() -> None:
    """No error of the storage comes through as one that nobody expects."""
    kinds = [getattr(vfs, name) for name in vfs.__all__]
    errors = {kind for kind in kinds if isinstance(kind, type) and issubclass(kind, vfs.StorageError)}
    assert set(STATUSES) == errors


def test_a_storage_that_fails_is_logged(
    node: vfs.StorageNode, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """The client learns a status and nothing of the storage, the log the rest."""

    def fail(key: str) -> None:
        raise vfs.BackendUnavailable("no answer from db.internal", key)

    tree = type(storage_tree := node._table.tree("sqlite"))
    monkeypatch.setattr(tree, "open_present", lambda _, key: fail(key))
    answer, _, body = ask(node)
    assert (answer.status, body) == (503, b"503 Service Unavailable\n")
    assert f"{storage_tree.name}:folder/data.bin: no answer from db.internal" in caplog.text
