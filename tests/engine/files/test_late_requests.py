"""Whole files that take the place of others, while requests of before are taken late or unheard."""

from pathlib import Path
from typing import Any

import pytest

from tests.engine.files.deaf_store import DeafStore
from tests.engine.files.trees import content_of, store_tree
from vfs.engine.entries import WriteResult
from vfs.engine.errors import BackendUnavailable, Conflict
from vfs.engine.files.drafts import Replacement
from vfs.engine.files.store_tree import StoreTree


@pytest.fixture
def store() -> DeafStore:
    return DeafStore()


def _replaced(tree: StoreTree, key: str, content: bytes, if_match: str | None = None) -> None:
    """Put a whole new file in the place of any other, as WebDAV does."""
    draft = tree.draft(Replacement(key, if_match=if_match))
    draft.write(0, content)
    draft.commit()


def test_a_whole_file_that_is_taken_late_undoes_nothing_regression(store: DeafStore, tmp_path: Path) -> None:
    """It was given up, and the next one was acknowledged: that one stays."""
    with store_tree(store, tmp_path / "state", "store") as tree:
        _replaced(tree, "a", b"the oldest")
        store.slow = True
        with pytest.raises(BackendUnavailable):
            _replaced(tree, "a", b"the second")
        store.slow = False
        _replaced(tree, "a", b"the third")
        store.take_late()
        assert bytes(store.read("a")) == b"the third"


def test_a_whole_file_replaces_what_others_stored_meanwhile(store: DeafStore, tmp_path: Path) -> None:
    """The last one wins, unless a condition was named; a file that is gone again is no obstacle."""
    with store_tree(store, tmp_path / "state", "store") as tree:
        _replaced(tree, "a", b"the oldest")
        known = tree.stat("a").etag
        store.another_client().write("a", b"somebody else's")
        with pytest.raises(Conflict):
            _replaced(tree, "a", b"ours, if it is still the oldest", known)
        assert bytes(store.read("a")) == b"somebody else's"
        _replaced(tree, "a", b"ours")
        assert bytes(store.read("a")) == b"ours"
        store.another_client().delete("a")
        _replaced(tree, "a", b"ours again")
        assert content_of(tree, "a") == b"ours again"


def test_a_whole_file_that_was_stored_unheard_is_stored(store: DeafStore, tmp_path: Path) -> None:
    """Sent a second time it meets itself, which is no conflict, though a condition was named."""
    with store_tree(store, tmp_path / "state", "store") as tree:
        _replaced(tree, "a", b"the oldest")
        known = tree.stat("a").etag
        written = store.write

        def twice(key: str, source: Any, **how: Any) -> WriteResult:
            written(key, source, **how)
            return written(key, source, **how)

        store.write = twice  # type: ignore[method-assign]
        _replaced(tree, "a", b"the second", known)
        assert bytes(store.read("a")) == content_of(tree, "a") == b"the second"
