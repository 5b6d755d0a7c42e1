"""`vfs rm` and `mkdir`: what goes and what comes, and what is refused."""

import pytest

from tests.cli.stand_in import with_and_without_daemon
from tests.cli.tool import Tool
from vfs.cli import changing
from vfs.cli.exit_status import FAILED

pytestmark = with_and_without_daemon


def test_rm_takes_files_and_asks_for_more_to_take_folders(tool: Tool) -> None:
    """A folder with something in it stays unless -r says so; an empty one goes."""
    for path in ("f", "full/a", "empty/x"):
        tool.put(path)
    tool.told("rm", "home:empty/x")
    done = tool("rm", "home:f", "home:full", "home:empty")
    assert done.status == FAILED
    assert done.err == "vfs: home:full: is not empty; -r removes all that is in it\n"
    assert tool.told("ls", "home:") == ["full"]
    assert tool("rm", "-r", "--json", "home:full").data == [{"removed": "home:full"}]
    assert tool.told("ls", "home:") == []


def test_rm_never_follows_where_nobody_sent_it(tool: Tool) -> None:
    """A symlink goes itself; with a slash behind it, `.`, `..` and roots of mounts it is refused."""
    kept = tool.put("kept/f", b"1")
    link = tool.folder / "link"
    link.symlink_to("files/kept")
    for place in ("link/", ".", "files/kept/..", "home:", "files/kept/."):
        assert tool("rm", "-r", place).status == FAILED, place
    assert tool.told("rm", "-r", "link") == []
    assert not link.is_symlink()
    assert kept.read_bytes() == b"1"


def test_what_is_not_there_is_a_failure_unless_forced(tool: Tool) -> None:
    """As with rm(1)."""
    assert tool("rm", "home:none").err == "vfs: home:none: No such file or directory\n"
    assert tool.told("rm", "-f", "home:none") == []
    tool.put("there")
    done = tool("rm", "-rf", "--json", "home:none", "home:there", "home:")
    assert (done.status, done.data) == (FAILED, [{"missing": "home:none"}, {"removed": "home:there"}])
    assert done.err.count("\n") == 1


def test_rm_with_patterns_goes_batch_by_batch(tool: Tool, monkeypatch: pytest.MonkeyPatch) -> None:
    """All that fit are gone, and nothing else; a dry run tells them before."""
    monkeypatch.setattr(changing, "AT_ONCE", 2)
    for name in ("a.tmp", "b.tmp", "c.tmp", "d.tmp", "e.tmp", "*.txt", "x.txt"):
        tool.put(name)
    assert len(tool.told("rm", "-n", "--glob", "home:*.tmp")) == 5
    assert tool.told("rm", "--glob", "home:*.tmp") == []
    assert tool.told("rm", "home:*.txt") == []
    assert tool.told("ls", "home:") == ["x.txt"]


def test_a_dry_run_tells_what_would_go(tool: Tool) -> None:
    """With the number of files in folders; what would be refused is refused."""
    tool.put("full/a")
    tool.put("full/sub/b")
    assert tool.told("rm", "-rn", "home:full") == ["would remove home:full, with 2 file(s)"]
    assert tool("rm", "-n", "home:full").status == FAILED
    assert tool.told("ls", "home:") == ["full"]


def test_mkdir_makes_what_is_above_only_when_asked(tool: Tool) -> None:
    """And takes what is there for a failure unless -p is given."""
    assert tool("mkdir", "other:a/b").status == FAILED
    assert tool.told("mkdir", "-p", "other:a/b", "new") == []
    assert tool("mkdir", "other:a").err == "vfs: other:a: File exists\n"
    assert tool("mkdir", "-p", "--json", "other:a/b").data == [{"path": "other:a/b"}]
    assert (tool.folder / "new").is_dir()
