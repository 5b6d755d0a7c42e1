"""What the reference of a library of remote folders lists, heading by heading: a node is such a store.

A store is scoped to a folder and takes paths; a node is a place and is led on by `/`.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import fsspec
import pytest

import vfs
from tests.engine.nodes import add_bucket
from tests.servers.seaweed import SeaweedServer
from vfs import StorageManager, StorageNode
from vfs.engine.backends.memory import MemoryBackend


@pytest.fixture(params=["memory", "s3"])
def store(storage: StorageManager, request: pytest.FixtureRequest) -> StorageNode:
    """A folder that a store is scoped to, with a few files below."""
    if request.param == "s3":
        server: SeaweedServer = request.getfixturevalue("seaweed")
        add_bucket(storage, server, request.getfixturevalue("bucket"))
    root = storage.node("s3:" if request.param == "s3" else "data:") / "store"
    for path in ("a.csv", "b.txt", "raw_1/c.csv", "raw_1/deep/d.csv"):
        (root / path).write_text(path)
    return root


def test_async_store(store: StorageNode) -> None:
    """Paths are below the scope; `..` does not lead out of it."""
    assert (store / "a.csv").fullpath == f"{store.fullpath}/a.csv"
    with pytest.raises(vfs.InvalidPath):
        store / "../secret"


def test_read(store: StorageNode) -> None:
    """Pieces, as they come; a missing file and a folder are refused."""
    assert b"".join((store / "raw_1/c.csv").iter_bytes()) == b"raw_1/c.csv"
    with pytest.raises(vfs.NotFound):
        next((store / "none").iter_bytes())
    with pytest.raises(vfs.IsADirectory):
        next((store / "raw_1").iter_bytes())


def test_read_bytes(store: StorageNode) -> None:
    """The whole content; a missing file and a folder are refused."""
    assert (store / "a.csv").read_bytes() == b"a.csv"
    with pytest.raises(vfs.NotFound):
        (store / "none").read_bytes()
    with pytest.raises(vfs.IsADirectory):
        store.read_bytes()


def test_read_text(store: StorageNode) -> None:
    """In any encoding, with any error handler of `codecs`."""
    (store / "latin").write_bytes("é".encode("latin-1"))
    assert (store / "latin").read_text(encoding="latin-1") == "é"
    assert (store / "latin").read_text(errors="replace") == "\N{REPLACEMENT CHARACTER}"
    with pytest.raises(UnicodeDecodeError):
        (store / "latin").read_text()


def pieces() -> Iterator[bytes]:
    yield from (b"one ", b"two")


def test_write(store: StorageNode) -> None:
    """Bytes or pieces; folders above are made; the result tells path and size."""
    told = (store / "new/f").write_bytes(pieces(), overwrite=False, metadata={"by": "me"})
    assert (told.path, told.size) == ((store / "new/f").path, 7)
    assert (store / "new/f").get_metadata() == {"by": "me"}
    with pytest.raises(vfs.AlreadyExists):
        (store / "new/f").write_bytes(b"other", overwrite=False)
    assert (store / "new/f").read_bytes() == b"one two"


def test_write_text(store: StorageNode) -> None:
    """As `write`, encoded."""
    (store / "latin").write_text("é", encoding="latin-1", overwrite=False, metadata={"a": "b"})
    assert (store / "latin").read_bytes() == b"\xe9"


def test_write_atomic(store: StorageNode) -> None:
    """A write that breaks off leaves what was there; the name must be free unless told otherwise."""

    def broken() -> Iterator[bytes]:
        yield b"half"
        raise RuntimeError("broken off")

    with pytest.raises(vfs.AlreadyExists):
        (store / "a.csv").write_atomic(b"new")
    with pytest.raises(RuntimeError, match="broken off"):
        (store / "a.csv").write_atomic(broken(), overwrite=True)
    assert (store / "a.csv").read_text() == "a.csv"
    assert (store / "a.csv").write_atomic(b"new", overwrite=True).size == 3


def test_delete(store: StorageNode) -> None:
    """One file; a missing one is an error unless that is fine."""
    (store / "a.csv").delete()
    (store / "a.csv").delete(missing_ok=True)
    with pytest.raises(vfs.NotFound):
        (store / "a.csv").delete()


def test_delete_folder(store: StorageNode) -> None:
    """A folder that holds something goes only with all that is in it; a mount's root never."""
    with pytest.raises(vfs.DirectoryNotEmpty):
        (store / "raw_1").delete()
    (store / "raw_1").delete(recursive=True)
    (store / "raw_1").delete(recursive=True, missing_ok=True)
    with pytest.raises(vfs.NotFound):
        (store / "raw_1").delete(recursive=True)
    with pytest.raises(vfs.PermissionDenied):
        store.parent.delete(recursive=True)


def names(nodes: Iterator[StorageNode]) -> set[str]:
    return {node.name for node in nodes}


def test_list_files(store: StorageNode) -> None:
    """Of this folder or of all below, by name, and so many levels deep."""
    assert names(store.files()) == {"a.csv", "b.txt"}
    assert names(store.files(recursive=True, pattern="*.csv")) == {"a.csv", "c.csv", "d.csv"}
    assert names(store.files(max_depth=0)) == {"a.csv", "b.txt"}
    assert names(store.files(max_depth=1)) == {"a.csv", "b.txt", "c.csv"}
    with pytest.raises(ValueError, match="max_depth"):
        store.files(max_depth=-1)


