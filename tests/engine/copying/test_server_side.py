"""Copies inside a store: between which mounts they are made, and between which they must not be."""

import random
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import vfs
from tests.engine.copying.buckets import mount_bucket
from tests.engine.copying.trees import found, put
from tests.servers.fault_proxy import FaultProxy
from tests.servers.seaweed import SeaweedServer
from vfs.engine.entries import Attributes
from vfs.engine.originals import CopiesFrom, TellsOriginal
from vfs.storage import StorageManager

TREE = {"a b*[1].txt": b"1", "sub/ü\n": b"22", "sub/link": "b", "empty": None}


@pytest.fixture
def second(seaweed: SeaweedServer) -> Iterator[str]:
    with seaweed.bucket() as name:
        yield name


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"prefix": "some/where"},
        {"layers": [{"type": "prefix", "prefix": "below"}]},
        {"layers": [{"type": "log"}, {"type": "hash_prefix"}]},
        {"layers": [{"type": "buffer"}]},
        {"permissions": "readonly"},
    ],
    ids=str,
)
def test_between_mounts_of_one_account(
    storage: StorageManager, bucket: str, second: str, proxy: FaultProxy, options: dict[str, Any]
) -> None:
    """Another bucket, a prefix, a layer that leaves the bytes alone: the store copies, attributes along."""
    is_readonly = "permissions" in options
    mount_bucket(storage, "here", second, proxy.url)
    mount_bucket(storage, "there", bucket, proxy.url, **options)
    source, target = ("there", "here") if is_readonly else ("here", "there")
    writer = source
    if is_readonly:
        mount_bucket(storage, "writer", bucket, proxy.url)
        writer = "writer"
    put(storage.node(f"{writer}:d"), TREE)
    storage.tree(writer).set_attributes("d/sub/ü\n", Attributes(mode=0o600, mtime_ns=10**18))
    storage.node(f"{writer}:d/sub/ü\n").set_metadata({"k": "é"})
    with proxy.counting() as requests:
        storage.node(f"{source}:d").copy_to(f"{target}:e").raise_for_failures()
    assert (requests["COPY"], requests["GET"]) == (3, 0)
    copy = storage.node(f"{target}:e")
    assert found(copy) == {**TREE, "sub": None}
    entry = (copy / "sub/ü\n").stat()
    assert (entry.mode, entry.mtime_ns, dict(entry.metadata)) == (0o600, 10**18, {"k": "é"})


@pytest.mark.parametrize(
    "options",
    [
        {"layers": [{"type": "gzip"}]},
        {"layers": [{"type": "base64"}]},
        {"layers": [{"type": "prefix", "prefix": "p"}, {"type": "encrypt", "key": "00" * 32}]},
        {"layers": [{"type": "gzip"}, {"type": "prefix", "prefix": "p"}]},
        {"attributes": "ignore"},
        {"key": "another", "secret": "identity"},
    ],
    ids=lambda options: str(options).replace("00" * 32, "key"),
)
def test_never_between_mounts_that_read_other_things(
    storage: StorageManager, bucket: str, second: str, proxy: FaultProxy, options: dict[str, Any]
) -> None:
    """Where a layer changes the bytes, or attributes are read another way, they come here and go there."""
    mount_bucket(storage, "plain", bucket, proxy.url)
    mount_bucket(storage, "other", second, proxy.url, **options)
    if "secret" in options:
        _cannot_copy(storage)
        return
    content = b"some text " * 100
    for here, there in (("plain", "other"), ("other", "plain")):
        storage.node(f"{here}:source").write_bytes(content)
        with proxy.counting() as requests:
            storage.node(f"{here}:source").copy_to(f"{there}:copy-of-{here}")
        assert requests["COPY"] == 0
        assert storage.node(f"{there}:copy-of-{here}").read_bytes() == content


def _cannot_copy(storage: StorageManager) -> None:
    """Another identity never copies in this one's name: it reads by itself, and is refused."""
    storage.node("plain:source").write_bytes(b"1")
    with pytest.raises(vfs.PermissionDenied, match=r"^other:"):
        storage.node("plain:source").copy_to("other:copy")


def test_an_original_that_changed_is_no_copy(
    storage: StorageManager, bucket: str, second: str, seaweed: SeaweedServer
) -> None:
    """A file replaced between its listing and its copy is told, never mixed up."""
    mount_bucket(storage, "here", bucket, seaweed.url)
    mount_bucket(storage, "there", second, seaweed.url)
    storage.node("here:d/a").write_bytes(b"old")
    client = seaweed.client()

    def replace(node: vfs.StorageNode, path: str) -> bool:
        client.put_object(Bucket=bucket, Key=f"d/{path}", Body=b"replaced")
        return True

    summary = storage.node("here:d").copy_to("there:d", filter=replace)
    assert [type(failure.error) for failure in summary.failed] == [vfs.Conflict]
    assert not storage.node("there:d/a").exists()
    assert storage.node("here:d").copy_to("there:d").ok
    assert storage.node("there:d/a").read() == "replaced"


