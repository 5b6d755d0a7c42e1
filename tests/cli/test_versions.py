"""`vfs versions`, `restore`, `diff`: in a storage that the tool opens, and below a live mount."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.room import Room
from tests.cli.tool import Tool
from tests.mounts.waiting import wait_until
from vfs.cli.exit_status import FAILED, MISUSED, OK
from vfs.cli.serving import servings
from vfs.cli.vfs import main
from vfs.storage import StorageManager

NOTES = "  notes: {type: sqlite, path: notes.db, layers: [versioned]}\n"
Run = Callable[..., list[str]]


def fill(folder: Path, name: str = "a b.txt") -> None:
    """Three versions of a file in the mount `notes`."""
    with StorageManager(str(folder / "vfs.yaml")) as storage:
        for content in ("one\n", "two\n", "three\n"):
            storage.node("notes:d", name).write_text(content)


@pytest.fixture
def notes(tool: Tool) -> Tool:
    """The command, with a mount that keeps versions."""
    config = tool.folder / "vfs.yaml"
    words = [line for line in config.read_text().splitlines(keepends=True) if "broken" not in line]
    config.write_text("".join([words[0], NOTES, *words[1:]]))
    fill(tool.folder)
    return tool


def test_versions_are_listed_oldest_first(notes: Tool) -> None:
    """By the names that `.versions` has; which one is present; as JSON with places that `cat` takes."""
    lines = notes.told("versions", "notes:d/a b.txt")
    assert [line.split()[3:] for line in lines] == [["4"], ["4"], ["6", "present"]]
    told = notes("versions", "--json", "notes:d/a b.txt").data
    assert [line.split()[0] for line in lines] == [version["version"] for version in told]
    assert [version["present"] for version in told] == [False, False, True]
    assert notes("cat", *(version["path"] for version in told)).out == b"one\ntwo\nthree\n"


def test_a_version_is_restored_by_any_of_its_names(notes: Tool) -> None:
    """Its name, with or without suffix; its letters; the storage's id; a number; a time."""
    first = notes("versions", "--json", "notes:d/a b.txt").data[0]
    stem = first["version"]
    spellings = [stem, f"{stem}.txt", stem.rpartition("~")[2], first["id"], "0", "@now"]
    for spelling in spellings[:-1]:
        (line,) = notes.told("restore", "notes:d/a b.txt", spelling)
        assert line == f"notes:d/a b.txt: 4 bytes, from notes:d/.versions/a b.txt/{stem}.txt"
        assert notes("cat", "notes:d/a b.txt").out == b"one\n"
        notes.told("restore", "notes:d/a b.txt", "2")
    assert notes.told("restore", "notes:d/a b.txt", spellings[-1])
    assert notes("cat", "notes:d/a b.txt").out == b"three\n"
    assert len(notes.told("versions", "notes:d/a b.txt")) == 3 + 2 * 5 + 1


def test_a_deleted_file_comes_back(notes: Tool) -> None:
    """It has versions, none of which is present."""
    with StorageManager(str(notes.folder / "vfs.yaml")) as storage:
        storage.node("notes:d/a b.txt").delete()
    assert not any("present" in line for line in notes.told("versions", "notes:d/a b.txt"))
    notes.told("restore", "notes:d/a b.txt", "-1")
    assert notes("cat", "notes:d/a b.txt").out == b"three\n"


def test_what_is_not_there_is_told(notes: Tool) -> None:
    """No such version, no such moment, never such a file, a storage without versions; nothing is changed."""
    notes.put("x")
    for arguments, words in (
        (("restore", "notes:d/a b.txt", "zz"), "there is no version 'zz' of it"),
        (("restore", "notes:d/a b.txt", "3"), "there is no version '3' of it"),
        (("restore", "notes:d/a b.txt", "@2020-01-01"), "there was no such file at 2020-01-01"),
        (("versions", "notes:d/never"), "it has no versions"),
        (("versions", "notes:d"), "a folder: copy it from .versions/@TIME"),
        (("versions", "home:x"), "no old versions are kept here"),
        (("versions", "files/x"), "no old versions are kept here"),
    ):
        done = notes(*arguments)
        place = arguments[1]
        assert (done.status, done.out) == (FAILED, b"")
        assert done.err.startswith(f"vfs: {place}: {words}")
    assert notes("restore", "notes:d/a b.txt").status == MISUSED
    assert notes("cat", "notes:d/a b.txt").out == b"three\n"


