"""Copies of trees between mounts of every kind: what goes along, what is refused, what goes wrong."""

import os
import tracemalloc
from collections.abc import Callable, Iterator
from typing import Any

import pytest

import vfs
from tests.engine.copying.trees import found, put
from tests.stacks import stack_of
from vfs.engine.entries import Attributes
from vfs.engine.nodes import StorageNode
from vfs.storage import StorageManager

TREE = {
    "a*.txt": b"1",
    "a[1].txt": b"2",
    "?": b"",
    "ü 🙂\n": b"3",
    "n" * 255: b"4",
    "sub/deep/b": b"5",
    "empty": None,
    "sub/link": "../a*.txt",
    "dangling": "/no/where",
}
ODD = bytes([97, 255, 98]).decode("utf-8", "surrogateescape")


@pytest.mark.parametrize("here", ["local", "sqlite"])
def test_a_tree_to_and_from_every_kind(storage: StorageManager, root: StorageNode, here: str) -> None:
    """Odd names, empty folders and files, symlinks as they are; there and back again."""
    source = storage.node(f"{here}:source")
    put(source, TREE)
    summary = source.copy_to(root / "there")
    assert (summary.copied, summary.bytes, summary.failed) == (8, 5, ())
    expected = found(source)
    assert found(root / "there") == expected
    (root / "there").copy_to("memory:back", skip="size").raise_for_failures()
    assert found(storage.node("memory:back")) == expected


def test_a_name_that_is_no_utf8(storage: StorageManager) -> None:
    """It is bytes, and copied as any other."""
    (storage.node("local:source") / ODD).write_bytes(b"x")
    for there in ("memory:d", "sqlite:d", "local:d"):
        assert storage.node("local:source").copy_to(there, progress=lambda done, total: None).ok
        assert found(storage.node(there)) == {ODD: b"x"}


def test_metadata_and_attributes_go_along(storage: StorageManager, root: StorageNode) -> None:
    """User metadata, mode, time and extended attributes of files; mode and time of folders."""
    put(root / "source", {"sub/a": b"1"})
    (root / "source/sub/a").set_metadata({"k": "v"})
    tree = root._tree
    tree.set_attributes("source/sub/a", Attributes(mode=0o640, mtime_ns=1_500_000_000_123_456_789))
    tree.set_attributes("source/sub", Attributes(mode=0o750, mtime_ns=1_400_000_000_000_000_000))
    tree.set_attributes("source", Attributes(mode=0o711))
    for there in ("local:there", "sqlite:there", f"{root.mount}:inside"):
        (root / "source").copy_to(there).raise_for_failures()
        copy = storage.node(there)
        entry = (copy / "sub/a").stat()
        assert (copy / "sub/a").get_metadata() == {"k": "v"}
        assert (entry.mode, entry.mtime_ns) == (0o640, 1_500_000_000_123_456_789)
        assert (copy / "sub").stat().mode == 0o750
        assert (copy / "sub").stat().mtime_ns == 1_400_000_000_000_000_000
        assert copy.stat().mode == 0o711


def test_an_empty_folder_and_a_whole_mount(storage: StorageManager) -> None:
    """The folder itself comes too; the root of a mount is a folder as any other."""
    storage.node("local:empty").mkdir()
    assert storage.node("local:empty").copy_to("sqlite:x/y").copied == 0
    assert storage.node("sqlite:x/y").is_dir()
    put(storage.node("memory:"), {"a": b"1", "d/b": b"2"})
    storage.node("memory:").copy_to("sqlite:").raise_for_failures()
    assert found(storage.node("sqlite:")) == {"a": b"1", "d": None, "d/b": b"2", "x": None, "x/y": None}


def test_a_folder_is_copied_into_what_is_there(storage: StorageManager) -> None:
    """On every kind alike: beside what it holds, over what has the same names."""
    put(storage.node("memory:source"), {"a": b"new", "sub/b": b"new"})
    for there in ("memory:there", "local:there", "sqlite:there"):
        put(storage.node(there), {"a": b"old", "sub/c": b"old"})
        storage.node("memory:source").copy_to(there).raise_for_failures()
        assert found(storage.node(there)) == {"a": b"new", "sub": None, "sub/b": b"new", "sub/c": b"old"}


def test_kinds_that_clash(storage: StorageManager) -> None:
    """A file for a folder and a folder for a file are told; a mirror deletes nothing then."""
    put(storage.node("memory:source"), {"a": b"1", "d/b": b"2", "ok": b"3"})
    put(storage.node("local:there"), {"a/x": b"old", "d": b"old", "other": b"old"})
    before = found(storage.node("local:there"))
    summary = storage.node("memory:source").copy_to("local:there", delete=True)
    assert (summary.copied, summary.deleted) == (1, 0)
    errors = {failure.path: type(failure.error) for failure in summary.failed}
    assert errors["memory:source/a"] is vfs.IsADirectory
    assert errors["memory:source/d"] is vfs.NotADirectory
    assert found(storage.node("local:there")) == before | {"ok": b"3"}
    with pytest.raises(vfs.NotADirectory, match=r"^local:there/other"):
        storage.node("memory:source").copy_to("local:there/other")
    with pytest.raises(vfs.IsADirectory, match=r"^local:there"):
        storage.node("memory:source/a").copy_to("local:there")
    with pytest.raises(vfs.NotFound, match=r"^memory:absent"):
        storage.node("memory:absent").copy_to("local:there")


