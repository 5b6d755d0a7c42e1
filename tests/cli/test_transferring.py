"""`vfs cp`, `mv`, `sync`: what is brought where, and that nothing else is touched."""

import io
import os
import signal
import sys
from types import SimpleNamespace

import pytest

from tests.cli.stand_in import with_and_without_daemon
from tests.cli.tool import Tool
from vfs.cli.exit_status import FAILED, INTERRUPTED, MISUSED, OK
from vfs.cli.output import Output

pytestmark = with_and_without_daemon


def tree(tool: Tool, place: str) -> list[str]:
    """All files below a place, as `ls -R` as JSON tells them."""
    data = tool("ls", "-R", "--json", place).data
    return sorted(line["path"] for line in data if line["kind"] == "file")


@pytest.fixture
def filled(tool: Tool) -> Tool:
    """A folder here with files in it, and one in the mount."""
    for path in ("src/a", "src/sub/b", "src/sub/c.tmp"):
        place = tool.folder / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(path)
    tool.put("old/a", b"another")
    return tool


def test_a_file_goes_to_a_name_or_into_a_folder(filled: Tool) -> None:
    """As cp does; a target that ends in a slash must be a folder, and several sources need one."""
    assert filled.told("cp", "src/a", "home:new") == []
    assert filled.told("cp", "src/a", "src/sub/b", "other:") == []
    assert tree(filled, "other:") == ["other:a", "other:b"]
    assert filled("cat", "home:new", "other:b").out == b"src/asrc/sub/b"
    for target in ("home:none/", "home:new/"):
        done = filled("cp", "src/a", target)
        assert (done.status, "no such folder" in done.err) == (FAILED, True)
    done = filled("cp", "src/a", "src/sub/b", "home:new")
    assert (done.status, "into a folder" in done.err) == (FAILED, True)


def test_what_is_there_is_replaced_only_when_asked(filled: Tool) -> None:
    """cp and mv refuse, with the way out; --overwrite replaces."""
    for verb in ("cp", "mv"):
        done = filled(verb, "src/a", "home:old")
        assert done.status == FAILED
        assert done.err == "vfs: home:old/a: is there already; --overwrite replaces it\n"
        assert filled("cat", "home:old/a").out == b"another"
    assert filled.told("mv", "-f", "src/a", "home:old") == []
    assert filled("cat", "home:old/a").out == b"src/a"
    assert not (filled.folder / "src/a").exists()


def test_a_folder_goes_with_all_that_is_in_it(filled: Tool) -> None:
    """Only with -r; into a folder that is there under its own name, as that name where none is."""
    done = filled("cp", "src", "home:new")
    assert (done.status, done.err) == (FAILED, "vfs: src: is a folder; -r copies it\n")
    assert filled.told("cp", "-r", "src", "home:new") == ["3 file(s) copied, 27 bytes"]
    assert filled.told("cp", "-r", "src", "home:new", "--exclude", "*.tmp") == [
        "2 file(s) copied, 14 bytes, 1 left out"
    ]
    assert tree(filled, "home:new") == [
        "home:new/a",
        "home:new/src/a",
        "home:new/src/sub/b",
        "home:new/sub/b",
        "home:new/sub/c.tmp",
    ]
    assert filled("cp", "-rq", "home:new/", "other:x").out == b""
    assert len(tree(filled, "other:x")) == 5


def test_of_a_tree_what_fails_is_named_and_the_rest_is_copied(filled: Tool) -> None:
    """The status is 1, and the line tells how many."""
    done = filled("cp", "-r", "src/.", "home:old")
    assert (done.status, done.lines) == (FAILED, ["2 file(s) copied, 22 bytes, 1 failed"])
    assert done.err == "vfs: home:old/a: is there already; --overwrite replaces it\n"
    assert filled("cat", "home:old/a").out == b"another"
    assert filled("cp", "-r", "--skip", "exists", "src/.", "home:old").status == OK


def test_dry_runs_change_nothing_and_tell_each_file(filled: Tool) -> None:
    """Under the names that the files would have."""
    lines = filled.told("cp", "-rn", "src", "other:")
    assert sorted(lines) == [
        "src/a -> other:src/a",
        "src/sub/b -> other:src/sub/b",
        "src/sub/c.tmp -> other:src/sub/c.tmp",
        "would be: 3 file(s) copied, 27 bytes",
    ]
    assert filled.told("ls", "other:") == []


