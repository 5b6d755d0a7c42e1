"""Reading and writing whole files through nodes, on each kind of mount."""

import io
import tracemalloc
import urllib.request
from collections.abc import Iterator

import pytest

from vfs.engine.errors import (
    AlreadyExists,
    CapabilityNotSupported,
    Conflict,
    IsADirectory,
    NotFound,
    PermissionDenied,
    StorageError,
)
from vfs.engine.nodes import StorageNode
from vfs.storage import StorageManager
from vfs.testing.names import ODD_NAMES


def test_text_and_bytes_come_back(root: StorageNode) -> None:
    """Exactly: no line end is changed, and text is UTF-8."""
    node = root / "a.txt"
    node.write_text("één\r\ntwo\n")
    assert node.read_text() == node.read() == "één\r\ntwo\n"
    assert node.read_bytes() == node.read("rb") == "één\r\ntwo\n".encode()

    node.write("één", encoding="latin-1")
    assert node.read(encoding="latin-1") == node.read_text("latin-1") == "één"
    node.write(b"\0\xff", "wb")
    assert node.read_bytes() == b"\0\xff"


def test_any_source_can_be_written(root: StorageNode) -> None:
    """Bytes, buffers, binary files and iterators of pieces."""
    node = root / "a"
    iterator: Iterator[bytes] = (bytes([65 + n]) * 3 for n in range(3))
    for source in (b"AAABBBCCC", bytearray(b"AAABBBCCC"), io.BytesIO(b"AAABBBCCC"), iterator):
        node.write_bytes(b"")
        result = node.write_bytes(source)
        assert (result.size, result.path, bool(result)) == (9, "a", True)
        assert node.read_bytes() == b"AAABBBCCC"


def test_a_big_source_is_never_held_whole(storage: StorageManager) -> None:
    """64 MiB go in, are copied to another mount and come out while Python holds a fraction of them."""
    block = bytes(range(256)) * 4096
    tracemalloc.start()
    try:
        here = storage.node("local:big")
        here.write_bytes(block for _ in range(64))
        here.copy_to("sqlite:big")
        there = storage.node("sqlite:big")
        assert sum(len(piece) for piece in there.iter_bytes()) == here.size() == 64 << 20
        assert tracemalloc.get_traced_memory()[1] < 40 << 20
    finally:
        tracemalloc.stop()


def test_a_file_is_copied_onto_itself(root: StorageNode) -> None:
    """A source may read the very file that it replaces."""
    node = root / "a"
    node.write_bytes(b"0123456789")
    node.write_bytes(piece[::-1] for piece in node.iter_bytes())
    assert node.read_bytes() == b"9876543210"


def test_data_of_the_wrong_kind_is_refused(root: StorageNode) -> None:
    """Text for `w`, bytes for `wb`; the file stays as it was."""
    node = root / "a"
    node.write_text("old")
    with pytest.raises(TypeError):
        node.write("text", "wb")  # type: ignore[call-overload]
    with pytest.raises(TypeError):
        node.write(b"bytes", "w")  # type: ignore[call-overload]
    with pytest.raises(TypeError):
        node.write_bytes("text")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="invalid mode"):
        node.read("w")  # type: ignore[call-overload]
    assert node.read() == "old"


def test_iter_bytes_gives_a_range_in_pieces(root: StorageNode) -> None:
    """No piece is larger than 1 MiB, and a range ends where it is said or the file does."""
    content = bytes(range(256)) * 10_000
    node = root / "big"
    node.write_bytes(content)
    pieces = list(node.iter_bytes())
    assert b"".join(pieces) == content
    assert max(map(len, pieces)) <= 1 << 20
    assert b"".join(node.iter_bytes(1000, 1_200_000)) == content[1000:1_200_000]
    assert b"".join(node.iter_bytes(len(content) - 5, len(content) + 5)) == content[-5:]
    assert list(node.iter_bytes(10, 10)) == list(node.iter_bytes(len(content))) == []


def test_overwrite_and_if_match(root: StorageNode) -> None:
    """A free name, or the very file that was seen, can be asked for."""
    node = root / "a"
    node.write_text("one", overwrite=False)
    with pytest.raises(AlreadyExists):
        node.write_text("two", overwrite=False)
    with pytest.raises(Conflict):
        node.write_text("two", if_match="another")
    assert node.read() == "one"


def test_if_match_with_the_etag_that_was_seen(storage: StorageManager) -> None:
    """It replaces once; the second writer with the same ETag is told."""
    for mount in ("local", "memory", "sqlite"):
        node = storage.node(mount, "a")
        node.write_text("one")
        etag = node.etag()
        node.write_text("two", if_match=etag)
        with pytest.raises(Conflict):
            node.write_text("three", if_match=etag)
        assert node.read() == "two"


