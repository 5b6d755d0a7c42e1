"""Several writers of one file, in one process and in two: each write is a version."""

import multiprocessing
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from vfs.engine.backend import Backend
from vfs.engine.backends.local import LocalBackend, LocalOptions
from vfs.engine.backends.memory import MemoryBackend
from vfs.engine.backends.sqlite import SqliteBackend, SqliteOptions
from vfs.engine.errors import Conflict
from vfs.engine.layers.versioned import VersionedLayer
from vfs.testing.versions import VersionsContract

ROUNDS = 6
"""Writes of each process."""

contents = VersionsContract.contents

STORES: dict[str, Callable[[Path], Backend]] = {
    "local": lambda folder: LocalBackend(LocalOptions(path=folder / "files", create=True)),
    "sqlite": lambda folder: SqliteBackend(SqliteOptions(path=folder / "db")),
}


@pytest.mark.parametrize("store", STORES)
def test_every_write_of_eight_threads_is_a_version(store: str, tmp_path: Path) -> None:
    """Of one layer; the last of them stands at the name."""
    layer = VersionedLayer(STORES[store](tmp_path))
    written = [f"{number}".encode() for number in range(24)]
    with ThreadPoolExecutor(8) as pool:
        for _ in pool.map(lambda content: layer.write("f", content), written):
            pass
    assert sorted(filter(None, contents(layer, "f"))) == sorted(written)
    assert contents(layer, "f")[-1] == bytes(layer.read("f"))
    layer.close()


def write_many(store: str, folder: Path, name: str, together: "multiprocessing.synchronize.Barrier") -> None:
    """What each process does: writes and deletes of one file, begun together."""
    layer = VersionedLayer(STORES[store](folder))
    together.wait(30)
    for number in range(ROUNDS):
        layer.write("f", f"{name} {number}".encode())
    layer.close()


@pytest.mark.parametrize("store", STORES)
def test_every_write_of_two_processes_is_a_version(store: str, tmp_path: Path) -> None:
    """None is lost between the look of one and the write of the other."""
    STORES[store](tmp_path).close()
    context = multiprocessing.get_context("spawn")
    together = context.Barrier(2)
    writers = [
        context.Process(target=write_many, args=(store, tmp_path, name, together)) for name in ("one", "two")
    ]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join(60)
    assert [writer.exitcode for writer in writers] == [0, 0]
    layer = VersionedLayer(STORES[store](tmp_path))
    expected = {f"{name} {number}".encode() for name in ("one", "two") for number in range(ROUNDS)}
    assert set(contents(layer, "f")) == expected
    layer.check_history(repair=True)
    assert layer.check_history().is_sound
    assert set(contents(layer, "f")) == expected
    layer.close()


def test_a_stream_that_meets_another_writer_is_a_conflict() -> None:
    """It cannot be read again; the other's content stays."""
    store = MemoryBackend()
    layer = VersionedLayer(store)
    layer.write("f", b"old")

    def source() -> Iterator[bytes]:
        yield b"ours"
        VersionedLayer(store).write("f", b"theirs")

    with pytest.raises(Conflict):
        layer.write("f", source())
    assert contents(layer, "f") == [b"old", b"theirs"]