def test_a_bucket_is_not_copied_into_itself_by_another_mount(
    storage: StorageManager, bucket: str, seaweed: SeaweedServer
) -> None:
    """Two mounts of one bucket, one of them of a prefix, are one place."""
    mount_bucket(storage, "whole", bucket, seaweed.url)
    mount_bucket(storage, "part", bucket, seaweed.url, prefix="d")
    storage.node("whole:d/a").write_bytes(b"1")
    for source, target in (("whole:", "part:x"), ("whole:d", "part:"), ("part:", "whole:d/x")):
        with pytest.raises(vfs.InvalidPath, match="into itself"):
            storage.node(source).copy_to(target)
    with pytest.raises(vfs.InvalidPath, match="would be deleted"):
        storage.node("part:").copy_to("whole:", delete=True)
    storage.node("part:").copy_to("whole:e").raise_for_failures()
    assert found(storage.node("whole:")) == {"d": None, "d/a": b"1", "e": None, "e/a": b"1"}


def test_a_tree_moves_between_buckets(
    storage: StorageManager, bucket: str, second: str, proxy: FaultProxy
) -> None:
    """Copied inside the store, compared by ETag, deleted together: no byte comes here."""
    mount_bucket(storage, "here", bucket, proxy.url)
    mount_bucket(storage, "there", second, proxy.url)
    put(storage.node("here:d"), {f"f{n}": b"%d" % n for n in range(40)})
    with proxy.counting() as requests:
        storage.node("here:d").move_to("there:d")
    assert (requests["COPY"], requests["GET"], requests["DELETE MANY"]) == (40, 0, 1)
    assert requests.total() - 41 <= 25
    assert len(found(storage.node("there:d"))) == 40
    assert not storage.node("here:d").exists()


def test_big_files_between_accounts_go_part_by_part(
    storage: StorageManager, bucket: str, second: str, proxy: FaultProxy
) -> None:
    """Ranges of 8 MiB come and parts go, several at a time; nothing is read twice."""
    mount_bucket(storage, "here", bucket, proxy.url)
    mount_bucket(storage, "there", second, proxy.url, attributes="ignore")
    content = random.Random(1).randbytes(20 << 20)
    storage.node("here:big").write_bytes(content)
    with proxy.counting() as requests:
        assert storage.node("here:big").copy_to("there:big").bytes == len(content)
    assert (requests["GET"], requests["PART"], requests["COPY"]) == (3, 3, 0)
    assert storage.node("there:big").read_bytes() == content


@pytest.fixture
def in_parts(
    storage: StorageManager, bucket: str, second: str, proxy: FaultProxy
) -> tuple[StorageManager, bytes]:
    """Two buckets as `here` and `there`, and the content of `here:d/big`, which was stored in three parts."""
    for name, which in (("here", bucket), ("there", second)):
        mount_bucket(storage, name, which, proxy.url)
    content = random.Random(2).randbytes(20 << 20)
    storage.node("memory:big").write_bytes(content, metadata={"k": "é"})
    storage.tree("memory").set_attributes("big", Attributes(mode=0o600, mtime_ns=10**18))
    storage.node("memory:big").copy_to("here:d/big")
    storage.node("here:d/small").write_bytes(b"1")
    return storage, content


def test_big_files_that_must_not_replace_are_copied_in_the_store(
    in_parts: tuple[StorageManager, bytes], proxy: FaultProxy
) -> None:
    """Without `overwrite` too: part by part, published on the condition that nothing is there.

    Only what one request brings comes here. The parts are those of the original.
    """
    storage, content = in_parts
    source, target = storage.node("here:d"), storage.node("there:d")
    with proxy.counting() as requests:
        source.copy_to(target, overwrite=False).raise_for_failures()
    assert (requests["GET"], requests["PART"], requests["COMPLETE"]) == (1, 3, 1)
    assert found(target) == {"big": content, "small": b"1"}
    with proxy.counting() as requests:
        (source / "small").copy_to(source / "another", overwrite=False)
    assert (requests["COPY"], requests["GET"], requests["PUT"]) == (0, 1, 1)
    entry = (target / "big").stat()
    assert (entry.mode, entry.mtime_ns, dict(entry.metadata)) == (0o600, 10**18, {"k": "é"})


