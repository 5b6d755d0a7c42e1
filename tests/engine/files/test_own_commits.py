"""What a handle sees while a commit of its own file is on its way."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from unittest import mock

import pytest

from tests.engine.files.trees import store_tree
from tests.fakes import ObjectStore, Upload
from tests.mounts.waiting import wait_until
from vfs.engine.entries import WriteResult
from vfs.engine.files import commits
from vfs.engine.files.store_tree import StoreTree

OLD = bytes(range(60))


class SlowAnswers(Upload):
    """The store has the new object at once; its answer comes when it may."""

    stored: threading.Event
    may_answer: threading.Event

    def complete(self, *, overwrite: bool = True, if_match: str | None = None) -> WriteResult:
        result = super().complete(overwrite=overwrite, if_match=if_match)
        self.stored.set()
        self.may_answer.wait()
        return result


@pytest.fixture
def answers(threads: ThreadPoolExecutor) -> Iterator[type[SlowAnswers]]:
    """The answers of uploads, held back from now on."""
    SlowAnswers.stored, SlowAnswers.may_answer = threading.Event(), threading.Event()
    with mock.patch("tests.fakes.Upload", SlowAnswers), mock.patch.object(commits, "SINGLE_WRITE", 16):
        yield SlowAnswers
    SlowAnswers.may_answer.set()


@pytest.fixture
def threads() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(2) as threads:
        yield threads


def test_reading_while_the_store_answers_an_edit_regression(
    tree: StoreTree, store: ObjectStore, answers: type[SlowAnswers], threads: ThreadPoolExecutor
) -> None:
    """The old object is gone and the new one not known of yet: the reader waits, and is not told ESTALE."""
    store.write("a", OLD)
    handle = tree.create("a")
    handle.write(0, b"fresh")
    flushed = threads.submit(handle.flush)
    assert answers.stored.wait(30)
    store.requests.clear()
    read = threads.submit(handle.read, 30, 20)
    wait_until(lambda: "read" in store.requests, 30, "the read to reach the store")
    answers.may_answer.set()
    assert bytes(read.result(30)) == OLD[30:50]
    flushed.result(30)
    handle.close()


def test_reading_while_the_outbox_sends_an_edit_regression(
    store: ObjectStore, answers: type[SlowAnswers], threads: ThreadPoolExecutor, tmp_path: Path
) -> None:
    """The same with `durability: disk`, where nobody called for the commit just then."""
    store.write("a", OLD)
    with store_tree(store, tmp_path / "state", "disk") as tree:
        handle = tree.create("a")
        handle.write(0, b"fresh")
        handle.flush()
        assert answers.stored.wait(30)
        store.requests.clear()
        read = threads.submit(handle.read, 30, 20)
        wait_until(lambda: "read" in store.requests, 30, "the read to reach the store")
        answers.may_answer.set()
        assert bytes(read.result(30)) == OLD[30:50]
        handle.close()
