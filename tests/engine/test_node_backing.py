"""What stands behind nodes: native paths, plans, clients, tags, addresses, health."""

from pathlib import Path

import fsspec
import pytest
from obstore.store import S3Store

from tests.engine.nodes import add_bucket
from tests.servers import seaweed as server
from tests.servers.seaweed import SeaweedServer
from vfs.engine.capabilities import Capability
from vfs.engine.errors import (
    CapabilityNotSupported,
    InvalidPath,
    IsADirectory,
    NotFound,
    PermissionDenied,
    StorageError,
)
from vfs.engine.nodes import StorageNode
from vfs.storage import StorageManager


@pytest.fixture
def s3(storage: StorageManager, seaweed: SeaweedServer, bucket: str) -> StorageNode:
    """The root of a mount of `in/here` in a bucket."""
    add_bucket(storage, seaweed, bucket, prefix="in/here")
    return storage.node("s3:")


def test_a_local_file_has_a_path(storage: StorageManager, tmp_path: Path) -> None:
    """The one under which any program finds it; other mounts have none."""
    node = storage.node("local:a/b.txt")
    node.write_text("x")
    assert node.resolved_path == node.native_path() == str(tmp_path / "files/a/b.txt")
    assert Path(node.resolved_path).read_text() == "x"
    assert storage.node("memory:a").resolved_path is None
    assert storage.node("memory:a").native_path() == "a"


def test_layers_count_for_the_path(storage: StorageManager, tmp_path: Path) -> None:
    """Below a prefix it is another one; where the bytes are others there is none."""
    local = {"type": "local", "path": str(tmp_path / "files")}
    storage.configure(
        [
            {"name": "below", **local, "layers": [{"type": "prefix", "prefix": "sub"}]},
            {"name": "packed", **local, "layers": ["gzip"]},
            {"name": "shown", **local, "permissions": "readonly"},
        ]
    )
    assert storage.node("below:a").resolved_path == str(tmp_path / "files/sub/a")
    assert storage.node("below:").to_key(str(tmp_path / "files/sub/a")) == "a"
    assert storage.node("packed:a").resolved_path is None
    assert storage.node("shown:a").resolved_path == str(tmp_path / "files/a")


def test_an_object_has_a_key_in_its_bucket(s3: StorageNode, bucket: str) -> None:
    """With the bucket and the prefix before it."""
    assert (s3 / "a b/c").native_path() == f"{bucket}/in/here/a b/c"
    assert s3.to_key(f"{bucket}/in/here/a b/c") == "a b/c"


@pytest.mark.parametrize("key", ["", "a", "a/b c", "a*"])
def test_native_paths_lead_back(root: StorageNode, key: str) -> None:
    """On every kind of mount."""
    assert root.to_key(root.child(key).native_path()) == key


def test_places_outside_the_mount_have_no_key(
    storage: StorageManager, s3: StorageNode, tmp_path: Path
) -> None:
    """Not above it, not beside it, not by way of `..`."""
    inside = tmp_path / "files"
    for path in (tmp_path, f"{inside}2/a", "/", f"{inside}/../a", f"{inside}//a"):
        with pytest.raises(InvalidPath):
            storage.node("local:").to_key(str(path))
    with pytest.raises(InvalidPath):
        s3.to_key("another-bucket/in/here/a")


def test_a_plan_tells_where_a_place_is(s3: StorageNode, bucket: str) -> None:
    """Type, mount, key, what the store calls it and the options; and no secret."""
    plan = (s3 / "a").resolve()
    assert (plan.kind, plan.backend, plan.key, plan.layers) == ("s3", "s3", "a", ())
    assert plan.native_path == f"{bucket}/in/here/a"
    assert plan.details["bucket"] == bucket
    assert server.SECRET_KEY not in repr(plan)
    assert server.SECRET_KEY not in str(dict(plan.details))


def test_a_plan_masks_what_may_be_a_secret(storage: StorageManager) -> None:
    """Options of drivers, and users in URLs."""
    storage.configure(
        [
            {"name": "f", "type": "fsspec", "protocol": "memory", "options": {"token": "hidden-1"}},
            {"name": "w", "type": "http", "url": "http://127.0.0.1:1/", "headers": {"X-Key": "hidden-2"}},
            {"name": "l", "type": "memory", "layers": ["gzip"], "permissions": "readonly"},
        ]
    )
    for name in ("f", "w"):
        assert "hidden" not in repr(storage.node(f"{name}:a").resolve())
    assert storage.node("l:").resolve().layers == ("gzip", "readonly")


