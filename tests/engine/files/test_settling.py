"""Files that are acknowledged more than once before they are sent."""

import time
from pathlib import Path
from typing import Any

import pytest

from tests.engine.files.trees import put, store_tree
from tests.fakes import ObjectStore
from vfs.engine.backend import Source
from vfs.engine.entries import WriteResult
from vfs.engine.errors import NotADirectory
from vfs.engine.files import outbox


class Noting(ObjectStore):
    """Notes what it is given."""

    def __init__(self) -> None:
        super().__init__()
        self.given: list[bytes] = []

    def write(self, key: str, source: Source, **how: Any) -> WriteResult:
        self.given.append(bytes(source))  # type: ignore[arg-type] # small files come whole
        return super().write(key, source, **how)


def test_what_a_shell_redirects_to_is_sent_once_regression(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It closes a duplicate of the descriptor when nothing is written, and the other one at the end.

    Neither waits for the store, however long that takes.
    """
    monkeypatch.setattr(outbox, "SETTLING", 3600.0)
    store = Noting()
    with store_tree(store, tmp_path, "disk") as tree:
        handle = tree.create("a")
        handle.flush()
        assert [moment > time.monotonic() for moment, _, _ in tree.durability.outbox._due] == [True]
        handle.write(0, b"content")
        handle.flush()
        handle.close()
        assert store.given == []
        assert [unsent.size for unsent in tree.unsent()] == [7]
        tree.send_now()
        tree.flush()
        assert store.given == [b"content"]


def test_a_settled_file_is_sent_by_itself(tmp_path: Path) -> None:
    """Nobody has to ask for it."""
    store = Noting()
    with store_tree(store, tmp_path, "disk") as tree:
        handle = tree.create("a")
        handle.write(0, b"content")
        handle.flush()
        handle.close()
        tree.durability.outbox.wait_until_empty()
    assert store.given == [b"content"]


def test_an_unsent_file_is_no_folder_regression(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whether the store has heard of it or not."""
    monkeypatch.setattr(outbox, "SETTLING", 3600.0)
    with store_tree(Noting(), tmp_path, "disk") as tree:
        put(tree, "a", b"content")
        with pytest.raises(NotADirectory):
            list(tree.transfers.sweep("a"))
