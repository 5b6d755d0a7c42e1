"""Replacing whole files in a tree: in one act, on a condition, with nothing lost to open handles."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.engine.files.trees import content_of, put, store_tree
from tests.fakes import ObjectStore
from vfs.engine.backends.local import LocalBackend, LocalOptions
from vfs.engine.changes import Change, ChangeBus, ChangeKind
from vfs.engine.entries import Attributes
from vfs.engine.errors import AlreadyExists, BackendUnavailable, Conflict, InvalidPath, IsADirectory, NotFound
from vfs.engine.files.drafts import Replacement
from vfs.engine.files.in_place import InPlaceTree
from vfs.engine.files.store_tree import StoreTree
from vfs.engine.files.tree import FileTree


@pytest.fixture
def store() -> ObjectStore:
    return ObjectStore()


@pytest.fixture
def tree(store: ObjectStore, tmp_path: Path) -> Iterator[StoreTree]:
    with store_tree(store, tmp_path) as tree:
        yield tree


@pytest.fixture
def local(tmp_path: Path) -> Iterator[InPlaceTree]:
    backend = LocalBackend(LocalOptions(path=tmp_path / "files", create=True))
    tree = InPlaceTree("l", backend, ttl=1.0, changes=ChangeBus())
    yield tree
    tree.close()


@pytest.fixture(params=["store", "local"])
def either(request: pytest.FixtureRequest) -> FileTree:
    found: FileTree = request.getfixturevalue("tree" if request.param == "store" else "local")
    return found


def kinds_heard(tree: FileTree) -> list[tuple[str, ChangeKind]]:
    heard: list[tuple[str, ChangeKind]] = []

    def note(change: Change) -> None:
        heard.append((change.key, change.kind))

    tree.changes.subscribe(note)
    return heard


def read(tree: FileTree, key: str) -> bytes:
    handle = tree.open(key)
    try:
        return bytes(handle.read(0, 1 << 20))
    finally:
        handle.close()


def test_a_new_small_file_is_one_request(tree: StoreTree, store: ObjectStore) -> None:
    """Replacing nothing costs one write, and what was written is told without another request."""
    result = tree.replace(Replacement("a"), b"hello")

    assert store.requests == ["write"]
    assert (result.path, result.size, result.etag) == ("a", 5, tree.stat("a").etag)
    assert content_of(tree, "a") == b"hello"
    assert store.requests == ["write"]


def test_an_empty_file_is_stored(either: FileTree) -> None:
    """Nothing written is a file of no bytes."""
    assert either.replace(Replacement("a"), b"").size == 0
    assert either.stat("a").size == 0


def test_handles_on_the_old_file_keep_its_bytes(either: FileTree) -> None:
    """Whoever had the file open reads the old one to its end; who opens it now reads the new one."""
    either.replace(Replacement("a"), b"old bytes")
    handle = either.open("a")

    either.replace(Replacement("a"), b"new")

    assert bytes(handle.read(0, 100)) == b"old bytes"
    handle.close()
    assert read(either, "a") == b"new"


def test_what_others_wrote_and_not_yet_sent_is_replaced_too(tree: StoreTree, store: ObjectStore) -> None:
    """A handle with unsent bytes is cut off from the name: its close does not bring them back."""
    put(tree, "a", b"first")
    handle = tree.open("a", write=True)
    handle.write(0, b"UNSENT")

    tree.replace(Replacement("a"), b"whole")
    handle.flush()
    handle.close()

    assert bytes(store.read("a")) == b"whole"
    assert [entry.name for entry in store.list("")] == ["a"]


def test_a_source_that_fails_leaves_the_old_file(either: FileTree) -> None:
    """The error of the source goes through, and nobody sees a part of the new file."""
    either.replace(Replacement("a"), b"old")

    def failing() -> Iterator[bytes]:
        yield b"part"
        raise RuntimeError("the source broke")

    with pytest.raises(RuntimeError, match="the source broke"):
        either.replace(Replacement("a"), failing())

    assert read(either, "a") == b"old"
    assert [entry.name for entry in either.list("")] == ["a"]


def test_a_store_that_fails_leaves_the_old_file_and_its_handles(tree: StoreTree, store: ObjectStore) -> None:
    """After a failed replacement, an editor's handle still saves to the name."""
    put(tree, "a", b"old")
    handle = tree.open("a", write=True)
    store.down.set()
    with pytest.raises(BackendUnavailable):
        tree.replace(Replacement("a"), b"new")
    store.down.clear()

    handle.write(0, b"OLD")
    handle.flush()
    handle.close()

    assert bytes(store.read("a")) == b"OLD"


def test_overwrite_false_takes_only_a_free_name(either: FileTree) -> None:
    """What is there stays, and the caller is told."""
    either.replace(Replacement("a", overwrite=False), b"first")

    with pytest.raises(AlreadyExists):
        either.replace(Replacement("a", overwrite=False), b"second")

    assert read(either, "a") == b"first"


def test_a_name_taken_behind_our_back_is_not_overwritten(tree: StoreTree, store: ObjectStore) -> None:
    """The store itself is asked for a free name; nothing of ours is left beside it."""
    with pytest.raises(NotFound):
        tree.stat("a")
    store.write("a", b"theirs")

    with pytest.raises(AlreadyExists):
        tree.replace(Replacement("a", overwrite=False), b"ours")

    assert [entry.name for entry in store.list("")] == ["a"]
    assert content_of(tree, "a") == b"theirs"


