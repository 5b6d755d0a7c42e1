"""Open files over a store: what each handle and each other front sees, and what the store is asked."""

import errno
from pathlib import Path

import pytest

from tests.engine.files.trees import content_of, names, put, store_tree
from tests.fakes import ObjectStore
from vfs.engine.entries import Attributes
from vfs.engine.errors import (
    BackendUnavailable,
    Conflict,
    InvalidPath,
    NotFound,
    StorageError,
)
from vfs.engine.files import first_bytes
from vfs.engine.files.drafts import Replacement
from vfs.engine.files.store_tree import StoreTree


def test_a_small_new_file_is_one_request(tree: StoreTree, store: ObjectStore) -> None:
    """Creating, writing and closing asks the store for one write and nothing else."""
    put(tree, "a", b"hello")

    assert store.requests == ["write"]
    assert bytes(store.read("a")) == b"hello"


def test_a_new_file_is_seen_before_it_is_stored(tree: StoreTree, store: ObjectStore) -> None:
    """Others see an open new file with its present size; the store hears of it when it is closed."""
    handle = tree.create("a", attributes=Attributes(mode=0o640))
    handle.write(0, b"hello")

    assert (tree.stat("a").size, tree.stat("a").mode) == (5, 0o640)
    assert names(tree) == ["a"]
    assert store.requests == []
    handle.flush()
    handle.close()
    assert store.stat("a").mode == 0o640


def test_a_file_just_written_is_read_without_a_request(tree: StoreTree, store: ObjectStore) -> None:
    """A small file's bytes are remembered when it is closed."""
    put(tree, "a", b"hello")
    store.requests.clear()

    assert content_of(tree, "a") == b"hello"
    assert store.requests == []


def test_two_handles_on_one_file_see_each_others_writes(tree: StoreTree) -> None:
    """Handles share the file's state, as POSIX asks, before anything is committed."""
    put(tree, "a", b"0123456789")
    reader, writer = tree.open("a"), tree.open("a", write=True)

    writer.write(3, b"XYZ")

    assert bytes(reader.read(0, 100)) == b"012XYZ6789"
    reader.close()
    writer.flush()
    writer.close()


def test_a_cut_hides_old_bytes_for_good(tree: StoreTree) -> None:
    """Bytes beyond a cut are zeros when the file grows again, before and after the commit."""
    put(tree, "a", b"0123456789" * 10)
    handle = tree.open("a", write=True)

    handle.truncate(4)
    handle.truncate(8)

    assert bytes(handle.read(0, 100)) == b"0123\0\0\0\0"
    handle.flush()
    handle.close()
    assert content_of(tree, "a") == b"0123\0\0\0\0"


def test_an_edit_in_a_big_file_sends_little(tree: StoreTree, store: ObjectStore) -> None:
    """The unchanged parts are copied inside the store; one small part travels."""
    before = bytes(range(200))
    store.write("big", before)
    handle = tree.open("big", write=True)
    handle.write(100, b"edit")
    store.requests.clear()

    handle.flush()

    assert store.requests.count("part") == 1
    assert sorted(set(store.requests)) == ["begin", "complete", "copied part", "part", "read"]
    handle.close()
    assert bytes(store.read("big")) == before[:100] + b"edit" + before[104:]


def test_a_big_new_file_leaves_while_it_is_written(tree: StoreTree, store: ObjectStore) -> None:
    """Full parts are sent before the file is closed, and closing sends the rest."""
    content = bytes(n % 251 for n in range(9 << 20))
    store.part_limits = type(store.part_limits)(
        smallest=1 << 20, preferred=1 << 20, largest=1 << 30, max_parts=100
    )
    handle = tree.create("big")
    for start in range(0, len(content), 100_000):
        handle.write(start, content[start : start + 100_000])
    handle.write(10, b"again")
    begun_early = "begin" in store.requests

    handle.flush()
    handle.close()

    assert begun_early
    assert bytes(store.read("big")) == content[:10] + b"again" + content[15:]


