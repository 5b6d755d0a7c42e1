"""Remembered entries: what our own acts changed shows at once, what others may have changed expires."""

import threading

import pytest

from vfs.engine.cache.entries import ABSENT, EntryCache
from vfs.engine.entries import Entry, EntryKind

TTL = 10.0


class Clock:
    """A clock that only moves when told to."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def cache(clock):
    return EntryCache(TTL, 1000, clock)


def file(
    name: str, *, size: int = 0, etag: str = "e", complete: bool = True, mode: int | None = None
) -> Entry:
    return Entry(name, EntryKind.FILE, size=size, etag=etag, complete=complete, mode=mode)


def folder(name: str) -> Entry:
    return Entry(name, EntryKind.FOLDER)


def listed(cache: EntryCache, key: str, *entries: Entry) -> None:
    cache.finish_listing(cache.begin_listing(key), entries)


def names(cache: EntryCache, key: str) -> list[str] | None:
    found = cache.listing(key)
    return None if found is None else sorted(entry.name for entry in found)


def test_an_entry_and_an_absence_are_remembered_until_they_expire(cache, clock):
    """What was put is known for the TTL and not a moment longer."""
    cache.put("d/a", file("a"))
    cache.put_absent("d/b")
    assert cache.get("d/a") == file("a")
    assert cache.get("d/b") is ABSENT
    assert cache.get("d/c") is None
    clock.now += TTL
    assert cache.get("d/a") is None
    assert cache.get("d/b") is None


def test_a_complete_listing_knows_what_is_absent(cache, clock):
    """After a listing every other name of the folder is known to be absent, and none is after the TTL."""
    listed(cache, "d", file("a"), folder("sub"))
    assert cache.get("d/a") == file("a")
    assert cache.get("d/zzz") is ABSENT
    assert cache.get("d/sub/x") is None
    assert names(cache, "d") == ["a", "sub"]
    clock.now += TTL
    assert cache.get("d/zzz") is None
    assert cache.listing("d") is None


def test_a_listing_is_as_old_as_its_request(cache, clock):
    """The TTL of a listing counts from when it was begun, not from when its last page came."""
    token = cache.begin_listing("d")
    clock.now += TTL - 1
    cache.finish_listing(token, [file("a")])
    assert names(cache, "d") == ["a"]
    clock.now += 1
    assert cache.listing("d") is None


def test_our_own_changes_show_in_a_remembered_listing(cache):
    """Creating and deleting keep a listing complete, so that it need not be asked for again."""
    listed(cache, "d", file("a"), file("b"))
    cache.put("d/c", file("c"))
    cache.put_absent("d/a")
    assert names(cache, "d") == ["b", "c"]
    assert cache.get("d/a") is ABSENT


def test_the_root_has_a_listing_too(cache):
    """Names at the top of a mount are names in the folder ""."""
    listed(cache, "", file("a"))
    cache.put("b", file("b"))
    assert names(cache, "") == ["a", "b"]
    assert cache.get("c") is ABSENT
    assert cache.get("") is None


def test_a_change_during_a_listing_is_not_undone_by_it(cache):
    """What was created, deleted or replaced while the listing was under way stays so."""
    token = cache.begin_listing("d")
    cache.put("d/new", file("new"))
    cache.put_absent("d/gone")
    cache.put("d/changed", file("changed", size=2))
    cache.finish_listing(token, [file("gone"), file("changed", size=1), file("same")])
    assert names(cache, "d") == ["changed", "new", "same"]
    assert cache.get("d/gone") is ABSENT
    assert cache.get("d/changed") == file("changed", size=2)


def test_a_listing_is_not_believed_about_a_name_forgotten_meanwhile(cache):
    """After forget nobody knows, so a listing begun before is not complete, but tells the other names."""
    token = cache.begin_listing("d")
    cache.forget("d/a")
    cache.finish_listing(token, [file("a"), file("b")])
    assert cache.get("d/a") is None
    assert cache.get("d/b") == file("b")
    assert cache.listing("d") is None
    assert cache.get("d/c") is None


def test_a_listing_of_a_folder_that_was_removed_or_moved_meanwhile_is_dropped(cache):
    """An answer about a tree that is gone revives nothing."""
    removed, moved = cache.begin_listing("d"), cache.begin_listing("e")
    cache.forget_tree("d")
    listed(cache, "e", file("x"))
    cache.moved("e", "f")
    cache.finish_listing(removed, [file("a")])
    cache.finish_listing(moved, [file("x")])
    assert cache.get("d/a") is None
    assert cache.get("e/x") is None
    assert names(cache, "f") == ["x"]


def test_an_older_answer_does_not_replace_a_newer_fact(cache):
    """A stat that was on its way while we changed the entry is not remembered."""
    moment = cache.moment()
    cache.put("d/a", file("a", size=2))
    cache.put_absent("d/b")
    cache.put("d/a", file("a", size=1), since=moment)
    cache.put("d/b", file("b"), since=moment)
    cache.put("d/c", file("c"), since=moment)
    assert cache.get("d/a") == file("a", size=2)
    assert cache.get("d/b") is ABSENT
    assert cache.get("d/c") == file("c")


def test_an_older_answer_does_not_revive_what_was_forgotten(cache):
    """A stat that was on its way while the key was forgotten, alone or with its tree, is not remembered."""
    moment = cache.moment()
    cache.forget("d/a")
    cache.forget_tree("e")
    cache.put("d/a", file("a"), since=moment)
    cache.put("e/a", file("a"), since=moment)
    assert cache.get("d/a") is None
    assert cache.get("e/a") is None


def test_an_incomplete_entry_is_completed_and_stays_complete(cache, clock):
    """Attributes once known are not lost to a listing that shows the same content without them."""
    listed(cache, "d", file("a", complete=False))
    cache.put("d/a", file("a", mode=0o600))
    clock.now += 1
    listed(cache, "d", file("a", complete=False))
    assert cache.get("d/a") == file("a", mode=0o600)
    assert cache.listing("d") == (file("a", mode=0o600),)


def test_attributes_expire_though_a_younger_listing_shows_the_content(cache, clock):
    """A listing does not prolong the life of attributes that it could not see."""
    cache.put("d/a", file("a", mode=0o600))
    clock.now += TTL - 1
    listed(cache, "d", file("a", complete=False))
    clock.now += 2
    known = cache.get("d/a")
    assert isinstance(known, Entry)
    assert not known.complete
    assert [entry.complete for entry in cache.listing("d") or ()] == [False]


def test_a_listing_with_other_content_replaces_what_was_known(cache):
    """An incomplete entry of a new content is news, whatever was known of the old one."""
    cache.put("d/a", file("a", etag="old", mode=0o600))
    listed(cache, "d", file("a", etag="new", complete=False))
    assert cache.get("d/a") == file("a", etag="new", complete=False)


def test_a_moved_file_is_known_at_its_new_key_and_absent_at_the_old(cache):
    """An editor's save, a rename over an old file, needs no request afterwards."""
    listed(cache, "d", file("notes", size=1), file("notes.tmp", size=2))
    cache.moved("d/notes.tmp", "d/notes")
    assert names(cache, "d") == ["notes"]
    assert cache.get("d/notes") == file("notes", size=2)
    assert cache.get("d/notes.tmp") is ABSENT