def test_a_name_that_is_taken_is_refused_before_anything_is_sent(
    in_parts: tuple[StorageManager, bytes], proxy: FaultProxy
) -> None:
    """Of whatever size the file is, and from whatever mount it comes."""
    storage, content = in_parts
    storage.node("local:big").write_bytes(content)
    taken = storage.node("there:taken")
    taken.write_bytes(b"theirs")
    for source in (storage.node("here:d/big"), storage.node("local:big")):
        with proxy.counting() as requests, pytest.raises(vfs.AlreadyExists, match="there:taken"):
            source.copy_to(taken, overwrite=False)
        assert set(requests) <= {"HEAD", "LIST"}
    assert taken.read_bytes() == b"theirs"


def test_a_name_that_is_taken_meanwhile_is_not_replaced(in_parts: tuple[StorageManager, bytes]) -> None:
    """What somebody else wrote after the target was looked at stays; a source that changed is told."""
    storage, _ = in_parts
    here, there = storage.tree("here").backend, storage.tree("there").backend
    tells, copies = here.ability(TellsOriginal), there.ability(CopiesFrom)
    assert tells is not None
    assert copies is not None
    original, entry = tells.original("d/big"), here.stat("d/big")
    there.write("taken", b"theirs")
    with pytest.raises(vfs.AlreadyExists):
        copies.copy_from(original, entry, "taken", overwrite=False)
    assert bytes(there.read("taken")) == b"theirs"
    with pytest.raises(vfs.Conflict):
        copies.copy_from(original, replace(entry, etag='"another"'), "free", overwrite=False)
    with pytest.raises(vfs.NotFound):
        there.stat("free")


@pytest.mark.parametrize("mount", ["memory", "local", "sqlite"])
def test_a_storage_that_copies_by_itself_replaces_nothing_that_came_meanwhile(
    storage: StorageManager, mount: str
) -> None:
    """What was not there when the target was looked at."""
    backend = storage.tree(mount).backend
    backend.write("f", b"ours")
    backend.write("taken", b"theirs")
    tells, copies = backend.ability(TellsOriginal), backend.ability(CopiesFrom)
    assert tells is not None
    assert copies is not None
    original, entry = tells.original("f"), backend.stat("f")
    with pytest.raises(vfs.AlreadyExists):
        copies.copy_from(original, entry, "taken", overwrite=False)
    assert bytes(backend.read("taken")) == b"theirs"
    copies.copy_from(original, entry, "free", overwrite=False)
    copies.copy_from(original, entry, "taken")
    assert bytes(backend.read("free")) == bytes(backend.read("taken")) == b"ours"


@pytest.mark.parametrize("options", [{"type": "memory"}, {"type": "local"}, {"type": "sqlite"}], ids=str)
def test_mounts_that_stand_on_one_another(tmp_path: Path, options: dict[str, Any]) -> None:
    """A folder of a mount as a mount: copied by the storage itself, and never into itself."""
    if options["type"] != "memory":
        options = {**options, "path": str(tmp_path / "whole")}
    if options["type"] == "local":
        options = {**options, "create": True}
    mounts = {"whole": options, "part": {"type": "relative", "path": "whole:d"}}
    with StorageManager({"mounts": mounts, "state": str(tmp_path / "state")}) as storage:
        put(storage.node("part:"), {"a": b"1", "sub/b": b"2", "sub/link": "b"})
        for source, target in (("whole:", "part:x"), ("whole:d", "part:"), ("part:", "whole:d/x")):
            with pytest.raises(vfs.InvalidPath, match="into itself"):
                storage.node(source).copy_to(target)
        with pytest.raises(vfs.InvalidPath, match="would be deleted"):
            storage.node("part:sub").copy_to("whole:d", delete=True)
        storage.node("part:").copy_to("whole:e").raise_for_failures()
        storage.node("whole:d/sub").copy_to("part:f").raise_for_failures()
        assert found(storage.node("whole:e")) == {"a": b"1", "sub": None, "sub/b": b"2", "sub/link": "b"}
        assert found(storage.node("part:f")) == {"b": b"2", "link": "b"}


def test_folders_of_this_machine_that_lie_in_one_another(storage: StorageManager, tmp_path: Path) -> None:
    """Two mounts of nested folders know it, also where one is reached by a symlink."""
    (tmp_path / "files/d").mkdir()
    (tmp_path / "other-name").symlink_to(tmp_path / "files/d")
    storage.configure([{"name": "inner", "type": "local", "path": str(tmp_path / "other-name")}])
    storage.node("inner:a").write_text("1")
    with pytest.raises(vfs.InvalidPath, match="into itself"):
        storage.node("local:").copy_to("inner:x")
    storage.node("inner:a").copy_to("local:b")
    storage.node("local:b").copy_to("inner:c")
    assert found(storage.node("local:")) == {"d": None, "d/a": b"1", "d/c": b"1", "b": b"1"}