def test_an_unlinked_file_stays_whole_for_its_handles(tree: StoreTree, store: ObjectStore) -> None:
    """The name is gone at once and the handle reads on, bytes it had not asked for included."""
    put(tree, "a", b"0123456789")
    handle = tree.open("a", write=True)

    tree.delete("a")

    assert names(tree) == []
    assert bytes(handle.read(0, 100)) == b"0123456789"
    handle.write(0, b"X")
    handle.flush()
    handle.close()
    with pytest.raises(NotFound):
        store.stat("a")


@pytest.mark.parametrize("act", ["delete", "replace", "rename"])
def test_bytes_that_the_store_lost_are_no_obstacle_regression(
    tree: StoreTree, store: ObjectStore, act: str
) -> None:
    """The name of a file that somebody else replaced can be taken; who reads the old one is told."""
    put(tree, "other", b"other")
    store.another_client().write("a", bytes(4 << 20))
    handle = tree.open("a")
    store.another_client().write("a", b"theirs")

    if act == "delete":
        tree.delete("a")
    elif act == "replace":
        tree.replace(Replacement("a"), b"ours")
    else:
        tree.rename("other", "a")

    with pytest.raises(Conflict):
        handle.read(3 << 20, 1)
    handle.close()
    assert names(tree) == {"delete": ["other"], "replace": ["a", "other"], "rename": ["a"]}[act]


def test_someone_elses_version_stays_and_ours_is_kept_beside_it(tree: StoreTree, store: ObjectStore) -> None:
    """A conflict loses nobody's bytes, and the loser is told by ESTALE."""
    put(tree, "a", b"first")
    handle = tree.open("a", write=True)
    handle.write(0, b"OURS")
    store.write("a", b"theirs")

    with pytest.raises(Conflict):
        handle.flush()
    handle.close()

    assert bytes(store.read("a")) == b"theirs"
    [copy] = [name for name in names(tree) if name.startswith("a.conflict-")]
    assert bytes(store.read(copy)) == b"OURSt"


def test_a_new_file_never_overwrites_one_that_came_first(tree: StoreTree, store: ObjectStore) -> None:
    """A file that was absent when it was created here does not replace one stored meanwhile."""
    handle = tree.create("a")
    handle.write(0, b"ours")
    store.write("a", b"theirs")

    with pytest.raises(Conflict):
        handle.flush()
    handle.close()

    assert bytes(store.read("a")) == b"theirs"


def test_opening_shows_what_another_machine_wrote_a_moment_ago(tree: StoreTree, store: ObjectStore) -> None:
    """What is remembered is not believed when bytes must be fetched anyway; no request more."""
    store.write("a", b"first")
    tree.stat("a")
    store.write("a", b"second, and longer")
    store.requests.clear()

    handle = tree.open("a")

    assert handle.stat().size == 18
    assert bytes(handle.read(0, 100)) == b"second, and longer"
    assert store.requests == ["read"]
    handle.close()