def test_a_file_takes_the_place_of_a_symlink_and_the_other_way_round(storage: StorageManager) -> None:
    """The link goes, not what it points to."""
    put(storage.node("memory:source"), {"a": b"new", "link": "new"})
    put(storage.node("local:there"), {"kept": b"kept", "a": "kept", "link": b"old"})
    storage.node("memory:source").copy_to("local:there").raise_for_failures()
    assert found(storage.node("local:there")) == {"kept": b"kept", "a": b"new", "link": "new"}


def test_a_copy_that_would_feed_on_itself(storage: StorageManager, root: StorageNode) -> None:
    """A folder into itself, a file onto itself, a mirror onto its own source: refused at once."""
    put(root / "d", {"a": b"1", "sub/b": b"2"})
    before = found(root)
    for source, target in (("d", "d"), ("d", "d/sub"), ("d", "d/new/deep"), ("", "d"), ("d/a", "d/a")):
        with pytest.raises(vfs.InvalidPath, match="into itself"):
            (root / source).copy_to(root / target)
    with pytest.raises(vfs.InvalidPath, match="would be deleted"):
        (root / "d/sub").copy_to(root / "d", delete=True)
    assert found(root) == before
    (root / "d/sub").copy_to(root / "d").raise_for_failures()
    assert (root / "d/b").read() == "2"


def test_a_mirror_has_what_its_source_has(root: StorageNode) -> None:
    """Files, symlinks and folders that the source has not are deleted, unless a pattern leaves them out."""
    put(root / "source", {"a": b"1", "sub/b": b"2"})
    put(root / "there", {"old": b"x", "sub/old": b"x", "gone/deep/old": b"x", "keep.log": b"x", "l": "a"})
    summary = (root / "source").copy_to(root / "there", delete=True, exclude="*.log")
    assert (summary.copied, summary.deleted) == (2, 4)
    assert found(root / "there") == {"a": b"1", "sub": None, "sub/b": b"2", "keep.log": b"x"}


def failing(monkeypatch: pytest.MonkeyPatch, thing: object, name: str, fails: Callable[..., bool]) -> None:
    """Let a method of a store fail as if it did not answer, whenever `fails` says so."""
    method = getattr(thing, name)

    def answer(*args: Any, **options: Any) -> Any:
        if fails(*args):
            raise vfs.BackendUnavailable("the store does not answer", args[0])
        return method(*args, **options)

    monkeypatch.setattr(thing, name, answer)


