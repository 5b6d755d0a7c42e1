"""What a member of a mirror missed is brought to it: every kind of change, and nothing too much."""

import threading
from pathlib import Path

import pytest

from tests.engine.composites.mirrors import FULL, Pair
from tests.mounts.waiting import wait_until
from vfs.engine.backend import (
    Buffer,
    Copies,
    KeepsAttributes,
    KeepsSymlinks,
    KeepsXattrs,
    Moves,
)
from vfs.engine.entries import Attributes
from vfs.engine.errors import (
    BackendUnavailable,
    NotFound,
)
from vfs.engine.layers.acts import Act
from vfs.testing.limits import ability, content, names


def test_a_missed_delete_does_not_bring_the_file_back(pair: Pair) -> None:
    """Not in a look, not in a listing, not by a repair: the member loses it too."""
    pair.mirror.write("d/f", b"x")
    pair.mirror.write("d/g", b"y")
    pair.home.down.set()
    pair.mirror.delete("d/f")
    pair.home.down.clear()
    with pytest.raises(NotFound):
        pair.mirror.stat("d/f")
    assert names(pair.mirror, "d") == ["g"]
    pair.mirror.repair()
    assert names(pair.home, "d") == ["g"]


def test_a_missed_removal_of_folders_is_made_up_for(pair: Pair) -> None:
    """What was in them first, then they themselves."""
    pair.mirror.write("a/b/f", b"x")
    pair.home.down.set()
    pair.mirror.delete("a/b/f")
    pair.mirror.remove_directory("a/b")
    pair.mirror.remove_directory("a")
    pair.home.down.clear()
    assert names(pair.mirror) == []
    assert pair.mirror.repair()
    assert names(pair.home) == []


def test_repairing_a_missed_removal_spares_what_the_mirror_never_saw(pair: Pair) -> None:
    """A file that somebody put into the folder directly stays where it is."""
    pair.mirror.make_directory("d")
    pair.home.write("d/own", b"put here directly")
    pair.photos.down.clear()
    pair.home.down.set()
    pair.mirror.remove_directory("d")
    pair.home.down.clear()
    assert pair.mirror.repair()
    assert content(pair.home, "d/own") == b"put here directly"


def test_a_moved_folder_is_brought_whole(pair: Pair) -> None:
    """The member that missed the move has all of it at the new place and nothing at the old one."""
    for number in range(5):
        pair.mirror.write(f"from/sub/{number}", str(number).encode())
    pair.mirror.make_directory("from/empty")
    pair.photos.down.set()
    ability(pair.mirror, Moves).move("from", "to")
    pair.mirror.write("to/sub/0", b"written after the move")
    pair.photos.down.clear()
    assert pair.mirror.repair()
    assert names(pair.photos) == ["to"]
    assert names(pair.photos, "to") == ["empty", "sub"]
    assert content(pair.photos, "to/sub/0") == b"written after the move"
    assert content(pair.photos, "to/sub/4") == b"4"


def test_every_kind_of_change_is_brought(pair: Pair) -> None:
    """Folders, links, attributes, extended ones, copies, many deletes at once."""
    pair.mirror.write("f", b"f")
    pair.home.down.set()
    pair.mirror.make_directory("d", attributes=Attributes(mode=0o700))
    ability(pair.mirror, KeepsSymlinks).make_symlink("link", "f")
    ability(pair.mirror, KeepsAttributes).set_attributes("f", Attributes(mode=0o600))
    ability(pair.mirror, KeepsXattrs).set_xattr("f", "user.x", b"value")
    ability(pair.mirror, Copies).copy("f", "copied")
    pair.home.down.clear()
    assert pair.mirror.repair()
    assert pair.home.stat("d").mode == 0o700
    assert ability(pair.home, KeepsSymlinks).read_symlink("link") == "f"
    assert (pair.home.stat("f").mode, pair.home.stat("f").xattrs) == (0o600, {"user.x": b"value"})
    assert content(pair.home, "copied") == b"f"


def test_a_lost_answer_is_looked_into(pair: Pair) -> None:
    """Who gave no answer may have done it: members are compared, and end as equals."""
    pair.mirror.write("f", b"old")
    for member in pair.both():
        member.losing.add(Act.WRITE)
    with pytest.raises(BackendUnavailable):
        pair.mirror.write("f", b"newer")
    pair.photos.losing.clear()
    pair.home.losing.clear()
    assert pair.mirror.repair()
    assert content(pair.home, "f") == content(pair.photos, "f")


