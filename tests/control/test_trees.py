"""A daemon's mounts over its control socket: the same answers, the same errors, no half of a file."""

import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.control.served import NOWHERE, Served, given
from tests.fakes import ObjectStore
from vfs.control import places
from vfs.control.client import daemon_at
from vfs.control.trees.arriving import Giver
from vfs.control.trees.conversation import ENTRIES_AT_ONCE
from vfs.control.trees.daemon_files import DaemonOutgoing
from vfs.control.trees.frames import PIECE
from vfs.engine.backends.memory import MemoryBackend
from vfs.engine.entries import Attributes
from vfs.engine.errors import (
    AlreadyExists,
    BackendUnavailable,
    NotFound,
    PermissionDenied,
    StorageError,
)
from vfs.engine.files import commits, outgoing
from vfs.engine.files.drafts import Replacement
from vfs.engine.manager import StorageManager
from vfs.engine.mounts import Settings

DAY = 1_790_000_000_000_000_000
NAMES = ["a*.txt", "a[1]", "?", "two words", "line\nbreak", "söt 🙂", os.fsdecode(b"\xff\xfe"), "x" * 255]


@pytest.fixture(autouse=True)
def _sockets(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with tempfile.TemporaryDirectory(dir="/tmp") as run:
        monkeypatch.setattr(places, "socket_folders", lambda uid: [os.path.join(run, "vfs")])
        yield


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings.model_validate({"state": tmp_path / "state", "cache": {"directory": None}})


@pytest.fixture
def served(settings: Settings) -> Iterator[Served]:
    """Two mounts that keep all that can be kept, and one of another store."""
    with Served(settings) as served:
        for name in ("m", "other"):
            served.mount(name, MemoryBackend())
        yield served


def _tell(storage: StorageManager, act: Callable[[StorageManager], object]) -> object:
    """What an act gives, or what it raises, as far as it is the same for any two runs."""
    try:
        return act(storage)
    except StorageError as error:
        return type(error), error.message, error.path, error.mount, error.errno


def _fill(storage: StorageManager) -> None:
    node = storage.node("m:d/f")
    node.write_bytes(b"0123456789", metadata={"who": "me"})
    tree = storage.tree("m")
    tree.set_attributes("d/f", Attributes(0o640, 1, 2, DAY, DAY))
    tree.set_xattr("d/f", "user.x", b"\x00\xff")
    tree.make_symlink("link", "d/f")
    tree.make_special("fifo", 0o010644, 0)


ACTS: dict[str, Callable[[StorageManager], object]] = {
    "stat": lambda storage: _plain(storage.tree("m").stat("d/f")),
    "listed": lambda storage: storage.tree("m").listed("d/f").size,
    "kinds": lambda storage: [storage.tree("m").kind(key) for key in ("", "d", "d/f", "link", "fifo", "x")],
    "list": lambda storage: sorted(entry.name for entry in storage.tree("m").list("")),
    "no list": lambda storage: list(storage.tree("m").list("none")),
    "list of a file": lambda storage: list(storage.tree("m").list("d/f")),
    "sweep": lambda storage: storage.node("m:").tree_info().total_size,
    "content": lambda storage: storage.node("m:d/f").read_bytes(),
    "range": lambda storage: bytes(storage.tree("m").backend.read("d/f", 2, 5)),
    "rest": lambda storage: bytes(storage.tree("m").backend.read("d/f", 7)),
    "no content": lambda storage: storage.node("m:x").read_bytes(),
    "folder's content": lambda storage: storage.node("m:d").read_bytes(),
    "metadata": lambda storage: dict(storage.tree("m").set_metadata("d/f", {"a": "b"}).metadata),
    "attributes": lambda storage: storage.tree("m").set_attributes("d/f", Attributes(0o600)).mode,
    "xattr": lambda storage: storage.tree("m").get_xattr("d/f", "user.x"),
    "no xattr": lambda storage: storage.tree("m").get_xattr("d/f", "user.y"),
    "xattrs": lambda storage: storage.tree("m").list_xattrs("d/f"),
    "xattr there": lambda storage: storage.tree("m").set_xattr("d/f", "user.x", b"", create=True),
    "xattr removed": lambda storage: storage.tree("m").remove_xattr("d/f", "user.x"),
    "symlink": lambda storage: storage.tree("m").read_symlink("link"),
    "no symlink": lambda storage: storage.tree("m").read_symlink("d/f"),
    "link": lambda storage: storage.tree("m").make_link("d/f", "hard").nlink,
    "hash": lambda storage: storage.node("m:d/f").digest("sha256"),
    "space": lambda storage: storage.tree("m").space().total_bytes,
    "capabilities": lambda storage: storage.node("m:").capabilities,
    "native path": lambda storage: storage.node("m:d/f").native_path(),
    "ping": lambda storage: storage.node("m:").ping(),
    "folder": lambda storage: storage.node("m:a/b").mkdir(parents=True),
    "folder there": lambda storage: storage.node("m:d").mkdir(),
    "folder deleted": lambda storage: storage.node("m:d").delete(),
    "all deleted": lambda storage: storage.node("m:d").delete(recursive=True),
    "none deleted": lambda storage: storage.node("m:x").delete(),
    "renamed": lambda storage: storage.tree("m").rename("d/f", "g"),
    "renamed over": lambda storage: storage.tree("m").rename("link", "d/f", overwrite=False),
    "written": lambda storage: storage.node("m:new").write_bytes(b"xy").size,
    "not overwritten": lambda storage: storage.node("m:d/f").write_bytes(b"xy", overwrite=False).size,
    "written below a file": lambda storage: storage.node("m:d/f/g").write_bytes(b"xy").size,
    "drafted": lambda storage: (
        storage.node("m:d/f").write_bytes(b"0123456789", skip_if_unchanged=True).written
    ),
    "appended": lambda storage: _append(storage),
    "created": lambda storage: storage.tree("m").create("d/f", exclusive=True),
    "cut": lambda storage: storage.tree("m").truncate("d/f", 3).size,
    "a bad key": lambda storage: storage.tree("m").stat("a/../b"),
}


def _plain(entry: object) -> object:
    return {
        name: getattr(entry, name) for name in ("name", "kind", "size", "mtime_ns", "mode", "uid", "xattrs")
    }


def _append(storage: StorageManager) -> int:
    file = storage.tree("m").open("d/f", write=True)
    try:
        file.write(10, b"more")
        file.flush()
        return file.stat().size
    finally:
        file.close()


def _left(storage: StorageManager) -> dict[str, object]:
    """What is there afterwards, with the bytes of files."""
    tree = storage.tree("m")
    return {
        key: storage.node(f"m:{key}").read_bytes() if entry.is_file else entry.kind
        for key, entry in sorted(tree.transfers.sweep(""))
    }


@pytest.mark.parametrize("act", ACTS.values(), ids=ACTS.keys())
def test_every_act_gives_and_leaves_what_it_does_in_the_daemon(
    settings: Settings, tmp_path: Path, act: Callable[[StorageManager], object]
) -> None:
    """Results, errors with their places and numbers, and what is there afterwards, are the same."""
    beside = settings.model_copy(update={"state": tmp_path / "beside"})
    with Served(settings) as served, StorageManager(beside) as plain:
        served.mount("m", MemoryBackend())
        plain.add_mount(given("m", MemoryBackend()))
        for storage in (served.theirs, plain):
            _fill(storage)
        assert _tell(served.ours, act) == _tell(plain, act)
        assert _left(served.theirs) == _left(plain)


def test_names_are_names_and_listings_come_in_pieces(served: Served) -> None:
    """Whatever is in them, and more than one frame holds; who stops listening spoils nothing."""
    many = [f"{number}" for number in range(2 * ENTRIES_AT_ONCE)]
    for name in [*NAMES, *many]:
        served.theirs.tree("m").replace(Replacement(name), os.fsencode(name))
    ours = served.ours.tree("m")
    assert {entry.name for entry in ours.list("")} == {*NAMES, *many}
    assert next(iter(ours.list(""))).name in {*NAMES, *many}
    assert [served.ours.node("m:", name).read_bytes() for name in NAMES] == list(map(os.fsencode, NAMES))
    ours.transfers.remove([*NAMES, *many])
    assert list(served.theirs.tree("m").list("")) == []


def test_big_files_go_and_come_in_the_sizes_that_each_side_likes(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In parts that the store asked for, several at once, and more than a frame holds; byte for byte."""
    monkeypatch.setattr(commits, "SINGLE_WRITE", 16)
    monkeypatch.setattr("vfs.engine.files.store_transfers.SINGLE_WRITE", 16)
    store = ObjectStore()
    served.mount("parts", store)
    small = os.urandom(45)
    served.ours.node("m:small").write_bytes(small)
    served.ours.add_mount(given("here", MemoryBackend()))
    served.ours.node("here:f").write_bytes(small)
    served.ours.node("here:f").copy_to("parts:f")
    assert store.requests.count("part") > 1
    big = os.urandom(PIECE + 5)
    served.ours.node("m:big").write_bytes(big)
    assert served.theirs.node("m:big").read_bytes() == big
    assert served.ours.node("m:big").read_bytes() == big
    served.ours.node("m:big").copy_to("here:big")
    assert served.ours.node("here:big").read_bytes() == big
    assert served.theirs.node("parts:f").read_bytes() == small


def test_between_mounts_of_one_daemon_no_byte_comes_here(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Within one store it is copied there, between two it goes from one to the other in the daemon."""
    monkeypatch.setattr(DaemonOutgoing, "pieces", None)
    monkeypatch.setattr(DaemonOutgoing, "_read", None)
    store = ObjectStore()
    served.mount("store", store)
    served.ours.node("m:f").write_bytes(b"words")
    served.ours.node("m:f").copy_to("other:g")
    served.ours.node("m:f").move_to("store:f", verify=False)
    for overwrite in (True, False):
        store.requests.clear()
        served.ours.node("store:f").copy_to(f"store:h{overwrite}", overwrite=overwrite)
        assert store.requests == ["copy"]
        assert served.theirs.node(f"store:h{overwrite}").read_bytes() == b"words"
    served.theirs.node("store:taken").write_bytes(b"theirs")
    ours = served.ours.tree("store")
    with pytest.raises(AlreadyExists):
        served.ours.node("store:f").copy_to("store:taken", overwrite=False)
    with pytest.raises(AlreadyExists):
        ours.transfers.copy_inside(
            ours.transfers, "f", ours.stat("f"), "taken", replacing=False, overwrite=False
        )
    assert served.theirs.node("store:taken").read_bytes() == b"theirs"
    assert not served.theirs.node("m:f").exists()


@pytest.mark.parametrize("way", ["stream", "file"])
def test_who_goes_away_in_the_middle_leaves_the_old_file(
    served: Served, way: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And nothing else, whether a stream or a file was on its way; the daemon serves on."""
    monkeypatch.setattr(outgoing, "STREAM_CHUNK", 4)
    served.theirs.node("m:f").write_bytes(b"old")

    class Cut(MemoryBackend):
        def read(self, *_: object, **__: object) -> bytes:
            served.connections.cut()
            return b"new words"

    def pieces() -> Iterator[bytes]:
        yield b"new"
        served.connections.cut()
        yield b"words"

    served.ours.add_mount(given("here", cut := Cut()))
    MemoryBackend.write(cut, "f", b"new words")
    ours, here = served.ours.node("m:f"), served.ours.node("here:f")
    with pytest.raises(BackendUnavailable):
        ours.write_bytes(pieces()) if way == "stream" else here.copy_to(ours)
    with daemon_at(NOWHERE) as daemon:
        daemon.talk("trees", timeout=10).close()
    assert _left(served.theirs) == {"f": b"old"}


def test_a_source_that_fails_is_told_and_the_conversation_goes_on(served: Served) -> None:
    """The error is the source's own; nothing is stored; the same connection is used again."""

    def pieces() -> Iterator[bytes]:
        yield b"new"
        raise NotFound("gone in the middle", "source")

    with pytest.raises(NotFound, match="gone in the middle"):
        served.ours.node("m:f").write_bytes(pieces())
    assert not served.ours.node("m:f").exists()
    served.ours.node("m:f").write_bytes(b"")
    with pytest.raises(AlreadyExists):
        served.ours.node("m:f").write_bytes(b"x", overwrite=False)


def test_a_late_worker_says_nothing_after_the_answer(served: Served) -> None:
    """What it wanted would be taken for the answer to the next call."""
    connection = daemon_at(NOWHERE).talk("trees", timeout=10)
    giver = Giver(connection)
    giver.end()
    with pytest.raises(BackendUnavailable):
        giver.want(what="check")
    connection.settimeout(0.0)
    with pytest.raises(BlockingIOError):
        connection.recv(1)
    connection.close()


def test_a_mount_shown_read_only_is_changed_by_nobody(settings: Settings) -> None:
    """As what is shown, though the storage itself could be written; reading goes on."""
    with Served(settings, readonly=True) as served:
        served.mount("m", MemoryBackend())
        served.mount("n", MemoryBackend())
        served.theirs.node("m:d/f").write_bytes(b"old")
        ours = served.ours
        ours.add_mount(given("here", MemoryBackend()))
        ours.node("here:f").write_bytes(b"new")
        for change in (
            lambda: ours.node("m:d/f").write_bytes(b"new"),
            lambda: ours.node("m:d/f").delete(),
            lambda: ours.node("m:new").mkdir(),
            lambda: ours.node("m:d/f").move_to("m:g"),
            lambda: ours.node("m:d/f").copy_to("m:g"),
            lambda: ours.node("m:d/f").copy_to("n:g"),
            lambda: ours.node("here:f").copy_to("m:g"),
            lambda: ours.tree("m").truncate("d/f", 0),
            lambda: ours.tree("m").create("new"),
            lambda: ours.tree("m").replace(Replacement("new"), b"new"),
            lambda: ours.tree("m").transfers.restore_version("d/f", "0"),
        ):
            with pytest.raises(PermissionDenied, match="read-only"):
                change()
        with pytest.raises(PermissionDenied, match="m:g: this mount is read-only"):
            ours.node("m:d/f").move_to("m:g")
        assert ours.tree("m").readonly
        assert ours.node("m:d/f").read_bytes() == b"old"
        assert _left(served.theirs) == {"d": "folder", "d/f": b"old"}


@pytest.mark.parametrize("shown_readonly", [True, False])
def test_a_file_open_for_reading_in_a_mount_shown_read_only_takes_no_change(
    settings: Settings, shown_readonly: bool
) -> None:
    """Neither attributes, which an open file of a mount that can be written takes, nor bytes or sizes."""
    with Served(settings, readonly=shown_readonly) as served:
        served.mount("m", MemoryBackend())
        served.theirs.node("m:f").write_bytes(b"old")
        with closing(served.ours.tree("m").open("f")) as file:
            assert file.read(0, 3) == b"old"
            if not shown_readonly:
                assert file.set_attributes(Attributes(mode=0o600)).mode == 0o600
                return
            for change in (
                lambda: file.set_attributes(Attributes(mode=0o600)),
                lambda: file.truncate(0),
                lambda: file.write(0, b"new"),
            ):
                with pytest.raises(PermissionDenied, match="read-only"):
                    change()
            file.flush()
        assert served.theirs.node("m:f").read_bytes() == b"old"


def test_a_daemon_that_ends_is_told_at_once(served: Served) -> None:
    """Open files and waiting calls end with it; nobody hangs."""
    served.ours.node("m:f").write_bytes(b"words")
    file = served.ours.tree("m").open("f")
    served.server.close()
    with pytest.raises(BackendUnavailable):
        file.read(0, 5)
    with pytest.raises(StorageError):
        served.ours.node("m:f").read_bytes()
    file.close()


def test_what_the_daemon_did_not_expect_is_an_error_and_no_silence(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its log has the traceback; the conversation goes on."""
    monkeypatch.setattr(served.theirs.tree("m"), "delete", lambda _: {}[1])
    with pytest.raises(StorageError, match="unexpected KeyError"):
        served.ours.tree("m").delete("f")
    with pytest.raises(StorageError, match="another version"):
        served.connections.call("dance", mount="m")
    with pytest.raises(NotFound, match="no mount 'none'"):
        served.connections.call("stat", mount="none", key="")
    served.ours.node("m:f").write_bytes(b"words")
