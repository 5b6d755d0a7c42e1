"""The tool beside a daemon that serves the mounts: both see one storage, and nothing is fetched twice."""

import io
import sys
from dataclasses import replace
from types import SimpleNamespace

import pytest

from tests.cli.stand_in import StandIn, with_daemon
from tests.cli.tool import Tool
from vfs.cli.exit_status import FAILED
from vfs.engine.changes import Change, ChangeKind

pytestmark = with_daemon


def test_what_is_unsent_is_there(tool: Tool, daemon: StandIn) -> None:
    """A file that is being written is listed, read, copied and removed as it is now."""
    file = daemon.manager.tree("other").create("f")
    file.write(0, b"not sent yet")
    assert tool("cat", "other:f").out == b"not sent yet"
    assert tool("ls", "--json", "other:").data[0]["size"] == 12
    tool.told("cp", "other:f", "home:copy")
    assert (tool.files / "copy").read_bytes() == b"not sent yet"
    tool.told("rm", "other:f")
    file.close()
    assert tool.told("ls", "other:") == []


def test_what_the_tool_changes_is_told_to_all_that_look_through_the_daemon(
    tool: Tool, daemon: StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At once, for every verb that changes something."""
    heard: list[tuple[str, ChangeKind]] = []

    def hear(change: Change) -> None:
        heard.append((f"{change.mount}:{change.key}", change.kind))

    daemon.manager.changes.subscribe(hear)
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(b"words")))
    for verb, told in (
        (("cp", "-", "other:a"), ("other:a", ChangeKind.CREATED)),
        (("cp", "vfs.yaml", "other:b"), ("other:b", ChangeKind.CREATED)),
        (("mkdir", "other:d"), ("other:d", ChangeKind.CREATED)),
        (("mv", "other:a", "other:c"), ("other:a", ChangeKind.DELETED)),
        (("mv", "other:c", "home:c"), ("home:c", ChangeKind.CREATED)),
        (("cp", "-f", "home:c", "other:b"), ("other:b", ChangeKind.REPLACED)),
        (("sync", "files", "other:d"), ("other:d/c", ChangeKind.CREATED)),
        (("rm", "-r", "other:d"), ("other:d/c", ChangeKind.DELETED)),
    ):
        heard.clear()
        assert tool(*verb).status == 0, verb
        assert told in heard, verb


def test_nothing_is_fetched_twice(tool: Tool, daemon: StandIn) -> None:
    """What the daemon has read for one run of the tool is there for the next."""
    tool.put("f", b"words")
    tool.told("cp", "home:f", "other:f")
    traffic = daemon.manager.tree("other").traffic
    assert traffic is not None
    assert tool("cat", "other:f").out == b"words"
    before = traffic.statistics().bytes_read
    assert tool("cat", "other:f", "other:f").out == b"wordswords"
    assert traffic.statistics().bytes_read == before == 5


def test_info_tells_what_the_daemon_knows(tool: Tool) -> None:
    """The storage's own name for a place, and its abilities; no place where it is seen, for a URL."""
    tool.put("a", b"1")
    (data,) = tool("info", "--json", "home:a").data
    assert (data["native_path"], data["shown_at"]) == (str(tool.files / "a"), None)
    assert "symlinks" in data["capabilities"]


def test_what_another_user_runs_is_given_no_work(
    tool: Tool, daemon: StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Root sees the daemons of the system's units, and does not hand its files to them."""
    servings = daemon.servings()
    daemon.close()
    others = [replace(serving, is_ours=False) for serving in servings]
    monkeypatch.setattr("vfs.cli.places.servings", lambda: others)
    tool.put("a", b"1")
    assert tool.told("cat", "home:a") == ["1"]


def test_a_daemon_that_went_is_one_clear_line(
    tool: Tool, daemon: StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not a traceback, and no act beside it."""
    servings = daemon.servings()
    daemon.close()
    monkeypatch.setattr("vfs.cli.places.servings", lambda: servings)
    tool.put("a")
    done = tool("rm", "home:a")
    assert (done.status, done.err.count("\n")) == (FAILED, 1)
    assert (tool.files / "a").exists()
