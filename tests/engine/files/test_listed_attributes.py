"""Listings that leave attributes out: when they are completed, and with how many questions."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

import pytest

from vfs.engine.backends.memory import MemoryBackend
from vfs.engine.entries import Entry
from vfs.engine.files.store_view import StoreView

FILES = 5


class TerseStore(MemoryBackend):
    """Lists names and sizes only, and tells the rest of many entries at once."""

    def __init__(self) -> None:
        super().__init__()
        self.questions: list[str] = []

    def list(self, key: str) -> Iterator[Entry]:
        self.questions.append(f"list {key}")
        return (replace(entry, complete=False) for entry in super().list(key))

    def stat(self, key: str) -> Entry:
        self.questions.append(f"stat {key}")
        return super().stat(key)

    def complete_entries(self, folder: str, entries: Sequence[Entry]) -> Sequence[Entry]:
        self.questions.append(f"complete {len(entries)} in {folder}")
        return [replace(entry, complete=True) for entry in entries]


@pytest.fixture
def store() -> TerseStore:
    store = TerseStore()
    for folder in "ab":
        for number in range(FILES):
            store.write(f"{folder}/{number}", b"content")
    store.questions.clear()
    return store


def test_listing_alone_asks_for_no_attributes(store: TerseStore) -> None:
    """Whoever wants names only pays for names only."""
    view = StoreView(store, ttl=60)

    assert len(list(view.list("a"))) == FILES
    assert store.questions == ["list a"]


def test_the_first_question_completes_all_that_was_listed(store: TerseStore) -> None:
    """After a listing, attributes of all its files cost one question."""
    view = StoreView(store, ttl=60)
    names = [entry.name for entry in view.list("a")]

    assert all(view.stat(f"a/{name}").complete for name in names)
    assert store.questions == ["list a", f"complete {FILES} in a"]


def test_a_walk_for_attributes_gets_them_with_the_next_listings(store: TerseStore) -> None:
    """Once somebody asked for what a listing left out, the next listings are complete from the start."""
    view = StoreView(store, ttl=60)
    first = next(view.list("a"))
    list(view.list("a"))
    view.stat(f"a/{first.name}")
    store.questions.clear()

    assert all(entry.complete for entry in view.list("b"))
    assert store.questions == ["list b", f"complete {FILES} in b"]
    assert all(view.remembered(f"b/{number}") for number in range(FILES))


def test_files_asked_for_one_by_one_are_soon_completed_many_at_a_time(store: TerseStore) -> None:
    """A program that opens the files of a folder in order asks a few questions, not one a file."""
    for number in range(100):
        store.write(f"c/{number:02d}", b"content")
    store.questions.clear()
    view = StoreView(store, ttl=60)

    assert all(view.stat(f"c/{number:02d}").complete for number in range(100))
    asked = ["stat c/00", "stat c/01", "stat c/02", "list c"]
    assert store.questions == [*asked, *(f"complete {count} in c" for count in (16, 32, 49))]


def test_a_store_that_completes_one_by_one_is_asked_one_by_one(store: TerseStore) -> None:
    """Without a way to complete many, each file is asked for when it is wanted, and not before."""

    class PoorStore(TerseStore):
        complete_entries = None  # type: ignore[assignment]

    poor = PoorStore()
    poor.write("a/0", b"content")
    poor.questions.clear()
    view = StoreView(poor, ttl=60)
    list(view.list("a"))

    assert view.stat("a/0").size == 7
    assert poor.questions == ["list a", "stat a/0"]