def test_a_moved_folder_takes_along_what_is_known_below_it(cache):
    """Entries and listings at any depth are known under the new key, and no longer under the old."""
    listed(cache, "", folder("a"), folder("ab"))
    listed(cache, "a", folder("x"))
    listed(cache, "a/x", file("deep"))
    listed(cache, "ab", file("other"))
    listed(cache, "c/x", file("stale"))
    cache.moved("a", "c")
    assert names(cache, "") == ["ab", "c"]
    assert names(cache, "c") == ["x"]
    assert names(cache, "c/x") == ["deep"]
    assert names(cache, "ab") == ["other"]
    assert cache.get("a/x/deep") is None


def test_what_is_unknown_stays_unknown_when_moved(cache):
    """Moving a key nothing is known of makes the target unknown, and its folder's listing with it."""
    listed(cache, "d", file("target"))
    cache.moved("elsewhere/source", "d/target")
    assert cache.get("d/target") is None
    assert cache.listing("d") is None
    assert cache.get("elsewhere/source") is ABSENT


def test_a_file_in_place_of_a_folder_forgets_its_listing(cache):
    """A folder that became a file, or nothing, has no entries."""
    listed(cache, "d", file("a"))
    cache.put("d", file("d"))
    assert cache.get("d/a") is None
    listed(cache, "e", file("a"))
    cache.put_absent("e")
    assert cache.listing("e") is None


def test_names_are_bounded(clock):
    """However much is put, no more than `max_entries` are held; the folder used last stays longest."""
    cache = EntryCache(TTL, 100, clock)
    for number in range(300):
        cache.put(f"d{number % 30}/{number}", file(str(number)))
        cache.put("big/" + str(number), file(str(number)))
        cache.get("d0/0")
        held = cache.statistics()
        assert held.names + held.folders <= 100
    assert cache.get("big/299") is not None


def test_a_single_big_folder_loses_its_oldest_names_first(clock):
    """Names of one folder beyond the bound leave one by one, and its listing is no longer complete."""
    cache = EntryCache(TTL, 10, clock)
    listed(cache, "d", *[file(str(number)) for number in range(8)])
    for number in range(8, 30):
        cache.put(f"d/{number}", file(str(number)))
    assert cache.listing("d") is None
    assert cache.get("d/0") is None
    assert cache.get("d/29") == file("29")


def test_a_listing_larger_than_the_bound_is_not_remembered(clock):
    """A folder that does not fit does not push everything else out."""
    cache = EntryCache(TTL, 10, clock)
    cache.put("kept/a", file("a"))
    listed(cache, "d", *[file(str(number)) for number in range(50)])
    assert cache.listing("d") is None
    assert cache.get("kept/a") == file("a")


def test_empty_folders_are_bounded_too(clock):
    """Listings without a single entry count as well."""
    cache = EntryCache(TTL, 10, clock)
    for number in range(100):
        listed(cache, f"d{number}")
    assert cache.statistics().folders <= 10
    assert cache.listing("d99") == ()


def test_without_a_ttl_nothing_is_remembered():
    """A TTL of 0 asks the store every time."""
    cache = EntryCache(0, 1000)
    cache.put("d/a", file("a"))
    cache.put_absent("d/b")
    listed(cache, "d", file("a"))
    cache.moved("d/a", "d/c")
    assert cache.get("d/a") is None
    assert cache.get("d/c") is None
    assert cache.listing("d") is None
    assert cache.statistics().names == 0


def test_many_threads_may_use_one_cache():
    """Puts, listings and moves from eight threads leave a consistent count."""
    cache = EntryCache(60.0, 200)

    def work(seed: int) -> None:
        for number in range(400):
            key = f"d{(number + seed) % 7}/{number % 40}"
            cache.put(key, file(key[3:]))
            listed(cache, f"d{number % 7}", file("0"))
            cache.moved(key, f"moved{seed}/x")
            cache.get(key)

    threads = [threading.Thread(target=work, args=(seed,)) for seed in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    held = cache.statistics()
    assert 0 < held.names + held.folders <= 200
    cache.forget_tree("")
    assert cache.statistics().folders <= 1