def test_metadata(root: StorageNode) -> None:
    """Set with the file or later; kept by a write that does not name it."""
    node = root / "a"
    node.write_text("one", metadata={"author": "A. Müller"})
    assert node.get_metadata() == {"author": "A. Müller"}
    node.write_text("two")
    assert node.get_metadata() == {"author": "A. Müller"}
    node.set_metadata({"state": "final"})
    assert node.get_metadata() == {"state": "final"}
    assert node.read() == "two"


def test_state(root: StorageNode) -> None:
    """What stands there, and its size and time."""
    node = root / "d" / "a"
    assert (node.exists(), node.is_file(), node.is_dir()) == (False, False, False)
    result = node.write_bytes(b"12345")
    assert (node.exists(), node.is_file(), node.is_dir()) == (True, True, False)
    assert (node.parent.exists(), node.parent.is_file(), node.parent.is_dir()) == (True, False, True)
    assert (root.exists(), root.is_dir()) == (True, True)
    assert not (node / "below").exists()
    assert (node.size(), node.stat().size) == (5, 5)
    assert result.mtime_ns is not None
    assert node.mtime() == pytest.approx(result.mtime_ns / 1e9)
    assert node.mtime() == node.mtime()
    with pytest.raises(IsADirectory):
        node.parent.size()


def test_a_time_that_is_not_kept_is_not_made_up(
    storage: StorageManager, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A storage that has no time for an entry says so."""
    node = storage.node("memory:a")
    node.write_text("x")
    entry = node.stat()
    timeless = type(entry)(entry.name, entry.kind, entry.size)
    monkeypatch.setattr(storage.tree("memory"), "stat", lambda _: timeless)
    with pytest.raises(CapabilityNotSupported, match="memory:a"):
        node.mtime()


def test_errors_name_the_mount_and_the_path(root: StorageNode) -> None:
    """Whatever the call, the message begins with the place."""
    node = root / "absent"
    calls = [
        node.stat,
        node.size,
        node.mtime,
        node.etag,
        node.read_bytes,
        node.read_text,
        node.open,
        node.children,
        node.delete,
        lambda: next(node.iter_bytes()),
        lambda: list(node.walk()),
        lambda: node.set_metadata({}),
        lambda: node.open("r+b"),
        lambda: node.move_to(root / "x"),
        lambda: node.copy_to(root / "x"),
        lambda: node.write_text("x", if_match="y"),
        (node / "below").mkdir,
    ]
    for call in calls:
        with pytest.raises(StorageError) as caught:
            call()
        assert caught.value.mount == root.mount
        assert str(caught.value).startswith(f"{node.fullpath}: ") or "below" in str(caught.value)
        assert isinstance(caught.value, NotFound | Conflict | CapabilityNotSupported)


def test_urls(root: StorageNode) -> None:
    """A URL reads the file without credentials; a storage that gives out none says so."""
    node = root / "a b.txt"
    node.write_text("content")
    if root.mount == "s3":
        with urllib.request.urlopen(node.url(expires_in=60), timeout=30) as answer:
            assert answer.read() == b"content"
    else:
        with pytest.raises(CapabilityNotSupported, match=r"a b\.txt: this storage gives out no URLs"):
            node.url()


def test_a_readonly_mount_refuses_every_change(storage: StorageManager) -> None:
    """In every mode that could write, before a byte is taken."""
    node = storage.node("locked:a")
    for mode in ("w", "wb", "xb", "a", "r+", "r+b", "w+b", "wt"):
        with pytest.raises(PermissionDenied):
            node.open(mode)
    changes = [
        lambda: node.write_text("x"),
        node.mkdir,
        node.delete,
        lambda: node.set_metadata({}),
        lambda: node.move_to("locked:b"),
        lambda: storage.node("memory:x").copy_to(node),
    ]
    storage.node("memory:x").write_text("x")
    for change in changes:
        with pytest.raises(PermissionDenied, match=r"^locked:"):
            change()


@pytest.mark.parametrize("name", ODD_NAMES, ids=ascii)
def test_names_are_never_patterns(root: StorageNode, name: str) -> None:
    """Each act touches the file of that name and no other."""
    others = {"a1.txt": "1", "ab.txt": "2", "x": "3"}
    for other, content in others.items():
        (root / other).write_text(content)
    node = root / name
    node.write_text("content")
    assert node.read() == "content"
    assert node in root.children()
    moved = node.move_to(root / "d" / name)
    assert moved.name == name
    moved.delete()
    assert {child.name: child.read() for child in root.children() if child.is_file()} == others
