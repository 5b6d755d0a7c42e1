"""What a guide to one API for synchronous and asynchronous programs shows, heading by heading."""

from pathlib import Path

from tests.servers.seaweed import ACCESS_KEY, REGION, SECRET_KEY, SeaweedServer
from vfs import StorageManager


def test_basic_setup(tmp_path: Path, seaweed: SeaweedServer, bucket: str) -> None:
    """A list of mounts, by `protocol` and `base_path`."""
    with StorageManager() as storage:
        storage.configure(
            [
                {"name": "local", "protocol": "local", "base_path": str(tmp_path)},
                {"name": "uploads", "protocol": "s3", "bucket": bucket, **reached(seaweed)},
            ]
        )
        for mount in ("local", "uploads"):
            storage.node(f"{mount}:file.txt").write_text(mount)
            assert storage.node(f"{mount}:file.txt").read() == mount


def reached(server: SeaweedServer) -> dict[str, str]:
    """The keys of a mount that reach the test server."""
    return {
        "endpoint_url": server.url,
        "region": REGION,
        "key": ACCESS_KEY,
        "secret": SECRET_KEY,
    }


def test_sync_usage(tmp_path: Path) -> None:
    """Calls are plain calls, and give plain values."""
    with StorageManager() as storage:
        storage.configure([{"name": "local", "protocol": "local", "base_path": str(tmp_path)}])
        node = storage.node("local:test.txt")
        node.write_bytes(b"Hello World")
        assert node.read_bytes() == b"Hello World"
        assert (node.exists(), node.size(), node.is_file()) == (True, 11, True)


def test_methods_vs_properties(storage: StorageManager) -> None:
    """What asks the storage is a method, what does not is a property."""
    node = storage.node("data:folder/a.b.txt")
    node.write_bytes(b"x")
    for method in (node.exists, node.is_file, node.is_dir, node.size, node.mtime, node.md5hash):
        assert callable(method)
        assert not callable(method())
    assert (node.basename, node.stem, node.suffix) == ("a.b.txt", "a.b", ".txt")
    assert (node.parent, node.mimetype) == (storage.node("data:folder"), "text/plain")