def test_a_failure_stops_nothing_else_and_no_mirror_deletes_after_it(
    storage: StorageManager, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is told with its place; another run does what is left."""
    put(storage.node("memory:source"), {f"{n}": b"%d" % n for n in range(50)})
    put(storage.node("sqlite:there"), {"old": b"x"})
    with monkeypatch.context() as patch:
        failing(patch, stack_of(storage, "sqlite"), "write", lambda key, source: key.endswith("7"))
        summary = storage.node("memory:source").copy_to("sqlite:there", delete=True)
    assert (summary.copied, summary.failed_count, summary.deleted) == (45, 5, 0)
    assert {failure.path for failure in summary.failed} == {f"memory:source/{n}7" for n in ("", 1, 2, 3, 4)}
    assert str(summary.failed[0].error).startswith("sqlite:there/")
    assert storage.node("sqlite:there/old").exists()
    again = storage.node("memory:source").copy_to("sqlite:there", skip="size", delete=True)
    assert (again.copied, again.skipped, again.deleted) == (5, 45, 1)


def test_a_listing_that_fails_deletes_nothing(
    storage: StorageManager, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What could not be seen is not taken for absent."""
    put(storage.node("sqlite:source"), {"a": b"1", "b": b"2"})
    put(storage.node("memory:there"), {"old": b"x"})
    backend = stack_of(storage, "sqlite")

    def cut(key: str) -> Iterator[Any]:
        yield from []
        raise vfs.BackendUnavailable("the store does not answer", key)

    with monkeypatch.context() as patch:
        patch.setattr(backend, "list", cut)
        patch.setattr(backend, "sweep", cut, raising=False)
        for progress in (None, lambda done, total: None):
            with pytest.raises(vfs.BackendUnavailable, match=r"^sqlite:source"):
                storage.node("sqlite:source").copy_to("memory:there", delete=True, progress=progress)
    assert storage.node("memory:there/old").exists()


def test_a_run_that_was_stopped_goes_on(storage: StorageManager) -> None:
    """Whatever was copied is whole; the next run with a skip strategy copies the rest."""
    put(storage.node("memory:source"), {f"{n}": b"%d" % n for n in range(200)})

    class Stopped(BaseException):
        pass

    def stop(done: int, total: int) -> None:
        if done == 20:
            raise Stopped

    with pytest.raises(Stopped):
        storage.node("memory:source").copy_to("sqlite:there", workers=2, progress=stop)
    there = found(storage.node("sqlite:there"))
    assert 20 <= len(there) < 60
    assert all(there[path] == path.encode() for path in there)
    again = storage.node("memory:source").copy_to("sqlite:there", skip="size")
    assert again.skipped == len(there)
    assert len(found(storage.node("sqlite:there"))) == 200


def test_a_source_that_grows_while_it_is_copied_is_told(
    storage: StorageManager, monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    """No half of it is stored."""
    storage.node("local:log").write_bytes(b"x" * (12 << 20))
    backend = stack_of(storage, "sqlite")
    write = backend.write

    def appending(key: str, source: Any, **options: Any) -> Any:
        with open(tmp_path / "files/log", "ab") as file:
            file.write(b"more")
        return write(key, source, **options)

    monkeypatch.setattr(backend, "write", appending)
    with pytest.raises(vfs.Conflict, match="changed while it was copied"):
        storage.node("local:log").copy_to("sqlite:log")
    assert not storage.node("sqlite:log").exists()


def test_what_is_open_and_not_stored_yet_is_copied(storage: StorageManager) -> None:
    """Files being written have their present bytes, in a store that hears of them later too."""
    for mount in ("memory", "sqlite", "journalled"):
        put(storage.node(f"{mount}:source"), {"a": b"stored"})
        with (
            storage.node(f"{mount}:source/a").open("r+b") as file,
            storage.node(f"{mount}:source/new").open("ab") as new,
        ):
            file.write(b"OPENED")
            new.write(b"NEW")
            file.flush()
            new.flush()
            storage.node(f"{mount}:source").copy_to(f"local:{mount}").raise_for_failures()
            storage.node(f"{mount}:source").copy_to(f"{mount}:copy").raise_for_failures()
        for copy in (f"local:{mount}", f"{mount}:copy"):
            assert found(storage.node(copy)) == {"a": b"OPENED", "new": b"NEW"}


def test_a_target_that_is_open_keeps_its_bytes_for_who_reads_it(storage: StorageManager) -> None:
    """And whoever opens it next has the copy."""
    for mount in ("local", "memory", "sqlite"):
        put(storage.node(f"{mount}:"), {"a": b"old", "new": b"copied"})
        put(storage.node("journalled:"), {f"{mount}-new": b"copied"})
        for source in (f"{mount}:new", f"journalled:{mount}-new"):
            with storage.node(f"{mount}:a").open("rb") as file:
                storage.node(source).copy_to(f"{mount}:a")
                assert storage.node(f"{mount}:a").read() == "copied"
                assert file.read() in (b"old", b"copied")


def test_a_copy_is_seen_at_once(storage: StorageManager, root: StorageNode) -> None:
    """Whatever was remembered of the target: absent, another size, an older listing."""
    put(storage.node("local:source"), {"a": b"12345", "sub/b": b"1"})
    put(root / "there", {"a": b"1"})
    assert not (root / "there/sub/b").exists()
    assert [child.name for child in (root / "there").children()] == ["a"]
    assert (root / "there/a").size() == 1
    storage.node("local:source").copy_to(root / "there").raise_for_failures()
    assert (root / "there/a").size() == 5
    assert (root / "there/a").read() == "12345"
    assert [child.name for child in (root / "there").children()] == ["a", "sub"]
    assert (root / "there/sub/b").exists()


def test_a_readonly_mount_refuses(storage: StorageManager) -> None:
    """Before anything is read."""
    put(storage.node("memory:source"), {"a": b"1"})
    for source in ("memory:source", "memory:source/a"):
        with pytest.raises(vfs.PermissionDenied, match=r"^locked:there"):
            storage.node(source).copy_to("locked:there")


def test_memory_is_bounded_whatever_the_size(storage: StorageManager) -> None:
    """Several big files at once, and a folder of many names."""
    block = os.urandom(1 << 20)
    for n in range(3):
        storage.node(f"local:big/{n}").write_bytes(block for _ in range(48))
    tracemalloc.start()
    try:
        assert storage.node("local:big").copy_to("sqlite:big", verify=True).bytes == 144 << 20
        assert storage.node("sqlite:big").copy_to("local:back").bytes == 144 << 20
        assert tracemalloc.get_traced_memory()[1] < 140 << 20
    finally:
        tracemalloc.stop()
