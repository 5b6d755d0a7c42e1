"""What the arguments of the command stand for: mounts, local paths, names that look like patterns."""

import os
from pathlib import Path

import pytest

from tests.cli.room import Room
from tests.cli.tool import Tool
from vfs.cli.exit_status import FAILED, MISUSED, OK
from vfs.cli.local_places import split_at_mount
from vfs.cli.vfs import main


def test_mount_main_mount_and_local_paths_are_told_apart(tool: Tool) -> None:
    """`mount:path`, `:path` in the main one, and a local path, which a slash before a colon makes."""
    tool.put("a", b"1")
    (tool.folder / "home:a").write_bytes(b"2")
    assert tool("cat", "home:a", ":a", "files/a", "./home:a", tool.files / "a").out == b"11121"


def test_a_name_is_never_a_pattern_unless_asked(tool: Tool) -> None:
    """`a*` is the file of that name, and where there is none, nothing; with --glob it is what fits."""
    tool.put("a*", b"star")
    tool.put("ab", b"b")
    assert tool("cat", "home:a*").out == b"star"
    (tool.files / "a*").unlink()
    done = tool("cat", "home:a*")
    assert (done.status, done.out) == (FAILED, b"")
    assert done.err == "vfs: home:a*: No such file or directory; --glob takes it as a pattern\n"
    assert tool("cat", "--glob", "home:a*").out == b"b"
    assert tool("cat", "--glob", "files/a?", f"{tool.files}/[a]b").out == b"bb"
    done = tool("cat", "--glob", "home:x*")
    assert (done.status, done.err) == (FAILED, "vfs: home:x*: nothing fits this pattern\n")


def test_an_unknown_mount_is_named_with_what_to_do(tool: Tool) -> None:
    """The nearest name, and how a file of such a name would be written."""
    done = tool("ls", "hom:a")
    assert done.status == MISUSED
    assert "there is no mount 'hom'; did you mean 'home'?" in done.err
    assert "'./hom:...'" in done.err


def test_only_mounts_that_are_named_are_opened(tool: Tool) -> None:
    """A storage that cannot be opened is in nobody's way who does not ask for it."""
    tool.put("a")
    assert tool.told("ls", "home:") == ["a"]
    done = tool("ls", "broken:")
    assert (done.status, "broken" in done.err) == (MISUSED, True)


def test_configurations_are_searched_in_order(tool: Tool, monkeypatch: pytest.MonkeyPatch) -> None:
    """--config before VFS_CONFIG before ./vfs.yaml before the user's; where none is, the words say where."""

    def config(name: str, folder: str) -> Path:
        path = tool.folder / name
        (tool.folder / folder).mkdir()
        (tool.folder / folder / folder).touch()
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"mounts: {{m: {{type: local, path: {tool.folder / folder}}}}}\nstate: state\n")
        return path

    config(".config/vfs/config.yaml", "one")
    config("vfs.yaml", "two")
    three, four = config("three.yaml", "three"), config("four.yaml", "four")
    monkeypatch.setenv("VFS_CONFIG", str(three))
    assert tool.told("ls", "--config", four, "m:") == ["four"]
    assert tool.told("ls", "m:") == ["three"]
    monkeypatch.delenv("VFS_CONFIG")
    assert tool.told("ls", "m:") == ["two"]
    (tool.folder / "vfs.yaml").unlink()
    assert tool.told("ls", "m:") == ["one"]
    (tool.folder / ".config/vfs/config.yaml").unlink()
    done = tool("ls", "m:")
    assert (done.status, "--config" in done.err, "$VFS_CONFIG" in done.err) == (MISUSED, True, True)
    assert tool.told("ls", "two") == ["two"]


@pytest.mark.parametrize("early", [["--config", "{}"], ["--config={}"], ["--json", "--config", "{}"]])
def test_common_options_may_stand_before_the_verb(tool: Tool, tmp_path: Path, early: list[str]) -> None:
    """As with many tools; before a verb of two words as well, and never without any."""
    elsewhere = tmp_path / "elsewhere.yaml"
    elsewhere.write_text("mounts: {there: {type: memory}}\nstate: there-state\n")
    options = [each.format(elsewhere) for each in early]
    assert tool(*options, "ls", "there:").status == OK
    assert tool(*options, "locks").status == OK
    assert tool(*options, "ls", "home:").status == MISUSED
    assert "VERB" in tool(*options).err
    assert "--json" in tool("--json", "journal", "list", "--help").out.decode()


def test_symlinks_of_this_machine_lead_to_what_they_name(tool: Tool) -> None:
    """A path goes the way that the shell would go, `..` included, also out of a symlinked folder."""
    tool.put("deep/sub/f", b"1")
    tool.put("deep/g", b"2")
    (tool.folder / "link").symlink_to("files/deep/sub")
    assert tool("cat", "link/f", "link/../g").out == b"12"
    assert tool.told("ls", "link") == ["f"]


@pytest.mark.parametrize("name", [b"\xff\xfe", b"new\nline", "söt 🙂".encode(), b"*" * 255])
def test_any_name_is_a_plain_name(tool: Tool, name: bytes) -> None:
    """Bytes that are no UTF-8, newlines, emoji, 255 stars: taken and told as they are."""
    tool.put(os.fsdecode(name), b"content")
    assert tool("cat", f"home:{os.fsdecode(name)}").out == b"content"
    assert tool("ls", "home:").out == name + b"\n"
    (told,) = tool("ls", "--json", "home:").data
    assert os.fsencode(told["path"]) == b"home:" + name


def test_a_path_is_split_where_its_file_system_begins() -> None:
    """What lies on one file system is one mount; a file system's top is that mount's root."""
    assert split_at_mount("/proc/self") == split_at_mount("/proc/").__class__("/proc", "self")
    assert split_at_mount("/proc").key == ""
    assert split_at_mount("/").key == ""


def test_a_mount_that_a_daemon_shows_is_acted_on_through_it(
    room: Room, capsysbinary: "pytest.CaptureFixture[bytes]"
) -> None:
    """A storage that lives in the daemon's memory is there for the tool, by mount and by mounted path.

    What the tool does is seen in the mounted folder at once.
    """
    room.serve()
    (room.mountpoint / "m" / "f").write_bytes(b"written through the kernel")
    for place in ("m:f", room.mountpoint / "m" / "f"):
        assert main(["cat", "--config", str(room.config), str(place)]) == OK
        assert capsysbinary.readouterr().out == b"written through the kernel"
    assert main(["info", "--config", str(room.config), "--json", "m:f"]) == OK
    assert os.fsencode(room.mountpoint / "m" / "f") in capsysbinary.readouterr().out
    top = room.mountpoint / "m"
    for arguments, left in (
        (("cp", "m:f", "m:g"), ["f", "g"]),
        (("mv", "m:g", str(top / "h")), ["f", "h"]),
        (("mkdir", str(top / "d")), ["d", "f", "h"]),
        (("mv", str(top / "f"), str(top / "h"), "m:d"), ["d"]),
        (("rm", "-r", "m:d"), []),
    ):
        verb, *rest = arguments
        assert main([verb, "--config", str(room.config), *rest]) == OK
        assert sorted(os.listdir(top)) == left
    assert main(["rm", "-f", "--json", str(top / "none")]) == OK
    assert main(["cat", str(top / "none")]) == FAILED
    assert capsysbinary.readouterr().err == b"vfs: %b: No such file or directory\n" % os.fsencode(
        top / "none"
    )
