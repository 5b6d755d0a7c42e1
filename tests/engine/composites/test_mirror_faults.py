"""A mirror whose members fail: nothing is lost, nothing stale is told, and who missed something gets it."""

import errno
import logging
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.engine.composites.mirrors import FULL, Pair
from vfs.engine.backend import SweepsTree
from vfs.engine.entries import Attributes, EntryKind
from vfs.engine.errors import (
    AlreadyExists,
    BackendUnavailable,
    Conflict,
    DirectoryNotEmpty,
    NotFound,
    StorageError,
)
from vfs.engine.layers.acts import Act
from vfs.testing.limits import ability, content, names


def test_a_write_is_on_every_member(pair: Pair) -> None:
    """With its metadata, its attributes and one time for all."""
    pair.mirror.write("d/f", iter([b"con", b"tent"]), metadata={"a": "b"}, attributes=Attributes(mode=0o640))
    for member in pair.both():
        entry = member.stat("d/f")
        assert content(member, "d/f") == b"content"
        assert (entry.metadata, entry.mode) == ({"a": "b"}, 0o640)
    assert pair.home.stat("d/f").mtime_ns == pair.photos.stat("d/f").mtime_ns
    assert pair.mirror.state().is_whole


def test_a_member_that_is_away_misses_a_write_and_gets_it(
    pair: Pair, caplog: pytest.LogCaptureFixture
) -> None:
    """The write succeeds, the log names mount and key, reading never gives the old file, repair brings it."""
    pair.mirror.write("f", b"old")
    pair.home.down.set()
    pair.mirror.write("f", b"new")
    assert [r.message for r in caplog.records if "'home'" in r.message and r.message.startswith("f:")]
    pair.home.down.clear()
    assert content(pair.home, "f") == b"old"
    assert content(pair.mirror, "f") == b"new"
    assert pair.lagging() == {"home": 1, "photos": 0}
    report = pair.mirror.repair()
    assert (report.repaired, report.left) == (1, 0)
    assert content(pair.home, "f") == b"new"
    assert pair.mirror.state().is_whole


def test_a_restart_still_knows_who_lags(pair: Pair) -> None:
    """The record is on disk: the next process neither reads the old file nor lists it."""
    pair.mirror.write("f", b"old")
    pair.mirror.write("gone", b"x")
    pair.home.down.set()
    pair.mirror.write("f", b"new")
    pair.mirror.delete("gone")
    pair.mirror.close()
    pair.home.down.clear()
    pair.photos.down.set()
    pair.mirror = pair.opened()
    assert pair.lagging() == {"home": 2, "photos": 0}
    with pytest.raises(BackendUnavailable, match="home: it lacks an earlier change"):
        pair.mirror.read("f")
    assert names(pair.mirror) == ["f"]
    pair.photos.down.clear()
    assert content(pair.mirror, "f") == b"new"
    pair.mirror.repair()
    assert (names(pair.home), content(pair.home, "f")) == (["f"], b"new")