def test_if_match_replaces_only_the_file_that_was_seen(either: FileTree) -> None:
    """The ETag of an older state, or of a file that is gone, is a conflict."""
    etag = either.replace(Replacement("a"), b"one").etag
    either.replace(Replacement("a", if_match=etag), b"two!")

    with pytest.raises(Conflict):
        either.replace(Replacement("a", if_match=etag), b"three")
    with pytest.raises(Conflict):
        either.replace(Replacement("gone", if_match=etag), b"")

    assert read(either, "a") == b"two!"


def test_if_match_is_checked_by_the_store(tree: StoreTree, store: ObjectStore) -> None:
    """A file changed by another machine a moment ago is not replaced, though we have not seen that yet."""
    etag = tree.replace(Replacement("a"), b"one").etag
    store.write("a", b"theirs")

    with pytest.raises(Conflict):
        tree.replace(Replacement("a", if_match=etag), b"ours")

    assert content_of(tree, "a") == b"theirs"


def test_mode_and_metadata_of_the_old_file_stay(either: FileTree) -> None:
    """As truncating would leave them; what is given takes their place."""
    either.replace(Replacement("a", metadata={"k": "v"}, attributes=Attributes(mode=0o640)), b"one")

    either.replace(Replacement("a"), b"two")
    assert (either.stat("a").mode, dict(either.stat("a").metadata)) == (0o640, {"k": "v"})

    either.replace(Replacement("a", metadata={}, attributes=Attributes(mode=0o600)), b"three")
    assert (either.stat("a").mode, dict(either.stat("a").metadata)) == (0o600, {})


def test_a_folder_is_not_replaced(either: FileTree) -> None:
    """It is refused before a byte of the source is taken."""
    either.make_directory("d")
    with pytest.raises(IsADirectory):
        either.draft(Replacement("d"))
    with pytest.raises(IsADirectory):
        either.draft(Replacement(""))


def test_a_symlink_is_not_replaced(either: FileTree) -> None:
    """A link is no file, and is not followed."""
    either.make_symlink("s", "a")
    with pytest.raises(InvalidPath):
        either.replace(Replacement("s"), b"x")


def test_a_draft_is_filled_in_any_order(either: FileTree) -> None:
    """Writes at offsets, reads and cuts, as in a file; nobody sees it until it is committed."""
    draft = either.draft(Replacement("a"))
    draft.write(4, b"tail!")
    draft.write(0, b"head")
    draft.truncate(8)
    assert bytes(draft.read(0, 100)) == b"headtail"
    with pytest.raises(NotFound):
        either.stat("a")

    draft.commit()

    assert read(either, "a") == b"headtail"


def test_a_big_draft_leaves_in_parts(
    tree: StoreTree, store: ObjectStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Parts travel while the source still gives bytes; a source that fails then leaves nothing."""
    store.part_limits = type(store.part_limits)(
        smallest=1 << 20, preferred=1 << 20, largest=1 << 30, max_parts=100
    )
    block = bytes(range(256)) * 4096

    def blocks(count: int) -> Iterator[bytes]:
        for _ in range(count):
            yield block
        assert "begin" in store.requests

    tree.replace(Replacement("big"), blocks(20))
    assert bytes(store.read("big")) == block * 20

    def failing() -> Iterator[bytes]:
        yield from blocks(20)
        raise RuntimeError

    with pytest.raises(RuntimeError):
        tree.replace(Replacement("big"), failing())
    assert store.requests[-1] == "abort"
    assert store.stat("big").size == len(block) * 20


def test_other_fronts_hear_of_a_new_and_of_a_replaced_file(either: FileTree) -> None:
    """A new name is told as created, folders made along with it too; another file there as replaced."""
    with pytest.raises(NotFound):
        either.stat("d")
    heard = kinds_heard(either)

    either.replace(Replacement("d/a"), b"one")
    assert heard[-1] == ("d/a", ChangeKind.CREATED)
    assert ("d", ChangeKind.CREATED) in heard
    assert either.stat("d").is_folder

    either.replace(Replacement("d/a"), b"two")
    assert heard[-1] == ("d/a", ChangeKind.REPLACED)


def test_with_the_journal_a_replacement_survives_the_process(tmp_path: Path) -> None:
    """With the store away it is acknowledged from disk and seen at once; the next run sends it."""
    store = ObjectStore()
    store.write("old", b"old content", metadata={"k": "v"})
    with store_tree(store, tmp_path, "disk") as tree:
        tree.stat("old")
        with pytest.raises(NotFound):
            tree.stat("new")
        store.down.set()
        tree.replace(Replacement("old"), b"first")
        tree.replace(Replacement("old"), b"second")
        tree.replace(Replacement("new"), b"hello")
        assert content_of(tree, "old") == b"second"
        assert sorted(file.key for file in tree.unsent()) == ["new", "old"]
    store.down.clear()

    with store_tree(store, tmp_path, "disk") as tree:
        tree.flush()
        assert tree.unsent() == []
    assert bytes(store.read("old")) == b"second"
    assert dict(store.stat("old").metadata) == {"k": "v"}
    assert bytes(store.read("new")) == b"hello"
    assert sorted(entry.name for entry in store.list("")) == ["new", "old"]


def test_metadata_is_set_on_open_and_closed_files(tree: StoreTree, store: ObjectStore) -> None:
    """Unsent bytes go along, and the handle saves on afterwards without a conflict."""
    put(tree, "a", b"one")
    tree.set_metadata("a", {"k": "v"})
    handle = tree.open("a", write=True)
    handle.write(0, b"ONE")

    assert dict(tree.set_metadata("a", {"k": "w"}).metadata) == {"k": "w"}
    handle.write(3, b"!")
    handle.flush()
    handle.close()

    assert bytes(store.read("a")) == b"ONE!"
    assert dict(tree.stat("a").metadata) == dict(store.stat("a").metadata) == {"k": "w"}
