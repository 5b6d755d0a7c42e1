"""Nodes joined to one: lazily, at any offset, in one state or not at all."""

import errno
import io
import tracemalloc

import pytest

import vfs
from vfs import Conflict, IsADirectory, IterNode, NotFound, PermissionDenied, StorageManager, StorageNode
from vfs.testing.names import ODD_NAMES


@pytest.fixture
def joined(storage: StorageManager) -> IterNode:
    """Four parts in three mounts, one of them empty."""
    parts = {"local:a": b"alpha", "memory:b": b"", "sqlite:c": b"gamma", "journalled:d": b"delta"}
    for path, content in parts.items():
        storage.node(path).write_bytes(content)
    return storage.iternode(*parts, separator=b"--")


WHOLE = b"alpha----gamma--delta"


def test_parts_of_many_mounts_are_one_content(joined: IterNode) -> None:
    """The separator stands between every two, beside an empty part too."""
    assert joined.read_bytes() == joined.read("rb") == b"".join(joined.iter_bytes()) == WHOLE
    assert joined.read() == joined.read_text() == WHOLE.decode()
    assert joined.size() == joined.stat().size == len(WHOLE)


def test_every_range_is_that_of_the_whole(joined: IterNode) -> None:
    """Whatever parts and separators it begins and ends in."""
    for start in range(len(WHOLE) + 2):
        for end in range(len(WHOLE) + 2):
            assert joined.read_bytes(start, end) == WHOLE[start:end]
            assert b"".join(joined.iter_bytes(start, end)) == WHOLE[start:end]


def test_it_opens_as_files_do(joined: IterNode) -> None:
    """Seekable, binary or text; and to be read only."""
    with joined.open("rb") as file:
        assert file.seek(-5, io.SEEK_END) == 16
        assert file.read() == b"delta"
        assert (file.seek(3), file.read(4)) == (3, b"ha--")
    with joined.open(newline="") as text:
        assert text.read() == WHOLE.decode()
    with pytest.raises(ValueError, match="read only"):
        joined.open("wb")  # type: ignore[call-overload]


def test_it_has_no_place_and_is_not_written(joined: IterNode, storage: StorageManager) -> None:
    """Nothing exists, writing is a ValueError, and a part that is the whole itself is one."""
    assert not joined.exists()
    assert not joined.is_file()
    assert not joined.is_dir()
    for write in (joined.write, joined.write_text, joined.write_bytes):
        with pytest.raises(ValueError, match="made of other nodes"):
            write("data")
    outer = storage.iternode(joined)
    for part in (joined, outer):
        with pytest.raises(ValueError, match="part of itself"):
            joined.append(part)
    assert outer.read_bytes() == WHOLE


def test_it_grows(storage: StorageManager) -> None:
    """By nodes, paths, and nodes that are virtual themselves."""
    builder = storage.iternode()
    assert builder.read_bytes() == b""
    assert builder.size() == 0
    for name in "abc":
        storage.node("memory:", name).write_text(name)
    builder.append(storage.node("memory:a"))
    builder.extend("memory:b", storage.iternode("memory:c", "memory:a"))
    assert builder.read() == "abca"
    assert len(builder.nodes) == 3


def test_changes_of_parts_are_changes_of_the_whole(joined: IterNode, storage: StorageManager) -> None:
    """The ETag and the time follow; what is open already is a Conflict, never a mix."""
    before = joined.stat()
    with joined.open(
        "rb",
    ) as file:
        storage.node("sqlite:c").write_bytes(b"GAMMA")
        with pytest.raises(Conflict, match="sqlite:c"):
            file.read()
    after = joined.stat()
    assert after.etag != before.etag
    assert after.mtime_ns is not None
    assert joined.mtime() * 1e9 == pytest.approx(after.mtime_ns)
    assert joined.etag() == after.etag
    assert joined.read_bytes() == WHOLE.replace(b"gamma", b"GAMMA")


def test_a_missing_part_is_named(joined: IterNode, storage: StorageManager) -> None:
    """As a folder is, where a file should be."""
    storage.node("sqlite:c").delete()
    with pytest.raises(NotFound, match="sqlite:c"):
        joined.read_bytes()
    storage.node("sqlite:c").mkdir()
    with pytest.raises(IsADirectory, match="sqlite:c"):
        joined.size()


def test_names_are_no_patterns(storage: StorageManager) -> None:
    """Any name that a mount holds is a part's, and a member's of an archive."""
    names = [name for name in ODD_NAMES if "\udc80" <= max(name) <= "\udcff" or max(name) < "\ud800"]
    nodes = [storage.node("memory:odd") / name for name in names]
    for node in nodes:
        node.write_bytes(node.name.encode(errors="surrogateescape"))
    whole = b"|".join(name.encode(errors="surrogateescape") for name in names)
    assert storage.iternode(*nodes, separator="|").read_bytes() == whole


def test_it_is_copied_in_one_act(joined: IterNode, storage: StorageManager) -> None:
    """To a node or a path, over one of its own parts as well; and refused where there is something."""
    assert joined.copy_to(storage.node("local:out/all")).size == len(WHOLE)
    assert storage.node("local:out/all").read_bytes() == WHOLE
    with pytest.raises(vfs.AlreadyExists):
        joined.copy_to("local:out/all", overwrite=False)
    joined.copy_to("journalled:d")
    assert storage.node("journalled:d").read_bytes() == WHOLE
    with pytest.raises(PermissionDenied) as caught:
        joined.copy_to("locked:x")
    assert caught.value.errno == errno.EROFS


def test_only_what_is_asked_for_is_read(storage: StorageManager, monkeypatch: pytest.MonkeyPatch) -> None:
    """A range opens the parts that it lies in, and of many parts a few are open at a time."""
    nodes = [storage.node(f"local:parts/{number:03}") for number in range(200)]
    for node in nodes:
        node.write_bytes(b"0123456789")
    tree = storage.tree("local")
    opened: list[str] = []
    really_open = tree.open
    monkeypatch.setattr(tree, "open", lambda key, **how: opened.append(key) or really_open(key, **how))
    joined = storage.iternode(*nodes)
    assert (joined.size(), opened) == (2000, [])
    assert joined.read_bytes(1008, 1012) == b"8901"
    assert opened == ["parts/100", "parts/101"]
    with joined.open("rb") as file:
        assert file.read() == b"0123456789" * 200
        assert tree.uses._open <= 64
    assert tree.uses._open == 0


def test_nothing_is_held_whole(root: StorageNode, storage: StorageManager) -> None:
    """48 MiB are joined and copied while Python holds a fraction of them."""
    block = bytes(range(256)) * 4096
    for name in ("one", "two", "three"):
        (root / name).write_bytes(block for _ in range(16))
    storage.flush()  # sending holds some, too
    joined = storage.iternode(root / "one", root / "two", root / "three", separator=b"\n")
    tracemalloc.start()
    try:
        assert joined.copy_to("local:whole").size == (48 << 20) + 2
        assert tracemalloc.get_traced_memory()[1] < 40 << 20
    finally:
        tracemalloc.stop()
    assert storage.node("local:whole").read_bytes((32 << 20) + 1, (32 << 20) + 4) == b"\n\0\1"