def test_a_crash_between_two_members_is_found_by_the_next_process(
    pair: Pair, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the first has and the second was never asked for is on record before either is asked."""

    class Killed(BaseException):
        pass

    def die(*_: object, **__: object) -> None:
        raise Killed

    pair.mirror.write("f", b"old")
    monkeypatch.setattr(pair.photos, "write", die)
    with pytest.raises(Killed):
        pair.mirror.write("f", b"new")
    monkeypatch.undo()
    pair.photos.down.set()
    pair.restart()
    assert content(pair.mirror, "f") == b"new"
    assert pair.lagging() == {"home": 0, "photos": 1}
    pair.photos.down.clear()
    pair.mirror.repair()
    assert content(pair.photos, "f") == b"new"


def test_what_lags_is_listed_as_it_should_be(pair: Pair) -> None:
    """Where only a member that lags answers: new names are there, gone ones are not, sizes are left open."""
    pair.mirror.write("d/kept", b"kept")
    pair.mirror.write("d/changed", b"old")
    pair.mirror.write("d/gone", b"x")
    pair.home.down.set()
    pair.mirror.write("d/changed", b"new and longer")
    pair.mirror.write("d/new", b"x")
    pair.mirror.write("d/far/below", b"x")
    pair.mirror.delete("d/gone")
    pair.home.down.clear()
    pair.photos.down.set()
    listed = {entry.name: entry for entry in pair.mirror.list("d")}
    assert sorted(listed) == ["changed", "far", "kept", "new"]
    assert listed["far"].kind is EntryKind.FOLDER
    assert {name for name, entry in listed.items() if not entry.complete} == {"changed", "new"}
    assert names(pair.mirror, "d/far") == ["below"]
    assert pair.mirror.stat("d/far").is_folder
    swept = {key for key, _ in ability(pair.mirror, SweepsTree).sweep("d")}
    assert swept == {"d/changed", "d/far", "d/far/below", "d/kept", "d/new"}
    with pytest.raises(BackendUnavailable):
        pair.mirror.stat("d/new")


def test_nobody_took_it(pair: Pair) -> None:
    """The error tells each member's reason, nothing is changed, and nobody is said to lag."""
    pair.mirror.write("f", b"old")
    pair.home.failing[Act.WRITE] = FULL
    pair.photos.down.set()
    with pytest.raises(BackendUnavailable, match=r"home: no room left; photos: it is away"):
        pair.mirror.write("f", b"new")
    pair.photos.failing[Act.WRITE] = FULL
    pair.photos.down.clear()
    with pytest.raises(StorageError) as caught:
        pair.mirror.write("f", b"new")
    assert caught.value.errno == errno.ENOSPC
    assert content(pair.mirror, "f") == b"old"


def test_a_full_member_lags_and_the_write_stands(pair: Pair) -> None:
    """Also where the full one would have been the first to be asked, and the source can be read once."""
    pair.home.failing[Act.WRITE] = FULL
    pair.mirror.write("f", iter([b"0123456789"] * 1000))
    assert pair.lagging() == {"home": 1, "photos": 0}
    pair.home.failing.clear()
    assert pair.mirror.repair()
    assert content(pair.home, "f") == b"0123456789" * 1000


def test_too_few_successes_are_an_error(tmp_path: Path) -> None:
    """With `min_success: all` the caller is told, though those who took it keep it and the others get it."""
    pair = Pair(tmp_path, min_success="all")
    pair.photos.down.set()
    with pytest.raises(BackendUnavailable, match="photos: it is away"):
        pair.mirror.write("f", b"new")
    pair.photos.down.clear()
    assert content(pair.mirror, "f") == b"new"
    assert pair.mirror.repair()
    assert content(pair.photos, "f") == b"new"
    pair.mirror.close()


def test_conditions_are_judged_by_who_does_not_lag(pair: Pair) -> None:
    """A member that missed a change decides nothing."""
    old = pair.mirror.write("f", b"old").etag
    pair.mirror.write("free", b"x")
    pair.home.down.set()
    new = pair.mirror.write("f", b"new", if_match=old).etag
    pair.mirror.delete("free")
    pair.home.down.clear()
    with pytest.raises(Conflict):
        pair.mirror.write("f", b"lost", if_match=old)
    with pytest.raises(AlreadyExists):
        pair.mirror.write("f", b"lost", overwrite=False)
    pair.mirror.write("free", b"again", overwrite=False)
    pair.mirror.write("f", b"newer", if_match=new)
    assert content(pair.mirror, "f") == b"newer"
    assert pair.mirror.repair()
    assert (content(pair.home, "f"), content(pair.home, "free")) == (b"newer", b"again")


def test_a_verdict_changes_nobody(pair: Pair) -> None:
    """What the first member refuses the others are not asked for."""
    pair.mirror.write("d/f", b"x")
    before = len(pair.photos.asked)
    with pytest.raises(AlreadyExists):
        pair.mirror.write("d/f", b"y", overwrite=False)
    with pytest.raises(DirectoryNotEmpty):
        pair.mirror.remove_directory("d")
    with pytest.raises(NotFound):
        pair.mirror.delete("absent")
    assert len(pair.photos.asked) == before
    assert pair.mirror.state().is_whole


def test_an_etag_is_the_same_whoever_answers(pair: Pair) -> None:
    """What was opened stays readable when the member that told it is gone."""
    etag = pair.mirror.write("f", b"content").etag
    pair.home.down.set()
    assert pair.mirror.stat("f").etag == etag
    assert bytes(pair.mirror.read("f", 2, 4, if_match=etag)) == b"nt"
    newer = pair.mirror.write("f", b"newer", if_match=etag).etag
    pair.home.down.clear()
    pair.mirror.repair()
    assert pair.mirror.stat("f").etag == newer
    assert content(pair.home, "f") == b"newer"


def test_another_member_does_not_guess_at_a_pinned_file(pair: Pair) -> None:
    """Which of its ETags means the same is not known after a restart: a clear Conflict, never other bytes."""
    etag = pair.mirror.write("f", b"content").etag
    pair.restart()
    pair.home.down.set()
    with pytest.raises(Conflict):
        pair.mirror.read("f", if_match=etag)
    pair.home.down.clear()
    assert bytes(pair.mirror.read("f", if_match=etag)) == b"content"


def test_a_source_that_fails_is_no_member_s_fault(pair: Pair) -> None:
    """Its own error comes through, whatever its kind, and nobody lags or is left alone."""

    def broken() -> Iterator[bytes]:
        yield b"x" * 100_000
        raise BackendUnavailable("the source is away")

    pair.mirror.write("f", b"old")
    with pytest.raises(BackendUnavailable, match="the source is away"):
        pair.mirror.write("f", broken())
    assert content(pair.mirror, "f") == content(pair.photos, "f") == b"old"
    assert pair.mirror.state().is_whole


def test_the_first_that_answers_reads(pair: Pair) -> None:
    """In the order as written; one that gave no answer is asked last for a while, and told."""
    pair.mirror.write("f", b"content")
    pair.photos.asked.clear()
    assert content(pair.mirror, "f") == b"content"
    assert not pair.photos.asked
    pair.home.down.set()
    assert content(pair.mirror, "f") == b"content"
    pair.home.asked.clear()
    assert content(pair.mirror, "f") == b"content"
    assert not pair.home.asked
    pair.photos.down.set()
    with pytest.raises(BackendUnavailable, match="home: it is away; photos: it is away"):
        pair.mirror.read("f")


def test_health_names_who_is_away_and_who_lags(pair: Pair, caplog: pytest.LogCaptureFixture) -> None:
    """`ping` fails only where a change could not be made; the state tells all."""
    pair.mirror.ping()
    pair.home.down.set()
    pair.mirror.write("f", b"x")
    caplog.clear()
    with caplog.at_level(logging.WARNING):
        pair.mirror.ping()
    assert "home: it is away, 1 keys lag" in caplog.text
    state = pair.mirror.state()
    assert not state.is_whole
    assert [(m.name, m.problem, m.lagging) for m in state.members] == [
        ("home", "it is away", 1),
        ("photos", None, 0),
    ]
    pair.photos.down.set()
    with pytest.raises(BackendUnavailable, match="too few"):
        pair.mirror.ping()


def test_a_lagging_member_is_good_for_a_plain_write(pair: Pair) -> None:
    """Where no other answers, what replaces everything is taken by who lags, and settles it."""
    pair.mirror.write("f", b"old")
    pair.home.down.set()
    pair.mirror.write("f", b"new")
    pair.home.down.clear()
    pair.photos.down.set()
    with pytest.raises(BackendUnavailable):
        pair.mirror.write("f", b"refused or lost?", overwrite=False)
    pair.mirror.write("f", b"newest")
    assert content(pair.mirror, "f") == b"newest"
    pair.photos.down.clear()
    assert pair.mirror.repair()
    assert content(pair.photos, "f") == b"newest"
