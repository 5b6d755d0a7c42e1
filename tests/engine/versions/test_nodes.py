"""`.versions` through nodes, on an S3 bucket that keeps versions and on one of Google's."""

from collections.abc import Iterator

import pytest

from tests.engine.nodes import add_bucket
from tests.servers.gcs import GcsServer
from tests.servers.seaweed import SeaweedServer
from vfs.engine.errors import NotFound, PermissionDenied
from vfs.engine.nodes import StorageNode
from vfs.storage import StorageManager


@pytest.fixture(params=["s3", "gcs"])
def top(request: pytest.FixtureRequest, tmp_path: object) -> Iterator[StorageNode]:
    """The root of a mount that keeps versions."""
    with StorageManager(
        {"state": str(tmp_path), "cache": {"directory": None}, "mounts": {"m": {"type": "memory"}}}
    ) as storage:
        if request.param == "s3":
            server: SeaweedServer = request.getfixturevalue("seaweed")
            add_bucket(storage, server, request.getfixturevalue("versioned_bucket"))
            yield storage.node("s3:")
            return
        google: GcsServer = request.getfixturevalue("gcs")
        with google.bucket(versioned=True) as bucket:
            reached = {"bucket": bucket, "endpoint_url": google.url, "token": "anon"}
            storage.configure([{"name": "gcs", "type": "gcs", **reached}])
            yield storage.node("gcs:")
            storage.remove_mount("gcs")


def versions_of(node: StorageNode) -> list[StorageNode]:
    return [child for child in (node.parent / ".versions" / node.name).children() if child.is_file()]


def test_versions_are_nodes(top: StorageNode) -> None:
    """Content, size and hash are those of the version, and the same that `open(version=...)` reads."""
    node = top / "d" / "doc.txt"
    for content in ("one", "three", "second"):
        node.write_text(content)
    (top / "d" / "doc.txt2").write_text("neighbour")
    found = versions_of(node)
    assert [past.read_text() for past in found] == ["one", "three", "second"]
    assert [past.size() for past in found] == [version.size for version in node.versions()]
    assert found[1].md5hash() != node.md5hash() == found[2].md5hash()
    with node.open(version=0) as file:
        assert file.read() == found[0].read_text()
    assert found[0].same_content(found[0])


def test_copying_a_version_over_its_file_restores_it(top: StorageNode) -> None:
    """Of a deleted file, too; what is copied elsewhere is a file like any other."""
    node = top / "doc.txt"
    node.write_text("one")
    node.write_text("two")
    first = versions_of(node)[0]
    first.copy_to(node)
    assert node.read_text() == "one"
    assert len(versions_of(node)) == 3
    node.delete()
    first.copy_to(node)
    assert node.read_text() == "one"
    first.copy_to(top / "elsewhere.txt")
    assert (top / "elsewhere.txt").read_text() == "one"


def test_walks_and_copies_of_trees_leave_versions_out(top: StorageNode) -> None:
    """Of the tree, no listing tells; of a moment, the files of that moment are copied."""
    (top / "d" / "sub" / "f").write_text("x")
    (top / "d" / "g").write_text("y")
    assert {node.path for node in top.files(recursive=True)} == {"d/sub/f", "d/g"}
    (top / ".versions" / "@now").copy_to(top / "copy")
    assert (top / "copy" / "d" / "sub" / "f").read_text() == "x"
    assert {node.name for node in (top / "copy" / "d").children()} == {"sub", "g"}
    (top / "copy").delete(recursive=True)
    (top / "d").move_to(top / "moved")
    assert (top / "moved" / "sub" / "f").read_text() == "x"
    assert {child.name for child in (top / "d" / ".versions").children()} == {"g", "@deleted-sub"}


def test_nothing_there_is_changed(top: StorageNode) -> None:
    """Writing, deleting and moving are refused; what is no version is not found."""
    node = top / "doc.txt"
    node.write_text("one")
    (version,) = versions_of(node)
    for act in (
        lambda: version.write_text("x"),
        version.delete,
        lambda: version.move_to(top / "x"),
        lambda: (top / ".versions" / "new").write_text("x"),
    ):
        with pytest.raises(PermissionDenied):
            act()
    with pytest.raises(NotFound):
        (version.parent / "none").read_text()
    assert not (top / "x").exists()


def test_a_mount_made_of_this_one_has_versions_too(top: StorageNode) -> None:
    """A folder as a mount of its own: what is written through either is seen in both at once."""
    node = top / "work" / "f"
    node.write_text("one")
    storage = top._table
    assert isinstance(storage, StorageManager)
    storage.configure([{"name": "work", "type": "relative", "path": f"{top.mount}:work"}])
    other = storage.node("work:f")
    assert [past.read_text() for past in versions_of(other)] == ["one"]
    assert len(versions_of(node)) == 1
    other.write_text("two")
    assert [past.read_text() for past in versions_of(node)] == ["one", "two"]
    assert [past.read_text() for past in versions_of(other)] == ["one", "two"]
    storage.remove_mount("work")
