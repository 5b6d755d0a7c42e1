"""`vfs ls`, `cat`, `info`, `du`, `ping`: what they tell, as people and as scripts see it."""

import os
import tempfile
from pathlib import Path

import pytest

from tests.cli.stand_in import with_and_without_daemon
from tests.cli.tool import Tool
from vfs.cli import looking
from vfs.cli.exit_status import FAILED, OK

pytestmark = with_and_without_daemon


DAY = 1_790_000_000


@pytest.fixture
def filled(tool: Tool) -> Tool:
    """A mount with two files and a folder, of a known time."""
    for path, size in (("b.txt", 2000), ("a.txt", 1), ("sub/c", 3)):
        os.utime(tool.put(path, b"x" * size), (DAY, DAY))
    os.utime(tool.files / "sub", (DAY, DAY))
    return tool


def test_ls_is_sorted_and_long_tells_kind_size_and_time(filled: Tool) -> None:
    """Names alone, or a line with what a listing knows."""
    assert filled.told("ls", "home:") == ["a.txt", "b.txt", "sub"]
    assert filled.told("ls", "-l", "home:", "home:b.txt")[:3] == [
        "home::",
        "-              1 2026-09-21 14:13  a.txt",
        "-          2,000 2026-09-21 14:13  b.txt",
    ]


@pytest.mark.parametrize(("seconds", "year"), [(2**40, "9999-"), (-(2**40), "0001-")])
def test_a_date_that_no_calendar_has_is_the_nearest_regression(tool: Tool, seconds: int, year: str) -> None:
    """One odd file keeps nobody from seeing its folder. Not every disk keeps such a date; memory does."""
    with tempfile.TemporaryDirectory(dir="/dev/shm") as folder:
        path = Path(folder, "odd")
        path.touch()
        os.utime(path, (seconds, seconds))
        (line,) = tool.told("ls", "-l", folder)
    assert line.startswith(f"-              0 {year}")


def test_ls_goes_through_all_that_is_below(filled: Tool) -> None:
    """Each folder under its name, depth first."""
    assert filled.told("ls", "-R", ":") == ["home::", "a.txt", "b.txt", "sub", "", "home:sub:", "c"]
    assert filled.told("ls", "-d", ":") == [":"]


def test_a_big_folder_is_told_as_it_comes(filled: Tool, monkeypatch: pytest.MonkeyPatch) -> None:
    """Beyond a number of names none is held back, and none is missing or told twice."""
    monkeypatch.setattr(looking, "SORTED_AT_MOST", 2)
    assert sorted(filled.told("ls", "home:")) == ["a.txt", "b.txt", "sub"]


def test_ls_as_json_is_a_line_for_each(filled: Tool) -> None:
    """With the place as it can be given to the command again."""
    first, *_ = filled("ls", "--json", "home:").data
    assert first == {"path": "home:a.txt", "kind": "file", "size": 1, "mtime": float(DAY)}


def test_what_fails_stops_nothing_else(filled: Tool) -> None:
    """The others are told; the status and stderr tell what was not."""
    done = filled("cat", "home:none", "home:a.txt", "home:sub")
    assert (done.status, done.out) == (FAILED, b"x")
    assert done.err == "vfs: home:none: No such file or directory\nvfs: home:sub: Is a directory\n"
    done = filled("ls", "files/none", "home:sub")
    assert (done.status, done.lines) == (FAILED, ["home:sub:", "c"])
    assert done.err == "vfs: files/none: No such file or directory\n"


def test_du_counts_files_and_bytes(filled: Tool) -> None:
    """Of all that is below a folder, and of one file."""
    data = filled("du", "--json", "home:", "home:a.txt").data
    assert data == [
        {"path": "home:", "files": 3, "size": 2004},
        {"path": "home:a.txt", "files": 1, "size": 1},
    ]
    assert filled.told("du", ":") == ["             2,004 bytes          3 files  :"]


def test_info_tells_where_a_file_really_is(filled: Tool) -> None:
    """The storage's type and its own name for the place, for people and for scripts."""
    lines = filled.told("info", "home:a.txt")
    assert lines[:3] == ["path          home:a.txt", "kind          file", "size          1"]
    (data,) = filled("info", "--json", "home:a.txt").data
    assert (data["type"], data["native_path"]) == ("local", str(filled.files / "a.txt"))
    assert "symlinks" in data["capabilities"]


def test_ping_asks_each(filled: Tool) -> None:
    """One line for each that answers."""
    done = filled("ping", "home:", "other:")
    assert (done.status, [line.split(" in ")[0] for line in done.lines]) == (OK, ["home:: OK", "other:: OK"])
