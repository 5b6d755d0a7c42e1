"""`.versions/FILE/changes/`: diffs between versions."""

import subprocess
from pathlib import Path
from time import perf_counter

import pytest

from tests.engine.versions.stores import PastStore, names, shown, text, write
from vfs.engine.diffs import MOST_LINES
from vfs.engine.errors import NotFound
from vfs.engine.layers.versions_dir.changes import LARGEST
from vfs.engine.layers.versions_dir.layer import VersionsLayer

LINES = [f"line {number}\n" for number in range(30)]


@pytest.fixture
def store() -> PastStore:
    return PastStore()


@pytest.fixture
def layer(store: PastStore) -> VersionsLayer:
    return shown(store)


def stems(layer: VersionsLayer, key: str) -> list[str]:
    folder = f".versions/{key}"
    return [name.removesuffix(".txt") for name in names(layer, folder) if name != "changes"]


def test_each_version_but_the_first_has_its_change(store: PastStore, layer: VersionsLayer) -> None:
    """From the version before; a listing compares nothing, and the size is right when it is asked for."""
    for content in ("a\nb\n", "a\nc\n", "a\nc\nd\n"):
        write(store, {"f.txt": content})
    store.requests.clear()
    found = names(layer, ".versions/f.txt/changes")
    assert found == [f"{stem}.diff" for stem in stems(layer, "f.txt")[1:]]
    assert "read version" not in store.requests
    first = f".versions/f.txt/changes/{found[0]}"
    assert text(layer, first).splitlines()[2:] == ["@@ -1,2 +1,2 @@", " a", "-b", "+c"]
    assert layer.stat(first).size == len(text(layer, first))
    assert store.requests.count("read version") == 2


def test_any_two_versions_can_be_compared_by_name(store: PastStore, layer: VersionsLayer) -> None:
    """`A..B.diff`, forwards and backwards, by whole names or by the letters after `~`."""
    for content in ("a\n", "b\n", "c\n"):
        write(store, {"f.txt": content})
    one, _, three = stems(layer, "f.txt")
    folder = ".versions/f.txt/changes"
    assert text(layer, f"{folder}/{one}..{three}.diff").endswith("-a\n+c\n")
    assert text(layer, f"{folder}/{three}..{one}.diff").endswith("-c\n+a\n")
    short = f"{one.rpartition('~')[2]}..{three.rpartition('~')[2]}.diff"
    assert text(layer, f"{folder}/{short}").endswith("-a\n+c\n")
    for name in ("x..y.diff", f"{one}.diff", f"{one}..{three}", f"..{one}.diff"):
        with pytest.raises(NotFound):
            layer.stat(f"{folder}/{name}")


def test_a_diff_is_one_that_patch_takes(store: PastStore, layer: VersionsLayer, tmp_path: Path) -> None:
    """Also without a line end at the end, with bytes that are no UTF-8, and with lone carriage returns."""
    old = "".join(LINES).encode() + b"one\rtwo\n\xff\xfe end"
    new = "".join(["first\n", *LINES[:10], *LINES[12:]]).encode() + b"one\rthree\n\xff\xfe other end"
    for content in (old, new):
        store.write("f.txt", content)
        store.now += 1
    (change,) = names(layer, ".versions/f.txt/changes")
    (tmp_path / "f").write_bytes(old)
    done = subprocess.run(
        ["patch", "--binary", "-p0", "f"],
        cwd=tmp_path,
        input=layer.read(f".versions/f.txt/changes/{change}"),
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    assert (tmp_path / "f").read_bytes() == new


def test_binary_and_big_versions_say_so_in_one_line(store: PastStore, layer: VersionsLayer) -> None:
    """A big one is not even read."""
    for content in ("a\0b", "text", "x" * (LARGEST + 1)):
        write(store, {"f.txt": content})
    first, second = names(layer, ".versions/f.txt/changes")
    assert text(layer, f".versions/f.txt/changes/{first}").startswith("Binary files f.txt ")
    store.requests.clear()
    assert "not compared" in text(layer, f".versions/f.txt/changes/{second}")
    assert "read version" not in store.requests
    write(store, {"lines": "x"})
    write(store, {"lines": "\n" * MOST_LINES})
    (change,) = names(layer, ".versions/lines/changes")
    assert "lines are not compared" in text(layer, f".versions/lines/changes/{change}")


def test_repetitive_versions_are_compared_in_bounded_time(store: PastStore, layer: VersionsLayer) -> None:
    """Of few different lines, many times each: what takes a plain search minutes."""
    for shift in range(2):
        write(store, {"f": "".join(f"{(number * number + shift) % 7}\n" for number in range(LARGEST // 4))})
    (change,) = names(layer, ".versions/f/changes")
    began = perf_counter()
    assert text(layer, f".versions/f/changes/{change}").startswith("--- f ")
    assert perf_counter() - began < 20
