"""`call`: programs with nodes among their arguments."""

import subprocess
import sys
from concurrent.futures import Future
from pathlib import Path

import pytest

import vfs

UPPER = "import sys; open(sys.argv[2], 'w').write(open(sys.argv[1]).read().upper())"
"""A program that reads one file and makes another."""


@pytest.fixture
def words(storage: vfs.StorageManager) -> vfs.StorageNode:
    node = storage.node("sqlite:words.txt")
    node.write_text("some words")
    return node


def test_files_go_in_and_come_out(root: vfs.StorageNode) -> None:
    """A node that is there is read, one that is not is made, on every kind of mount."""
    source, target = root / "in.txt", root / "made/out.txt"
    source.write_text("some words")
    assert source.call(sys.executable, "-c", UPPER, source, target) is None
    assert target.read() == "SOME WORDS"


def test_output_comes_back(words: vfs.StorageNode) -> None:
    """`return_output` gives stdout as text; nothing else is asked of the program."""
    assert words.call("cat", words, return_output=True) == "some words"
    assert words.call("wc", "-c", input="four", return_output=True).strip() == "4"


def test_one_place_has_one_path(words: vfs.StorageNode) -> None:
    """A node given twice is one file to the program."""
    assert len(set(words.call("echo", words, words, return_output=True).split())) == 1


def test_only_what_changed_is_sent(storage: vfs.StorageManager, words: vfs.StorageNode) -> None:
    """An input is not stored again, a file changed in place is, and on a read-only mount nothing is."""
    etag = words.etag()
    words.call("cat", words, return_output=True)
    assert words.etag() == etag
    words.call("sed", "-i", "s/some/other/", words)
    assert words.read() == "other words"


def test_inputs_of_read_only_mounts(tmp_path: Path, words: vfs.StorageNode) -> None:
    """They are read; a program is not begun for an output there."""
    (tmp_path / "in.txt").write_text("some words")
    mounts = {"fixed": {"type": "local", "path": str(tmp_path), "permissions": "readonly"}}
    with vfs.open({"mounts": mounts}) as fixed:
        words.call(sys.executable, "-c", UPPER, fixed.node("fixed:in.txt"), words)
        assert words.read() == "SOME WORDS"
        with pytest.raises(vfs.NotFound, match=r"^fixed:out"):
            words.call("touch", fixed.node("fixed:out"))


def test_a_failure_is_raised_with_what_the_program_said(words: vfs.StorageNode) -> None:
    """The end of stderr is in the error, and nothing that was made is stored."""
    program = "import sys; open(sys.argv[1], 'w'); sys.stderr.write('x' * 100_000 + 'too bad'); sys.exit(3)"
    with pytest.raises(subprocess.CalledProcessError) as caught:
        words.call(sys.executable, "-c", program, words)
    assert caught.value.returncode == 3
    assert caught.value.stderr.endswith("too bad")
    assert len(caught.value.stderr) == 64 << 10
    assert words.read() == "some words"
    assert words.call("sh", "-c", "echo said; exit 3", check=False, return_output=True) == "said\n"


def test_time_is_up_for_all_that_was_started(words: vfs.StorageNode, tmp_path: Path) -> None:
    """A program's own children die with it, although they hold its output open."""
    ready = tmp_path / "ready"
    script = f"sleep 600 & echo $! > {ready}; wait"
    with pytest.raises(subprocess.TimeoutExpired):
        words.call("sh", "-c", script, words, timeout=2, return_output=True)
    child = Path("/proc", ready.read_text().strip(), "stat")
    # Until somebody reaps it, a killed child is a zombie.
    assert not child.exists() or child.read_text().rpartition(")")[2].split()[0] == "Z"


def test_the_shell_gets_paths_quoted(storage: vfs.StorageManager) -> None:
    """With `shell`, texts are the shell's, and a file's name is one word whatever is in it."""
    node = storage.node("memory:", "a; echo gone $(date) 'x'")
    node.write_text("one\ntwo\n")
    assert node.call("cat", node, "| wc -l", shell=True, return_output=True).strip() == "2"


def test_a_program_that_is_not_there(words: vfs.StorageNode) -> None:
    """It is Python's own error, and no place of a mount."""
    with pytest.raises(FileNotFoundError) as caught:
        words.call("there-is-no-such-program", words)
    assert not isinstance(caught.value, vfs.StorageError)
    with pytest.raises(TypeError, match="needs a program"):
        words.call()


def test_in_the_background(words: vfs.StorageNode, storage: vfs.StorageManager) -> None:
    """A Future comes back at once; the callback is called when the result is stored."""
    target = storage.node("memory:out")
    stored: Future[str] = Future()
    script = 'cat "$0" > "$1"'
    future = words.call(
        "sh", "-c", script, words, target, async_mode=True, callback=lambda: stored.set_result(target.read())
    )
    assert future.result(timeout=60) is None
    assert stored.result(timeout=60) == "some words"


def test_failures_in_the_background_are_not_lost(
    words: vfs.StorageNode, caplog: pytest.LogCaptureFixture
) -> None:
    """The Future raises them, the log tells them without the command line, and no callback is called."""
    called: list[bool] = []
    future = words.call("sh", "-c", "exit 7; secret", async_mode=True, callback=lambda: called.append(True))
    with pytest.raises(subprocess.CalledProcessError):
        future.result(timeout=60)
    assert called == []
    assert "sh, called in the background: CalledProcessError" in caplog.text
    assert "secret" not in caplog.text


def test_each_result_is_stored_for_itself(storage: vfs.StorageManager) -> None:
    """Where one cannot be, the others are, and the failure is raised."""
    blocked, good = storage.node("memory:blocked"), storage.node("memory:good")
    script = 'mkdir "$0"; echo made > "$1"'
    with pytest.raises(vfs.InvalidPath, match=r"^memory:blocked"):
        good.call("sh", "-c", script, blocked, good)
    assert good.read() == "made\n"
    assert not blocked.exists()
