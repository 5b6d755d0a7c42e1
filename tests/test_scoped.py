"""Stores whose acts take paths: scoped to a folder, over mounts and given storages, in both colours."""

import inspect
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import pytest

import vfs
from vfs.aio.iteration import AsyncIteration
from vfs.aio.scoped import AsyncStore
from vfs.engine.backends.memory import MemoryBackend
from vfs.scoped import FileInfo, FolderEntry, Store


class Closing(MemoryBackend):
    """Knows whether it was closed."""

    is_closed = False

    def close(self) -> None:
        self.is_closed = True
        super().close()


@pytest.fixture(autouse=True)
def _own_state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))


@pytest.fixture
def store() -> Iterator[Store]:
    """The folder `top` of a storage, with a few files."""
    with Store(MemoryBackend(), "top") as store:
        for path in ("a.csv", "b.txt", "raw/c.csv"):
            store.write(path, path.encode())
        yield store


def test_a_storage_of_ones_own_is_closed_with_the_store() -> None:
    """And by a child of it, or by the store of a mount's folder, it is not."""
    backend = Closing()
    with Store(backend) as store:
        store.write("a/b", b"1")
        with store.child("a") as child:
            assert child.read_bytes("b") == b"1"
        assert not backend.is_closed
        with Store(store.folder) as same:
            assert same.exists("a/b")
        assert not backend.is_closed
    assert backend.is_closed


def test_a_backend_is_mounted_and_unmounted() -> None:
    """Under a name of its own, beside other mounts; the plan tells what it is, and a taken name closes it."""
    with vfs.open([{"name": "m", "type": "memory"}]) as storage:
        backend, late = Closing(), Closing()
        storage.add_backend("mine", backend, permissions="readonly")
        with pytest.raises(vfs.PermissionDenied):
            storage.node("mine:a").write_text("a")
        plan = storage.node("mine:a").resolve()
        assert (plan.kind, plan.details["backend"]) == ("given", "Closing")
        with pytest.raises(vfs.ConfigError, match="mount 'mine' already"):
            storage.add_backend("mine", late)
        assert late.is_closed
        assert not backend.is_closed
        storage.remove_mount("mine")
        assert backend.is_closed
        with pytest.raises(vfs.ConfigError, match="unknown"):
            storage.configure([{"name": "other", "type": "given"}])


def test_paths_are_the_stores_own(store: Store) -> None:
    """In what is told of files, folders and writes; no path leads out."""
    told = store.write("new/f", b"1", metadata={"by": "me"})
    assert (told.path, store.head("new/f").path, store.resolve("new/f").key) == ("new/f", "new/f", "new/f")
    assert {info.path for info in store.list_files("raw")} == {"raw/c.csv"}
    assert store.get_file_info("new/f").metadata == {"by": "me"}
    assert store.to_key(store.native_path("a.csv")) == "a.csv"
    with pytest.raises(vfs.InvalidPath):
        store.read_bytes("../secret")
    with pytest.raises(vfs.InvalidPath):
        store.to_key("elsewhere/a.csv")
    with pytest.raises(vfs.InvalidPath):
        store.child("")


def test_what_listings_tell(store: Store) -> None:
    """Sizes and times of files, names of folders; nothing else is asked."""
    children = {child.name: child for child in store.iter_children("")}
    assert children["raw"] == FolderEntry("raw", "raw")
    file = children["a.csv"]
    assert isinstance(file, FileInfo)
    assert file.size == 5
    assert file.modified_at is not None
    assert abs((datetime.now(UTC) - file.modified_at).total_seconds()) < 60
    assert {info.path for info in store.glob("**/*.csv")} == {"a.csv", "raw/c.csv"}
    assert [folder.path for folder in store.list_folders("")] == ["raw"]
    info = store.get_folder_info("")
    assert (info.file_count, info.total_size) == (3, 5 + 5 + 9)
    assert store.get_folder_info("", max_depth=0).file_count == 2


def test_files_and_folders_are_told_apart(store: Store) -> None:
    """What acts on files refuses folders, and the other way round."""
    for act in (store.delete, store.get_file_info, store.read_bytes):
        with pytest.raises(vfs.IsADirectory):
            act("raw")
    for move in (store.move, store.copy):
        with pytest.raises(vfs.IsADirectory):
            move("raw", "elsewhere")
    with pytest.raises(vfs.NotADirectory):
        store.delete_folder("a.csv")
    with pytest.raises(vfs.InvalidPath):
        store.delete_folder("", recursive=True)
    with pytest.raises(vfs.DirectoryNotEmpty):
        store.delete_folder("raw")
    store.delete_folder("raw", recursive=True)
    store.delete_folder("raw", missing_ok=True)
    assert not store.is_folder("raw")


def test_nothing_is_overwritten_unasked(store: Store) -> None:
    """By writes, moves and copies."""
    for act in (
        lambda over: store.write("a.csv", b"1", overwrite=over),
        lambda over: store.write_text("a.csv", "1", overwrite=over),
        lambda over: store.write_atomic("a.csv", b"1", overwrite=over),
        lambda over: store.copy("b.txt", "a.csv", overwrite=over),
        lambda over: store.move("b.txt", "a.csv", overwrite=over),
    ):
        with pytest.raises(vfs.AlreadyExists):
            act(False)
        act(True)
    assert (store.read_text("a.csv"), store.exists("b.txt")) == ("b.txt", False)
    with suppress(RuntimeError), store.open_atomic("a.csv", overwrite=True) as file:
        file.write(b"half")
        raise RuntimeError
    with store.read("a.csv") as file:
        assert file.read() == b"b.txt"


def public(kind: type) -> dict[str, object]:
    return {name: getattr(kind, name) for name in dir(kind) if name[0] != "_"}


def test_both_colours_have_the_same_names() -> None:
    """With the same arguments; listings are gone through."""
    ours, theirs = public(AsyncStore), public(Store)
    assert set(ours) ^ set(theirs) == {"aclose", "folder"}
    for name, method in theirs.items():
        expected, given = (inspect.signature(each) for each in (method, ours[name]))  # type: ignore[arg-type]
        assert [(p.name, p.kind, p.default) for p in given.parameters.values()] == [
            (p.name, p.kind, p.default) for p in expected.parameters.values()
        ], name
        if str(expected.return_annotation).startswith("collections.abc.Iterator"):
            assert str(given.return_annotation).startswith(f"{AsyncIteration.__module__}.AsyncIteration")
