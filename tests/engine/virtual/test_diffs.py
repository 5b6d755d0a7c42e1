"""Unified diffs of texts, and nodes that are such diffs."""

import errno
import subprocess
from pathlib import Path
from time import perf_counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vfs import NotFound, StorageError, StorageManager
from vfs.engine.diffs import unified_diff

LINES = st.lists(st.sampled_from([b"a\n", b"b\n", b"c\n", b"\n", b"x\r\n", b"y\r", b"\xff\n"]), max_size=30)


@given(LINES, LINES, st.sampled_from([b"", b"end"]), st.sampled_from([b"", b"end"]))
def test_a_diff_makes_the_new_text_of_the_old(
    tmp_path_factory: pytest.TempPathFactory, old: list[bytes], new: list[bytes], end: bytes, new_end: bytes
) -> None:
    """By what the format says, whatever the lines end with; and equal texts have none."""
    before, after = b"".join(old) + end, b"".join(new) + new_end
    text = unified_diff(before, after, "old", "new")
    assert applied(before, text) == after
    assert (text == b"") == (before == after)


def applied(text: bytes, diff: bytes) -> bytes:
    """What the hunks of a diff make of a text: an independent reading of the format."""
    old = _lines(text)
    made: list[bytes] = []
    place, marked = 0, b""
    for line in _lines(diff)[2:]:
        if line.startswith(b"@@"):
            start, _, length = line.split()[1][1:].partition(b",")
            first = int(start) - (length != b"0")
            made += old[place:first]
            place = first
        elif line.startswith(b"\\"):
            if marked != b"-":
                made[-1] = made[-1].removesuffix(b"\n")
        else:
            marked = line[:1]
            if marked in b" -":
                assert old[place].removesuffix(b"\n") == line[1:].removesuffix(b"\n")
                place += 1
            if marked in b" +":
                made.append(line[1:])
    return b"".join(made + old[place:])


def _lines(text: bytes) -> list[bytes]:
    *ended, rest = text.split(b"\n")
    return [line + b"\n" for line in ended] + ([rest] if rest else [])


def test_the_system_takes_and_gives_the_same(tmp_path: Path) -> None:
    """`git apply` applies it; of plain changes `diff -u` writes the same hunks."""
    old = "".join(f"line {number}\n" for number in range(100))
    new = old.replace("line 7\n", "seven\n").replace("line 50\n", "").replace("line 90\n", "line 90\nmore\n")
    (tmp_path / "f").write_text(old)
    (tmp_path / "g").write_text(new)
    ours = unified_diff(old.encode(), new.encode(), "f", "g")
    theirs = subprocess.run(["diff", "-u", "f", "g"], cwd=tmp_path, capture_output=True).stdout
    assert ours.split(b"\n")[2:] == theirs.split(b"\n")[2:]
    (tmp_path / "p").write_bytes(unified_diff(old.encode(), new.encode(), "a/f", "b/f"))
    subprocess.run(["git", "apply", "p"], cwd=tmp_path, check=True)
    assert (tmp_path / "f").read_text() == new


@pytest.mark.parametrize("repeated", [b"\n", b"same line\n"])
def test_long_texts_are_compared_in_bounded_time(repeated: bytes) -> None:
    """Where lines that repeat a hundred thousand times would be compared with each other by a simple way."""
    old = b"first\n" + repeated * 100_000 + b"last\n"
    new = b"another\n" + repeated * 99_990 + b"change\n" + repeated * 17 + b"end\n"
    began = perf_counter()
    text = unified_diff(old, new, "old", "new")
    assert perf_counter() - began < 20
    assert applied(old, text) == new


def test_a_diff_node_tells_what_differs(storage: StorageManager) -> None:
    """Of nodes in two mounts, as text to be read, copied and asked for its size."""
    storage.node("local:a.txt").write_text("one\ntwo\n")
    storage.node("sqlite:b.txt").write_text("one\n2\n")
    diff = storage.diffnode(storage.node("local:a.txt"), "sqlite:b.txt")
    text = "--- local:a.txt\n+++ sqlite:b.txt\n@@ -1,2 +1,2 @@\n one\n-two\n+2\n"
    assert diff.read() == text
    assert diff.size() == len(text)
    assert not diff.exists()
    diff.copy_to("memory:changes.diff")
    assert storage.node("memory:changes.diff").read() == text
    before = diff.etag()
    storage.node("sqlite:b.txt").write_text("one\ntwo\n")
    assert diff.read() == ""
    assert diff.etag() != before
    with pytest.raises(ValueError, match="two nodes"):
        diff.append("memory:c")
    with pytest.raises(ValueError, match="cannot be written"):
        diff.write("data")


def test_what_is_no_text_is_told_in_one_line(storage: StorageManager) -> None:
    """With names that would end the line in quotes."""
    storage.node("memory:a\n").write_bytes(b"\0one")
    storage.node("memory:b").write_bytes(b"two\n")
    diff = storage.diffnode("memory:a\n", "memory:b")
    assert diff.read() == 'Binary files "memory:a\\012" and memory:b differ\n'


def test_the_limits_are_refused_by_name(storage: StorageManager) -> None:
    """Of bytes, before anything is read, and of lines; what is missing is named too."""
    storage.node("memory:a").write_bytes(b"x" * 101)
    storage.node("memory:b").write_bytes(b"y")
    with pytest.raises(StorageError, match="memory:a is too large") as caught:
        storage.diffnode("memory:a", "memory:b", limit=100).read()
    assert caught.value.errno == errno.EFBIG
    storage.node("memory:a").write_bytes(b"\n" * 1_000_001)
    with pytest.raises(StorageError, match="memory:a has too many lines"):
        storage.diffnode("memory:b", "memory:a").read()
    with pytest.raises(NotFound, match="memory:none"):
        storage.diffnode("memory:b", "memory:none").read()
