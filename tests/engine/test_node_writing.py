"""Writing what may be there already, JSON, ranges, and storages that choose the place themselves."""

import io
import math

import pytest

from vfs.engine.errors import AlreadyExists, CapabilityNotSupported, Conflict, NotFound, PermissionDenied
from vfs.engine.nodes import StorageNode
from vfs.storage import StorageManager


@pytest.mark.parametrize("form", ["bytes", "file", "pieces"])
def test_what_is_unchanged_is_not_written(root: StorageNode, form: str) -> None:
    """The result is false and tells the file that is there; another content of the same size is written."""
    node = root / "a"

    def source(content: bytes) -> object:
        return {"bytes": content, "file": io.BytesIO(content), "pieces": iter([content[:3], content[3:]])}[
            form
        ]

    first = node.write_bytes(b"content")
    again = node.write_bytes(source(b"content"), skip_if_unchanged=True)  # type: ignore[arg-type]
    assert (bool(first), bool(again)) == (True, False)
    assert (again.size, again.path, again.node) == (7, "a", node)
    assert again.etag in {None, node.etag()}
    for other in (b"CONTENT", b"longer content", b""):
        assert node.write_bytes(source(other), skip_if_unchanged=True)  # type: ignore[arg-type]
        assert node.read_bytes() == other


def test_a_missing_file_is_written(root: StorageNode) -> None:
    """There is nothing that could be unchanged, in an empty one neither."""
    assert (root / "d/a").write_text("", skip_if_unchanged=True)
    assert not (root / "d/a").write_text("", skip_if_unchanged=True)


def test_other_metadata_are_a_change(storage: StorageManager) -> None:
    """Those given; without any, those of the file stay and are none."""
    node = storage.node("memory:a")
    node.write_text("x", metadata={"by": "me"})
    assert not node.write_text("x", skip_if_unchanged=True)
    assert not node.write_text("x", skip_if_unchanged=True, metadata={"by": "me"})
    assert node.write_text("x", skip_if_unchanged=True, metadata={"by": "you"})
    assert node.get_metadata() == {"by": "you"}


def test_conditions_come_first(root: StorageNode) -> None:
    """A taken name and another ETag are told, although nothing would change."""
    node = root / "a"
    node.write_text("x")
    with pytest.raises(AlreadyExists):
        node.write_text("x", skip_if_unchanged=True, overwrite=False)
    with pytest.raises(Conflict):
        node.write_text("x", skip_if_unchanged=True, if_match="another")


def test_all_ways_to_write_take_the_same_options(root: StorageNode) -> None:
    """Text, JSON and `write` by mode."""
    node = root / "a"
    node.write_json({"a": 1})
    for act in (
        lambda: node.write_text("x", overwrite=False),
        lambda: node.write_json(1, overwrite=False),
        lambda: node.write("x", overwrite=False),
        lambda: node.write(b"x", "wb", overwrite=False),
    ):
        with pytest.raises(AlreadyExists):
            act()
    assert not node.write_json({"a": 1}, skip_if_unchanged=True)


def test_json_comes_back(root: StorageNode) -> None:
    """In UTF-8, as it was; what JSON cannot say leaves the old file."""
    node = root / "a.json"
    value = {"name": "één", "list": [1, 2.5, None, True]}
    node.write_json(value)
    assert node.read_json() == value
    assert "één".encode() in node.read_bytes()
    node.write_json(value, indent=2)
    assert node.read_text().startswith('{\n  "name"')
    for wrong in (math.nan, object()):
        with pytest.raises((TypeError, ValueError)):
            node.write_json(wrong)
    assert node.read_json() == value
    node.write_text("{")
    with pytest.raises(ValueError, match="line 1"):
        node.read_json()


def test_ranges(root: StorageNode) -> None:
    """Up to an end, to the file's end, beyond it, in any order."""
    node = root / "a"
    node.write_bytes(b"0123456789")
    assert node.read_bytes(2, 5) == b"234"
    assert node.read_bytes(7) == b"789"
    assert node.read_bytes(8, 100) == b"89"
    assert node.read_bytes(20) == node.read_bytes(20, 30) == node.read_bytes(5, 3) == b""
    assert node.read_ranges([(8, None), (0, 2), (4, 4), (9, 20)]) == [b"89", b"01", b"", b"9"]
    for wrong in ((-1, None), (0, -1)):
        with pytest.raises(ValueError, match="from the beginning"):
            node.read_bytes(*wrong)


def test_atomic_writes(root: StorageNode) -> None:
    """They take a free name unless told otherwise, and a failed block leaves nothing new."""
    node = root / "d/a"
    assert node.write_atomic(b"1")
    with pytest.raises(AlreadyExists):
        node.write_atomic(b"2")
    assert node.write_atomic(b"2", overwrite=True)
    with pytest.raises(AlreadyExists), node.open_atomic() as file:
        file.write(b"3")
    file = node.open_atomic(overwrite=True)
    with pytest.raises(TypeError), file:
        file.write("no bytes")  # type: ignore[arg-type]
    assert node.read_bytes() == b"2"
    with node.open_atomic(overwrite=True) as file:
        file.write(b"3")
    assert node.read_bytes() == b"3"


def test_what_cannot_be_atomic_is_refused(storage: StorageManager) -> None:
    """Before anything is written."""
    node = storage.node("locked:a")
    for act in (lambda: node.write_atomic(b"1"), lambda: node.open_atomic()):
        with pytest.raises(CapabilityNotSupported, match=r"locked:a: .*one act"):
            act()


def test_a_content_that_is_its_own_path_has_a_new_node(storage: StorageManager) -> None:
    """On a base64 mount the result's node is where the content stands, whatever node was written to."""
    storage.configure([{"name": "b64", "type": "base64"}])
    node = storage.node("b64:anything")
    result = node.write_bytes(b"Hello")
    assert result.node.path == result.path == "SGVsbG8"
    assert result.node.read_text() == "Hello"
    assert node.write(b"Hello", "wb").node == storage.node("b64:SGVsbG8")
    long = node.write_bytes(bytes(1000) for _ in range(3)).node
    assert long.read_bytes() == bytes(3000)
    with pytest.raises(CapabilityNotSupported):
        node.write_bytes(b"x", metadata={"a": "b"})
    with pytest.raises(PermissionDenied):
        node.open("wb")


def test_the_node_of_a_result_is_the_one_written(root: StorageNode) -> None:
    """Where the path is the user's choice."""
    node = root / "a"
    assert node.write_text("x").node == node
    assert node.write_json(1).node is node


def test_head_is_what_a_write_tells(root: StorageNode) -> None:
    """Size, ETag and time of the present content; of what is missing NotFound."""
    node = root / "a"
    with pytest.raises(NotFound):
        node.head()
    written = node.write_bytes(b"12345")
    head = node.head()
    assert (head.path, head.size, head.written) == ("a", 5, True)
    assert written.etag in {None, head.etag}
    with pytest.raises(IsADirectoryError):
        root.head()
