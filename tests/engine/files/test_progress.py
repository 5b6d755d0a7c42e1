"""How far a file is on its way: written, queued, on its way, failed and why, in the store."""

import threading
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from tests.engine.files.trees import put, store_tree
from tests.fakes import ObjectStore
from tests.mounts.waiting import wait_until
from vfs.engine.backend import Source
from vfs.engine.entries import Attributes, WriteResult
from vfs.engine.files.progress import SENT, SendProgress, SendState
from vfs.engine.files.read_only import ReadOnlyTree
from vfs.engine.files.store_tree import StoreTree


class HeldStore(ObjectStore):
    """Writes wait until they are let through."""

    def __init__(self) -> None:
        super().__init__()
        self.reached = threading.Semaphore(0)
        self.let_through = threading.Event()

    def write(
        self,
        key: str,
        source: Source,
        *,
        overwrite: bool = True,
        if_match: str | None = None,
        metadata: Mapping[str, str] | None = None,
        attributes: Attributes | None = None,
    ) -> WriteResult:
        self.reached.release()
        assert self.let_through.wait(30)
        return super().write(
            key, source, overwrite=overwrite, if_match=if_match, metadata=metadata, attributes=attributes
        )


@pytest.fixture
def store() -> Iterator[HeldStore]:
    store = HeldStore()
    yield store
    store.let_through.set()


@pytest.fixture
def tree(store: HeldStore, tmp_path: Path) -> Iterator[StoreTree]:
    with store_tree(store, tmp_path, "disk") as tree:
        yield tree


def test_a_file_is_followed_to_the_store(tree: StoreTree, store: HeldStore) -> None:
    """What is open is being written; four are sent at once, and the fifth waits for its turn."""
    handle = tree.create("open")
    handle.write(0, b"x")
    assert tree.progress("open").state is SendState.WRITING
    handle.flush()
    handle.close()
    for number in range(3):
        put(tree, f"sending {number}", b"x")
    for _ in range(4):
        assert store.reached.acquire(timeout=30)
    put(tree, "waiting", b"x")
    assert tree.progress("open").state is SendState.SENDING
    assert tree.progress("waiting").state is SendState.QUEUED
    store.let_through.set()
    tree.flush()
    assert {tree.progress(key) for key in ("open", "waiting", "never was")} == {SENT}


def test_a_failure_is_told_until_it_is_over(tree: StoreTree, store: HeldStore) -> None:
    """With what the store said; then the file is sent after all."""
    store.down.set()
    store.let_through.set()
    put(tree, "a", b"x")
    wait_until(lambda: tree.progress("a").state is SendState.FAILED, 30, "the failure")
    assert str(tree.progress("a")) == "failed: write: the store does not answer"
    store.down.clear()
    tree.flush()
    assert tree.progress("a") == SENT


def test_a_close_that_waits_for_the_store_is_seen_sending(store: HeldStore, tmp_path: Path) -> None:
    """With `durability: store` too: others see the file on its way."""
    with store_tree(store, tmp_path) as tree:
        writer = threading.Thread(target=put, args=(tree, "a", b"x"))
        writer.start()
        assert store.reached.acquire(timeout=30)
        assert tree.progress("a") == SendProgress(SendState.SENDING)
        store.let_through.set()
        writer.join()
        assert ReadOnlyTree(tree).progress("a") == SENT