def test_repair_happens_by_itself(tmp_path: Path) -> None:
    """In the background, as soon as the member is there again."""
    pair = Pair(tmp_path, pause=0.01)
    pair.home.down.set()
    for number in range(20):
        pair.mirror.write(f"d/{number}", str(number).encode())
    pair.home.down.clear()
    wait_until(lambda: pair.mirror.state().is_whole, 20, "the repair")
    assert len(names(pair.home, "d")) == 20
    pair.mirror.close()


def test_many_files_in_a_folder_that_lags_keep_their_listing_bounded(pair: Pair) -> None:
    """A thousand missed files are listed once each, and repaired."""
    pair.home.down.set()
    for number in range(1100):
        pair.mirror.write(f"many/{number}", b"x")
    pair.home.down.clear()
    pair.photos.down.set()
    assert len(names(pair.mirror, "many")) == 1100
    pair.photos.down.clear()
    assert pair.mirror.repair().repaired == 1100
    assert len(names(pair.home, "many")) == 1100


def test_repairing_what_may_have_been_missed_took_it_from_a_member_that_lags(pair: Pair) -> None:
    """Who gave no answer has, with the other lagging, the only good copy: it is given on, not given up."""
    pair.photos.down.set()
    pair.home.losing.add(Act.WRITE)
    with pytest.raises(BackendUnavailable):
        pair.mirror.write("f", b"unanswered")
    pair.home.losing.clear()
    pair.photos.down.clear()
    pair.photos.failing[Act.WRITE] = FULL
    ability(pair.mirror, Moves).move("f", "g")
    pair.photos.failing.clear()
    assert pair.mirror.repair()
    assert content(pair.home, "g") == content(pair.photos, "g") == b"unanswered"
    assert names(pair.mirror) == ["g"]


def test_a_repair_gives_way_to_who_writes_the_file(pair: Pair) -> None:
    """The copy under way is left, the writer goes first, and its bytes are on both members."""
    pair.mirror.write("f", b"old")
    pair.home.down.set()
    pair.mirror.write("f", bytes(8 << 20))
    pair.home.down.clear()
    writing: list[threading.Thread] = []
    read = pair.photos.inner.read

    def read_slowly(key: str, *args: int, **options: str | None) -> Buffer:
        if not writing:
            writing.append(threading.Thread(target=lambda: pair.mirror.write("f", b"newest")))
            writing[0].start()
            wait_until(lambda: pair.mirror._changes.locks.is_wanted("f"), 20, "the writer to come")
        return read(key, *args, **options)

    pair.photos.inner.read = read_slowly  # type: ignore[method-assign]
    assert not pair.mirror.repair()
    writing[0].join()
    assert content(pair.home, "f") in {b"old", b"newest"}
    assert content(pair.mirror, "f") == b"newest"
    assert pair.mirror.repair()
    assert content(pair.home, "f") == b"newest"


def test_members_changed_directly_are_found_and_made_equal(pair: Pair) -> None:
    """The first that has anything wins, nothing is deleted, and another content is kept beside."""
    for key in ("same", "d/differs", "d/size", "gone/from/home"):
        pair.mirror.write(key, key.encode())
    pair.home.inner.write("d/differs", b"D/DIFFERS")
    pair.photos.inner.write("d/size", b"longer than before")
    pair.home.inner.delete("gone/from/home")
    pair.photos.inner.write("only/at/photos", b"new")
    found = {difference.key: difference.winner for difference in pair.mirror.compare()}
    assert found == {
        "d/differs": "home",
        "d/size": "home",
        "gone/from/home": "photos",
        "only": "photos",
    }
    assert len(list(pair.mirror.reconcile())) == 4
    assert list(pair.mirror.compare()) == []
    for member in pair.both():
        assert content(member, "d/differs") == b"D/DIFFERS"
        assert content(member, "d/size") == b"d/size"
        assert content(member, "gone/from/home") == b"gone/from/home"
        assert content(member, "only/at/photos") == b"new"
        kept = [content(member, f"d/{name}") for name in names(member, "d") if ".conflict-photos-" in name]
        assert sorted(kept) == [b"d/differs", b"longer than before"]


def test_a_folder_is_not_given_up_for_a_file(pair: Pair) -> None:
    """Where one has a file and another a folder with something in it, somebody has to decide."""
    pair.home.inner.write("x", b"file")
    pair.photos.inner.write("x/y", b"in a folder")
    assert [difference.key for difference in pair.mirror.reconcile()] == ["x"]
    assert content(pair.photos, "x/y") == b"in a folder"
    assert content(pair.home, "x") == b"file"