def test_a_reader_of_a_replaced_file_is_told_and_the_next_one_gets_the_new_bytes(
    tree: StoreTree, store: ObjectStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Never a mix: ESTALE for the handle on the old object, the new content for whoever opens it then."""
    monkeypatch.setattr(first_bytes, "BEGINNING", 2)
    store.write("a", b"first")
    handle = tree.open("a")
    store.write("a", b"second")

    with pytest.raises(Conflict):
        handle.read(0, 100)

    assert content_of(tree, "a") == b"second"
    handle.close()


def test_a_failed_close_is_reported_and_can_be_repeated(tree: StoreTree, store: ObjectStore) -> None:
    """The error reaches the caller; the bytes stay until the store takes them."""
    handle = tree.create("a")
    handle.write(0, b"hello")
    store.down.set()
    with pytest.raises(BackendUnavailable):
        handle.flush()

    store.down.clear()
    handle.flush()

    handle.close()
    assert bytes(store.read("a")) == b"hello"


def test_a_file_beyond_what_the_store_takes_is_refused_at_once(tree: StoreTree) -> None:
    """Nobody writes a petabyte of zeros to find out: EFBIG when the size is asked for."""
    handle = tree.create("a")

    with pytest.raises(StorageError) as failure:
        handle.truncate(999_999_999_999_999)

    assert failure.value.errno == errno.EFBIG
    assert tree.stat("a").size == 0
    handle.close()


def test_attributes_of_an_unsent_file_cost_no_request(tree: StoreTree, store: ObjectStore) -> None:
    """chmod and utimens before the close travel with the file."""
    handle = tree.create("a")
    handle.write(0, b"x")
    handle.set_attributes(Attributes(mode=0o600, mtime_ns=123_456_789))
    handle.flush()
    handle.close()

    assert store.requests == ["write"]
    assert (store.stat("a").mode, store.stat("a").mtime_ns) == (0o600, 123_456_789)


def test_what_was_acknowledged_on_disk_is_sent_by_the_next_process(tmp_path: Path) -> None:
    """With the store away, close returns once the journal has the file; another run sends it."""
    store = ObjectStore()
    store.write("old", b"0123456789")
    with store_tree(store, tmp_path, "disk") as tree:
        handle = tree.open("old", write=True)
        handle.write(2, b"XX")
        store.down.set()
        handle.flush()
        put(tree, "new", b"hello")
        assert sorted(file.key for file in tree.unsent()) == ["new", "old"]
        assert names(tree) == ["new", "old"]
    store.down.clear()

    with store_tree(store, tmp_path, "disk") as tree:
        tree.flush()

        assert tree.unsent() == []
    assert bytes(store.read("new")) == b"hello"
    assert bytes(store.read("old")) == b"01XX456789"
    assert list((tmp_path / "journal").iterdir()) == []


def test_a_journalled_file_can_be_deleted_before_it_is_sent(tmp_path: Path) -> None:
    """Nothing of it reaches the store, now or later."""
    store = ObjectStore()
    with store_tree(store, tmp_path, "disk") as tree:
        store.down.set()
        put(tree, "a", b"hello")
        tree.delete("a")
        store.down.clear()

        tree.flush()

    assert list(store.list("")) == []


def test_what_is_made_in_a_set_group_id_folder_has_its_group(tree: StoreTree) -> None:
    """Files and folders take the folder's group, and folders hand the bit on."""
    tree.make_directory("d", attributes=Attributes(mode=0o2775, uid=0, gid=4242))

    tree.make_directory("d/e", attributes=Attributes(mode=0o755, uid=7, gid=7))
    handle = tree.create("d/e/a", attributes=Attributes(mode=0o644, uid=7, gid=7))
    handle.flush()
    handle.close()

    assert (tree.stat("d/e").gid, tree.stat("d/e").mode) == (4242, 0o2755)
    assert (tree.stat("d/e/a").gid, tree.stat("d/e/a").mode) == (4242, 0o644)


def test_an_unsent_file_takes_extended_attributes(tree: StoreTree, store: ObjectStore) -> None:
    """cp -a sets them before it closes: the file is sent first, and further writes go on top."""
    handle = tree.create("a")
    handle.write(0, b"one")
    tree.set_xattr("a", "user.colour", b"red")
    handle.write(3, b" two")
    handle.flush()
    handle.close()

    assert tree.get_xattr("a", "user.colour") == b"red"
    assert bytes(store.read("a")) == b"one two"


def test_a_write_whose_answer_was_lost_is_no_conflict(tree: StoreTree, store: ObjectStore) -> None:
    """When the store turns out to hold our own version already, that is what we stand on; no copy is kept."""
    handle = tree.create("a")
    handle.write(0, b"hello")
    store.write("a", b"hello")

    handle.flush()

    assert names(tree) == ["a"]
    handle.write(5, b" again")
    handle.flush()
    handle.close()
    assert bytes(store.read("a")) == b"hello again"


def test_a_key_that_the_store_cannot_hold_is_refused_at_the_door(
    tree: StoreTree, store: ObjectStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not at close, when a program has written all it had."""

    def refuse(key: str) -> None:
        raise InvalidPath("no such key can be", key)

    monkeypatch.setattr(store, "check_key", refuse)

    with pytest.raises(InvalidPath):
        tree.create("a")
    assert names(tree) == []