def test_list_folders(store: StorageNode) -> None:
    """The pattern is of what is told, not of what is gone through."""
    assert names(store.folders()) == {"raw_1"}
    assert names(store.folders(max_depth=1)) == {"raw_1", "deep"}
    assert names(store.folders(pattern="de*", max_depth=1)) == {"deep"}
    assert names(store.folders(pattern="raw_*")) == {"raw_1"}
    with pytest.raises(ValueError, match="max_depth"):
        store.folders(max_depth=-1)


def test_iter_children(store: StorageNode) -> None:
    """Files and folders in one pass."""
    assert names(store.iter_children()) == {"a.csv", "b.txt", "raw_1"}


def test_glob(store: StorageNode) -> None:
    """Whole paths by a pattern."""
    assert store.supports("glob")
    assert names(store.glob("**/*.csv")) == {"a.csv", "c.csv", "d.csv"}
    assert names(store.glob("raw_*/*.csv")) == {"c.csv"}


def test_move(store: StorageNode) -> None:
    """A file gets another name; what has it already is safe unless told otherwise."""
    with pytest.raises(vfs.AlreadyExists):
        (store / "a.csv").move_to(store / "b.txt", overwrite=False)
    (store / "a.csv").move_to(store / "b.txt", overwrite=True)
    assert (store / "b.txt").read_text() == "a.csv"
    assert not (store / "a.csv").exists()
    with pytest.raises(vfs.NotFound):
        (store / "a.csv").move_to(store / "x")


def test_copy(store: StorageNode) -> None:
    """As `move`, and the source stays; metadata go along."""
    (store / "a.csv").write_text("a", metadata={"by": "me"})
    with pytest.raises(vfs.AlreadyExists):
        (store / "a.csv").copy_to(store / "b.txt", overwrite=False)
    (store / "a.csv").copy_to(store / "b.txt")
    assert ((store / "b.txt").read_text(), (store / "b.txt").get_metadata()) == ("a", {"by": "me"})


def test_head(store: StorageNode) -> None:
    """What the write had told."""
    told = (store / "f").write_bytes(b"12345")
    head = (store / "f").head()
    assert (head.path, head.size, head.etag) == (told.path, 5, told.etag)
    with pytest.raises(vfs.NotFound):
        (store / "none").head()


def test_exists_is_file_is_folder(store: StorageNode) -> None:
    """Three questions that no missing entry upsets."""
    told = [
        (node.exists(), node.is_file(), node.is_dir()) for node in map(store.child, ("a.csv", "raw_1", "x"))
    ]
    assert told == [(True, True, False), (True, False, True), (False, False, False)]


def test_get_file_info(store: StorageNode) -> None:
    """Size and time, in one question."""
    entry = (store / "a.csv").stat()
    assert (entry.size, entry.is_file) == (5, True)
    assert entry.mtime_ns is not None
    assert abs(datetime.now(UTC).timestamp() - entry.mtime_ns / 1e9) < 3600


def test_get_folder_info(store: StorageNode) -> None:
    """How many files, and how many bytes they are together."""
    info, direct = store.tree_info(), store.tree_info(max_depth=0)
    assert (info.file_count, info.total_size) == (4, 5 + 5 + 11 + 16)
    assert (direct.file_count, direct.total_size) == (2, 10)
    with pytest.raises(ValueError, match="max_depth"):
        store.tree_info(max_depth=-1)


def test_resolve(store: StorageNode) -> None:
    """Where a path is, and no question is asked; the key is the mount's."""
    plan = (store / "none").resolve()
    assert (plan.key, plan.kind) == ("store/none", {"data": "memory", "s3": "s3"}[store.mount])
    assert plan.native_path.endswith("store/none")


def test_ping(store: StorageNode, storage: StorageManager, seaweed: SeaweedServer) -> None:
    """Nothing where all is well; a bucket that is not there is told."""
    store.ping()
    add_bucket(storage, seaweed, "no-such-bucket", name="absent", version_aware="false")
    with pytest.raises(vfs.NotFound, match="no-such-bucket"):
        storage.node("absent:").ping()


def test_aclose(tmp_path: Path) -> None:
    """The `with` block gives back what the storage held."""
    with vfs.open([{"name": "m", "type": "sqlite", "path": str(tmp_path / "a.db")}]) as storage:
        storage.node("m:a").write_text("a")
    with vfs.open([{"name": "m", "type": "sqlite", "path": str(tmp_path / "a.db")}]) as storage:
        assert storage.node("m:a").read_text() == "a"


def test_child(store: StorageNode) -> None:
    """A store scoped further down, on the same storage."""
    child = store.child("raw_1")
    assert (child / "c.csv").read_text() == "raw_1/c.csv"
    for wrong in ("../x", "nul\0"):
        with pytest.raises(vfs.InvalidPath):
            store.child(wrong)


def test_unwrap(store: StorageNode) -> None:
    """The driver's own client, or a clear refusal."""
    if store.mount == "s3":
        assert store.unwrap(fsspec.AbstractFileSystem).protocol
    with pytest.raises(vfs.CapabilityNotSupported):
        store.unwrap(MemoryBackend)


def test_native_path_to_key(store: StorageNode, storage: StorageManager) -> None:
    """Each undoes the other; a place elsewhere has no key."""
    file = store / "a.csv"
    assert file.to_key(file.native_path()) == file.path
    home = storage.node("home:a")
    with pytest.raises(vfs.InvalidPath):
        home.to_key("/somewhere/else")


def test_supports(store: StorageNode) -> None:
    """By the word or by the member; an unknown word is an error."""
    assert store.supports(vfs.Capability.ATOMIC_WRITE)
    assert not store.supports("readonly")
    with pytest.raises(ValueError, match="teleport"):
        store.supports("teleport")