def test_names_that_look_like_something_else_have_versions(notes: Tool) -> None:
    """A pattern, a moment, a name with a colon."""
    for name in ("a*.txt", "@2h", "b:c", "line\nbreak"):
        fill(notes.folder, name)
        assert len(notes.told("versions", f"notes:d/{name}")) == 3
        notes("restore", f"notes:d/{name}", "0")
        assert notes("cat", f"notes:d/{name}").out == b"one\n"


def test_diff_of_any_two_places(notes: Tool) -> None:
    """Of files, of a file and what it was, of two versions; equal ones have none."""
    notes.put("x", b"one\n2\n")
    assert notes.told("diff", "notes:d/a b.txt", "files/x") == [
        "--- notes:d/a b.txt",
        "+++ files/x",
        "@@ -1 +1,2 @@",
        "-three",
        "+one",
        "+2",
    ]
    assert notes.told("diff", "notes:d/a b.txt", "--from", "0")[3:] == ["-one", "+three"]
    assert notes.told("diff", "notes:d/a b.txt", "--from", "0", "--to", "1")[3:] == ["-one", "+two"]
    assert notes.told("diff", "notes:d/a b.txt", "--from", "@now") == []
    told = notes("diff", "--json", "notes:d/a b.txt", "home:x").data
    assert told[0]["diff"].endswith("+2\n")
    assert notes("diff", "notes:d/a b.txt", "notes:none").status == FAILED
    (notes.files / "big").touch()
    os.truncate(notes.files / "big", (16 << 20) + 1)
    assert "too large to be compared" in notes("diff", "home:big", "home:x").err


@pytest.fixture
def live(
    request: pytest.FixtureRequest,
    room: Room,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Run:
    """The command beside a daemon that shows the mount `notes`; gives the lines of runs that go well.

    The parameter, if any, is what `vfsmount` is given besides.
    """
    config = room.folder / "vfs.yaml"
    config.write_text(f"mounts:\n{NOTES}state: state\ncache: {{directory: null}}\n")
    room.config = config
    fill(room.folder)
    monkeypatch.setenv("VFS_CONFIG", str(config))
    monkeypatch.chdir(room.folder)
    room.start(*getattr(request, "param", ()))
    wait_until(lambda: any(one.mountpoint == str(room.mountpoint) for one in servings()), 30, "the daemon")

    def run(*arguments: str) -> list[str]:
        assert main(list(arguments)) == OK
        said = capsys.readouterr()
        assert said.err == ""
        return said.out.splitlines()

    return run


def test_below_a_live_mount_the_daemon_restores(room: Room, live: Run) -> None:
    """By path and by name; the kernel hears of it, and no copy is made beside."""
    file = room.mountpoint / "notes" / "d" / "a b.txt"
    listed = live("versions", str(file))
    assert listed == live("versions", "notes:d/a b.txt")
    assert file.read_text() == "three\n"
    assert live("restore", str(file), "0")[0].startswith(
        "mnt/notes/d/a b.txt: 4 bytes, from mnt/notes/d/.versi"
    )
    wait_until(lambda: file.read_text() == "one\n", 30, "the first version")
    live("restore", "notes:d/a b.txt", "1")
    wait_until(lambda: file.read_text() == "two\n", 30, "the second version")
    assert live("diff", str(file), "--from", "0")[3:] == ["-one", "+two"]
    file.unlink()
    live("restore", "notes:d/a b.txt", "-1")
    wait_until(lambda: file.exists() and file.read_text() == "two\n", 30, "the file, back again")
    names = {path.name for path in (file.parent / ".versions").iterdir()}
    assert names == {"a b.txt"}


@pytest.mark.parametrize("live", [["-o", "ro"]], indirect=True)
def test_nothing_is_restored_in_a_mount_that_is_shown_read_only(
    room: Room, live: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    """By path and by name it is refused with the words that `cp` has; looking goes on."""
    file = room.mountpoint / "notes" / "d" / "a b.txt"
    for place in ("mnt/notes/d/a b.txt", "notes:d/a b.txt"):
        assert len(live("versions", place)) == 3
        for verb in (["restore", place, "0"], ["cp", "-f", str(room.config), place]):
            assert main(verb) == FAILED
            assert capsys.readouterr().err == f"vfs: {place}: this mount is read-only\n", verb
    assert file.read_text() == "three\n"
