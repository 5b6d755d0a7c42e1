"""Writers at the same key: a condition lets one of them win."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from vfs.engine.backends.gcs import GcsBackend
from vfs.engine.errors import AlreadyExists, Conflict

WRITERS = 8
ROUNDS = 5
BIG = 9 << 20


@pytest.mark.parametrize("size", [10, BIG])
def test_one_of_eight_writers_makes_a_file(backend: GcsBackend, size: int) -> None:
    """`overwrite=False` lets exactly one through, in one request and in parts."""
    for number in range(ROUNDS if size < BIG else 1):
        start = Barrier(WRITERS)

        def write(writer: int, key: str = f"f{number}", start: Barrier = start) -> int | None:
            start.wait()
            try:
                backend.write(key, bytes([writer]) * size, overwrite=False)
            except AlreadyExists:
                return None
            return writer

        with ThreadPoolExecutor(WRITERS) as pool:
            winners = [won for won in pool.map(write, range(WRITERS)) if won is not None]
        assert len(winners) == 1
        assert bytes(backend.read(f"f{number}")) == bytes(winners) * size


def test_one_of_eight_edits_replaces_a_file(backend: GcsBackend) -> None:
    """`if_match` does as much for those that started from the same content."""
    for number in range(ROUNDS):
        etag = backend.write("f", b"start").etag
        start = Barrier(WRITERS)

        def edit(writer: int, etag: str | None = etag, start: Barrier = start) -> int | None:
            start.wait()
            try:
                backend.write("f", bytes([writer]), if_match=etag)
            except Conflict:
                return None
            return writer

        with ThreadPoolExecutor(WRITERS) as pool:
            winners = [won for won in pool.map(edit, range(WRITERS)) if won is not None]
        assert len(winners) == 1, f"round {number}"
        assert bytes(backend.read("f")) == bytes(winners)


def test_one_of_eight_folders_is_made(backend: GcsBackend) -> None:
    """The others are told that it is there."""
    start = Barrier(WRITERS)

    def make(_: int) -> bool:
        start.wait()
        try:
            backend.make_directory("d")
        except AlreadyExists:
            return False
        return True

    with ThreadPoolExecutor(WRITERS) as pool:
        assert sum(pool.map(make, range(WRITERS))) == 1


def test_a_read_is_of_one_state(backend: GcsBackend) -> None:
    """Bytes of a file that was replaced are a conflict, never a mix."""
    etag = backend.write("f", b"a" * 1000).etag
    assert bytes(backend.read("f", 0, 500, if_match=etag)) == b"a" * 500
    backend.write("f", b"b" * 1000)
    with pytest.raises(Conflict):
        backend.read("f", 500, 1000, if_match=etag)
