"""What is remembered of a bucket is bounded by what it takes, not by how many entries it is."""

import pytest

from vfs.engine.backends.objects import known
from vfs.engine.backends.objects.known import KnownPlaces
from vfs.engine.entries import Entry, EntryKind


def test_big_extended_attributes_push_out_older_entries(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ten entries of a kilobyte more take the room of many plain ones."""
    monkeypatch.setattr(known, "_MOST_BYTES", 20_000)
    places = KnownPlaces()
    for number in range(20):
        places.saw_file(f"plain-{number}", Entry(f"plain-{number}", EntryKind.FILE), 0)
    assert places.file("plain-0") is not None

    for number in range(10):
        name = f"big-{number}"
        places.saw_file(name, Entry(name, EntryKind.FILE, xattrs={"user.big": bytes(1024)}), 0)

    assert all(places.file(f"big-{number}") is not None for number in range(10))
    assert places.file("plain-1") is None
