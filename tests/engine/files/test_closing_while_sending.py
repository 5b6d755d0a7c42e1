"""With `durability: disk`, what is closed again while it is being sent does not wait for the store."""

import shutil
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.engine.files.stalling_store import Stall, StallingStore
from tests.engine.files.trees import content_of, names, put, store_tree
from tests.mounts.waiting import wait_until
from vfs.engine.entries import Attributes
from vfs.engine.errors import BackendUnavailable, StorageError
from vfs.engine.files import commits, outbox, staging
from vfs.engine.files.progress import SendState
from vfs.engine.files.store_tree import StoreTree

OLD = b"0123456789"


@pytest.fixture
def store() -> StallingStore:
    return StallingStore()


@pytest.fixture
def tree(store: StallingStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[StoreTree]:
    """A tree that sends at once what is closed."""
    monkeypatch.setattr(outbox, "SETTLING", 0.0)
    monkeypatch.setattr(staging, "MEMORY_LIMIT", 4)
    with store_tree(store, tmp_path / "state", "disk") as tree:
        yield tree
        store.go_on()
        store.down.clear()


def append(tree: StoreTree, key: str, content: bytes) -> None:
    """What a shell does for `>>`, in a thread that is given up if it waits for the store."""

    def act() -> None:
        handle = tree.create(key)
        handle.write(handle.stat().size, content)
        handle.flush()
        handle.close()

    executor = ThreadPoolExecutor(1)
    try:
        executor.submit(act).result(20)
    finally:
        executor.shutdown(wait=False)


def stalled(tree: StoreTree, store: StallingStore, where: Stall, content: bytes = OLD) -> None:
    """A file that was closed, and is on its way to a store that does not answer."""
    store.stall(where)
    put(tree, "a", content)
    wait_until(lambda: store.held == 1, 20, "the file to be on its way")


@pytest.mark.parametrize("where", Stall)
def test_a_second_close_does_not_wait_for_a_stalled_store_regression(
    tree: StoreTree, store: StallingStore, where: Stall
) -> None:
    """It returns when the journal has it; the store gets it after the first, and nothing is a conflict."""
    stalled(tree, store, where)
    append(tree, "a", b"-second")
    append(tree, "a", b"-third")
    assert store.held == 1
    assert content_of(tree, "a") == b"0123456789-second-third"
    assert tree.progress("a").state is SendState.SENDING

    store.go_on()
    tree.flush()
    assert bytes(store.read("a")) == b"0123456789-second-third"
    assert names(tree) == ["a"]
    assert store.requests.count("write") == 2


@pytest.mark.parametrize("where", Stall)
def test_a_crash_meanwhile_leaves_what_was_closed_last(
    tree: StoreTree, store: StallingStore, where: Stall, tmp_path: Path
) -> None:
    """Also where the store took the first state and nobody heard so: no conflict for the next process."""
    stalled(tree, store, where)
    append(tree, "a", b"-second")
    shutil.copytree(tmp_path / "state", tmp_path / "survived")
    shutil.rmtree(tmp_path / "survived" / "attempts")  # as after a night: only the journal still counts
    with store_tree(store.another_client(), tmp_path / "survived", "disk") as survived:
        survived.flush()
        assert content_of(survived, "a") == b"0123456789-second"
        assert names(survived) == ["a"]


def answer_lost(tree: StoreTree, store: StallingStore) -> None:
    """The store has what was on its way, and nobody hears of it; then it answers again."""
    store.loses_answers = True
    store.down.set()
    store.go_on()
    wait_until(lambda: tree.progress("a").state is SendState.FAILED, 20, "the answer to be lost")
    store.down.clear()
    tree.send_now()
    tree.flush()


def test_a_lost_answer_meanwhile_is_no_conflict(tree: StoreTree, store: StallingStore) -> None:
    """What the store has by then is known for the state before."""
    stalled(tree, store, Stall.AFTER)
    append(tree, "a", b"-second")
    answer_lost(tree, store)
    assert names(tree) == ["a"]
    assert bytes(store.read("a")) == b"0123456789-second"


def test_what_an_earlier_run_had_acknowledged_is_known_for_ours_regression(
    tree: StoreTree, store: StallingStore, tmp_path: Path
) -> None:
    """A file taken up from the journal, closed again while it is sent: the answer of that is lost."""
    stalled(tree, store, Stall.BEFORE)
    shutil.copytree(tmp_path / "state", tmp_path / "survived")
    other = store.another_client()
    other.stall(Stall.AFTER)
    with store_tree(other, tmp_path / "survived", "disk") as survived:
        wait_until(lambda: other.held == 1, 20, "the file to be on its way again")
        survived.attempts.settle("a")
        append(survived, "a", b"-second")
        answer_lost(survived, other)
        assert names(survived) == ["a"]
        assert content_of(survived, "a") == b"0123456789-second"


def test_a_state_whose_time_was_given_is_waited_for(tree: StoreTree, store: StallingStore) -> None:
    """It could not be told from somebody else's: the second close is not before it is known to be stored."""
    store.stall(Stall.AFTER)
    handle = tree.create("a")
    handle.write(0, OLD)
    handle.set_attributes(Attributes(mtime_ns=5))
    handle.flush()
    wait_until(lambda: store.held == 1, 20, "the file to be on its way")
    handle.write(10, b"-second")
    executor = ThreadPoolExecutor(1)
    closed = executor.submit(handle.flush)
    with pytest.raises(TimeoutError):
        closed.result(0.2)
    store.go_on()
    closed.result(20)
    executor.shutdown()
    handle.close()
    tree.flush()
    assert names(tree) == ["a"]
    assert bytes(store.read("a")) == b"0123456789-second"


def test_what_was_cut_meanwhile_comes_back_as_zeros(tree: StoreTree, store: StallingStore) -> None:
    """Before the second close and after it: of the bytes that the store has by then none shows again."""
    stalled(tree, store, Stall.BEFORE)
    handle = tree.create("a")
    handle.truncate(6)
    handle.truncate(8)
    handle.flush()
    handle.truncate(2)
    handle.truncate(10)
    store.stall(Stall.AFTER)
    wait_until(lambda: [key for key, _ in store.sweep("")] == ["a"], 20, "the first state to be stored")
    store.stall(Stall.BEFORE)
    wait_until(lambda: (store.came, store.held) == (2, 1), 20, "the second one to be on its way")
    assert bytes(handle.read(0, 20)) == b"01" + bytes(8)
    store.go_on()
    tree.durability.outbox.wait_until_empty()
    assert bytes(store.read("a")) == b"012345\0\0"
    handle.flush()
    handle.close()
    tree.flush()
    assert bytes(store.read("a")) == b"01" + bytes(8)


def test_bytes_of_an_edited_object_are_not_lost_with_a_later_cut(
    tree: StoreTree, store: StallingStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is cut after the second close is in what that close promised."""
    monkeypatch.setattr(commits, "SINGLE_WRITE", 16)
    store.write("a", OLD * 3)
    handle = tree.open("a", write=True)
    store.stall(Stall.BEFORE)
    handle.write(0, b"first")
    handle.flush()
    wait_until(lambda: store.held == 1, 20, "the first state to be on its way")
    handle.write(28, b"..")
    handle.flush()
    handle.truncate(0)
    store.go_on()
    tree.durability.outbox.wait_until_empty()
    assert bytes(store.read("a")) == b"first" + (OLD * 3)[5:28] + b".."
    handle.flush()
    handle.close()
    tree.flush()
    assert bytes(store.read("a")) == b""


def test_somebody_elses_version_leaves_ours_as_closed_last(tree: StoreTree, store: StallingStore) -> None:
    """The first state meets the conflict, and what was promised last is kept: one copy."""
    stalled(tree, store, Stall.BEFORE)
    append(tree, "a", b"-second")
    store.another_client().write("a", b"theirs")
    store.go_on()
    tree.flush()
    kept = [name for name in names(tree) if name != "a"]
    assert [bytes(store.read(name)) for name in kept] == [b"0123456789-second"]
    assert bytes(store.read("a")) == b"theirs"
    assert tree.unsent() == []


def test_the_second_state_is_sent_where_the_first_failed(tree: StoreTree, store: StallingStore) -> None:
    """It is tried again as often as it takes, and nothing of the first is left in the journal."""
    stalled(tree, store, Stall.BEFORE)
    append(tree, "a", b"-second")
    store.down.set()
    store.go_on()
    wait_until(lambda: tree.progress("a").state is SendState.FAILED, 20, "the first to fail")
    journal = Path(tree.durability.journal.directory)
    assert len(list(journal.iterdir())) == 2  # a record and its bytes
    store.down.clear()
    tree.send_now()
    tree.flush()
    assert bytes(store.read("a")) == b"0123456789-second"
    wait_until(lambda: not list(journal.iterdir()), 20, "the journal to be empty")


def test_attributes_do_not_wait_either(tree: StoreTree, store: StallingStore) -> None:
    """chmod and touch of a file that is being sent go with its next commit."""
    stalled(tree, store, Stall.BEFORE)
    executor = ThreadPoolExecutor(1)
    changed = executor.submit(tree.set_attributes, "a", Attributes(mode=0o600, mtime_ns=5_000_000_000))
    assert changed.result(20).mode == 0o600
    executor.shutdown()
    store.go_on()
    tree.flush()
    stored = store.stat("a")
    assert (stored.mode, stored.mtime_ns) == (0o600, 5_000_000_000)


def test_a_rename_waits_until_the_file_is_sent(tree: StoreTree, store: StallingStore) -> None:
    """It moves what the store has by then, the newest state."""
    stalled(tree, store, Stall.BEFORE)
    append(tree, "a", b"-second")
    executor = ThreadPoolExecutor(1)
    renamed = executor.submit(tree.rename, "a", "b")
    store.go_on()
    renamed.result(20)
    executor.shutdown()
    tree.flush()
    assert names(tree) == ["b"]
    assert bytes(store.read("b")) == b"0123456789-second"


def test_a_full_journal_leaves_what_it_had_regression(
    tree: StoreTree, store: StallingStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A close that failed for want of room promised nothing: what was closed before is sent.

    Also where that was tried, and failed, just then.
    """
    stalled(tree, store, Stall.BEFORE)
    handle = tree.create("a")
    handle.write(0, b"next")
    sent = tree.files.all()[0]

    def full(*_: object) -> None:
        store.down.set()
        store.go_on()
        wait_until(lambda: not sent.is_being_sent, 20, "the first state to fail")
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(tree.durability.journal, "put", full)
        with pytest.raises(StorageError, match="No space left"):
            handle.flush()
    wait_until(lambda: tree.progress("a").state is SendState.FAILED, 20, "the outbox to know")
    store.down.clear()
    tree.send_now()
    tree.durability.outbox.wait_until_empty()
    assert bytes(store.read("a")) == OLD
    journal = Path(tree.durability.journal.directory)
    wait_until(lambda: not list(journal.glob("*.json")), 20, "the journal to forget it")
    handle.flush()
    handle.close()
    tree.flush()
    assert bytes(store.read("a")) == b"next456789"


def test_a_store_that_is_away_is_told_of_as_before(tree: StoreTree, store: StallingStore) -> None:
    """Sending at once, as a change of names has to, raises why it failed, and the journal keeps the file."""
    store.down.set()
    put(tree, "a", OLD)
    append(tree, "a", b"-second")
    with pytest.raises(BackendUnavailable):
        tree.durability.publish_now(tree.files.all()[0])
    assert [unsent.size for unsent in tree.unsent()] == [17]
