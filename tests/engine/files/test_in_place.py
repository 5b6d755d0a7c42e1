"""Files that are opened where they lie."""

import pytest

import vfs
from vfs.engine.changes import Change, ChangeKind


@pytest.mark.parametrize("act", ["flush", "sync", "close"])
def test_what_is_written_in_place_is_told_of(storage: vfs.StorageManager, act: str) -> None:
    """Once, at flush, fsync and close; reading is told to nobody."""
    tree = storage.tree("local")
    tree.create("f").close()
    told: list[Change] = []
    storage.changes.subscribe(told.append)
    file = tree.open("f", write=True)
    assert not file.read(0, 1)
    file.flush()
    assert told == []
    file.write(0, b"content")
    getattr(file, act)()
    assert [(change.key, change.kind) for change in told] == [("f", ChangeKind.CONTENT)]
    file.close()
    assert len(told) == 1