def test_clients_are_given_out(storage: StorageManager, s3: StorageNode) -> None:
    """By their type, where no layer would be passed by."""
    assert isinstance(s3.unwrap(S3Store), S3Store)
    assert s3.unwrap(fsspec.AbstractFileSystem).protocol[0] == "s3"
    storage.configure([{"name": "f", "type": "fsspec", "protocol": "memory"}])
    assert storage.node("f:").unwrap(fsspec.AbstractFileSystem).protocol == "memory"
    with pytest.raises(CapabilityNotSupported, match="S3Store"):
        storage.node("f:").unwrap(S3Store)
    storage.configure([{"name": "safe", "type": "fsspec", "protocol": "memory", "permissions": "readonly"}])
    for name in ("safe", "memory"):
        with pytest.raises(CapabilityNotSupported):
            storage.node(f"{name}:").unwrap(fsspec.AbstractFileSystem)


def test_tags(s3: StorageNode) -> None:
    """They are replaced together, and the file stays the one it is."""
    node = s3 / "a"
    node.write_text("x")
    etag = node.etag()
    assert node.get_tags() == {}
    node.set_tags({"colour": "blue", "één": "two words"})
    assert node.get_tags() == {"colour": "blue", "één": "two words"}
    assert (node.etag(), node.read_text()) == (etag, "x")
    node.set_tags({})
    assert node.get_tags() == {}


def test_tags_of_what_is_no_file(s3: StorageNode) -> None:
    """A missing file and a folder have none."""
    (s3 / "folder/file").write_bytes(b"")
    for act in (StorageNode.get_tags, lambda node: node.set_tags({"a": "b"})):
        with pytest.raises(NotFound, match="s3:missing"):
            act(s3 / "missing")
        with pytest.raises(IsADirectory):
            act(s3 / "folder")


def test_tags_that_cannot_be_kept(s3: StorageNode) -> None:
    """Too many, and too long, are refused before they are sent."""
    node = s3 / "a"
    node.write_bytes(b"")
    for tags in ({str(n): "" for n in range(11)}, {"": "x"}, {"x" * 129: ""}, {"x": "y" * 257}):
        with pytest.raises(InvalidPath, match="tag"):
            node.set_tags(tags)


def test_tags_behind_layers(storage: StorageManager, seaweed: SeaweedServer, bucket: str) -> None:
    """Another key is another object; a read-only mount tells tags and sets none."""
    add_bucket(storage, seaweed, bucket)
    storage.node("s3:in/a").write_bytes(b"")
    storage.node("s3:in/a").set_tags({"a": "b"})
    add_bucket(storage, seaweed, bucket, name="locked_s3", permissions="readonly", prefix="in")
    node = storage.node("locked_s3:a")
    assert node.get_tags() == {"a": "b"}
    with pytest.raises(PermissionDenied):
        node.set_tags({})
    with pytest.raises(CapabilityNotSupported, match="tags"):
        storage.node("memory:a").get_tags()


def test_what_a_mount_can_do(storage: StorageManager) -> None:
    """Asked for by word."""
    node = storage.node("local:")
    assert node.supports(Capability.WRITE)
    assert node.supports("posix_attributes")
    assert not storage.node("locked:").supports("write")
    with pytest.raises(ValueError, match="fly"):
        node.supports("fly")


def test_ping(storage: StorageManager, root: StorageNode, seaweed: SeaweedServer, tmp_path: Path) -> None:
    """A storage that is there says nothing; one that is gone is an error that names the mount."""
    root.ping()
    with seaweed.passing_bucket() as name:
        add_bucket(storage, seaweed, name, name="gone")
        storage.node("gone:").ping()
    with pytest.raises(StorageError, match="gone"):
        storage.node("gone:a").ping()


def test_addresses(root: StorageNode) -> None:
    """Where a server of the mounts shows the place, quoted; another one for each content if so wanted."""
    node = root / "a b/é?.txt"
    assert node.internal_url() == f"/{root.mount}/a%20b/%C3%A9%3F.txt"
    node.write_bytes(b"1")
    first = node.internal_url(nocache=True)
    assert first.startswith(f"{node.internal_url()}?v=")
    assert node.internal_url(nocache=True) == first
    node.write_bytes(b"22")
    assert node.internal_url(nocache=True) != first


def test_data_uris(root: StorageNode) -> None:
    """With the type that the name tells, another, or the Base64 alone."""
    node = root / "a.txt"
    node.write_bytes(b"Hello")
    assert node.to_base64() == "data:text/plain;base64,SGVsbG8="
    assert node.to_base64(mime="image/png") == "data:image/png;base64,SGVsbG8="
    assert node.to_base64(include_uri=False) == "SGVsbG8="
    with pytest.raises(IsADirectory):
        root.to_base64()
