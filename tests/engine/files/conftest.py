"""A store tree over an object store whose parts are small, so that small files show what big ones do."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.engine.files.trees import store_tree
from tests.fakes import ObjectStore
from vfs.engine.files import commits
from vfs.engine.files.store_tree import StoreTree


@pytest.fixture
def store() -> ObjectStore:
    return ObjectStore()


@pytest.fixture
def tree(store: ObjectStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[StoreTree]:
    monkeypatch.setattr(commits, "SINGLE_WRITE", 16)
    with store_tree(store, tmp_path) as tree:
        yield tree