def test_sync_makes_equal_and_deletes_only_when_asked(filled: Tool) -> None:
    """Equal content is left alone; what the source has not goes with --delete."""
    filled.put("old/extra")
    assert filled.told("sync", "src", "home:old") == ["3 file(s) copied, 27 bytes"]
    assert filled.told("sync", "src", "home:old") == ["0 file(s) copied, 0 bytes, 3 left alone"]
    assert "home:old/extra" in tree(filled, "home:old")
    assert filled.told("sync", "--delete", "-n", "src", "home:old") == [
        "would be: 0 file(s) copied, 0 bytes, 3 left alone, 1 deleted"
    ]
    (data,) = filled("sync", "--delete", "--json", "src", "home:old").data
    assert (data["deleted"], data["skipped"], data["failed"]) == (1, 3, 0)
    assert "home:old/extra" not in tree(filled, "home:old")
    done = filled("sync", "src/a", "home:old")
    assert (done.status, "no folder" in done.err) == (FAILED, True)


def test_patterns_choose_sources_when_asked(filled: Tool) -> None:
    """With --glob, and into a folder only."""
    assert filled.told("cp", "--glob", "src/sub/*.tmp", "src/[a]", "home:old/.", "--skip", "size") == []
    assert tree(filled, "home:old") == ["home:old/a", "home:old/c.tmp"]
    done = filled("mv", "--glob", "src/sub/*", "home:none")
    assert (done.status, "into a folder" in done.err) == (FAILED, True)


def test_moving_within_one_file_system_is_a_rename(filled: Tool) -> None:
    """The file is the same one afterwards; a symlink moves itself, and not what it names."""
    before = os.stat(filled.folder / "src/a").st_ino
    (filled.folder / "link").symlink_to("src/a")
    assert filled.told("mv", "src/a", "src/renamed") == []
    assert filled.told("mv", "link", "src") == []
    assert os.stat(filled.folder / "src/renamed").st_ino == before
    assert os.readlink(filled.folder / "src/link") == "src/a"
    done = filled("mv", "src/.", "home:old")
    assert (done.status, "name a file or folder" in done.err) == (FAILED, True)


def test_a_folder_is_not_copied_into_itself(filled: Tool) -> None:
    """By whatever names it is given, the mount of the whole machine that local paths lie in among them."""
    done = filled("cp", "-r", "files", "home:old")
    assert (done.status, "into itself" in done.err) == (FAILED, True)


def test_standard_input_becomes_a_file(filled: Tool, monkeypatch: pytest.MonkeyPatch) -> None:
    """Streamed; a name that is taken is refused as with other sources."""
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(b"x" * 3_000_000)))
    assert filled.told("cp", "-", "other:big") == []
    assert filled("du", "--json", "other:big").data[0]["size"] == 3_000_000
    done = filled("cp", "-", "other:big")
    assert (done.status, "--overwrite" in done.err) == (FAILED, True)


def test_workers_are_counted_from_one(filled: Tool) -> None:
    """Anything else is a mistake on the command line."""
    done = filled("cp", "--workers", "0", "src/a", "home:x")
    assert (done.status, "must be 1 at least" in done.err) == (MISUSED, True)


@pytest.mark.parametrize("verb", ["cp", "sync"])
def test_ctrl_c_leaves_whole_files_and_the_next_run_copies_the_rest(
    filled: Tool, verb: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The status says so, and stderr how many are there; what was there before is as it was."""
    filled.told("cp", "src/sub/b", "other:sub/b")
    with monkeypatch.context() as patch:
        patch.setattr(Output, "tell", lambda *_, **__: os.kill(os.getpid(), signal.SIGINT))
        recursive = ["-r", "--overwrite"] if verb == "cp" else []
        done = filled(verb, *recursive, "-v", "--workers", "1", "src/.", "other:")
    assert done.status == INTERRUPTED
    again = "run it again with --skip size" if verb == "cp" else "run it again"
    assert done.err == f"vfs: interrupted: 1 file(s) or more copied, each whole; {again} for the rest\n"
    for path in tree(filled, "other:"):
        assert filled("cat", path).out == (filled.folder / "src" / path.removeprefix("other:")).read_bytes()
    filled.told("sync", "src", "other:")
    assert tree(filled, "other:") == ["other:a", "other:sub/b", "other:sub/c.tmp"]
