"""The conformance suite of backends that can only be read: `backend` shows what `lay_out` makes."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import product
from pathlib import Path

import pytest

from vfs.engine import paths
from vfs.engine.backend import Backend, ChecksHealth, CompletesEntries, SignsUrls
from vfs.engine.capabilities import READING, Capability
from vfs.engine.entries import EntryKind
from vfs.engine.errors import (
    CapabilityNotSupported,
    Conflict,
    InvalidPath,
    IsADirectory,
    NotADirectory,
    NotFound,
)
from vfs.testing.limits import Limits, content, names
from vfs.testing.names import ODD_NAMES

BIG = bytes(range(251)) * 12_000

SAMPLE = {
    "a1": b"bystander of patterns",
    "digits": b"0123456789",
    "empty": b"",
    "big": BIG,
    "d/one": b"1",
    "d/sub/deep": b"deep",
    "dd/other": b"beginning with the same letter",
}


IMPOSSIBLE_KEYS = ("/a", "a/", "a//b", ".", "..", "a/../b", "a/./b", "a\0b", "x" * 256)

RANGES = [
    (0, None, b"0123456789"),
    (3, None, b"3456789"),
    (3, 7, b"3456"),
    (0, 0, b""),
    (5, 5, b""),
    (8, 100, b"89"),
    (10, None, b""),
    (50, 60, b""),
    (50, None, b""),
]
"""Starts and ends, and what of ten digits lies between them."""


def lay_out(folder: Path) -> None:
    """Make the sample's files, and one of each odd name in `odd`, in a folder of this machine."""
    for key, data in [*SAMPLE.items(), *((f"odd/{name}", name.encode()) for name in ODD_NAMES)]:
        (folder / key).parent.mkdir(parents=True, exist_ok=True)
        (folder / key).write_bytes(data)


class ReadContract(Limits):
    """What vfs/engine/backend.py promises of reading."""

    @pytest.fixture
    def backend(self) -> Backend:
        raise NotImplementedError("a subclass gives a backend that shows what `lay_out` makes")

    def test_capabilities_tell_what_can_be_done(self, backend: Backend) -> None:
        """Reading, and no more."""
        assert backend.capabilities >= READING | {Capability.READONLY}
        assert not backend.capabilities & {
            Capability.WRITE,
            Capability.DELETE,
            Capability.COPY,
            Capability.MOVE,
        }
        assert (backend.ability(SignsUrls) is not None) == (Capability.PRESIGNED_URLS in backend.capabilities)

    def test_files_tell_their_size_and_content(self, backend: Backend) -> None:
        """`stat` and `read` agree."""
        for key, data in SAMPLE.items():
            entry = backend.stat(key)
            assert (entry.name, entry.kind, entry.size) == (paths.name_of(key), EntryKind.FILE, len(data))
            assert content(backend, key) == data

    def test_folders_are_folders(self, backend: Backend) -> None:
        """The root too."""
        for key in ("", "d", "d/sub"):
            entry = backend.stat(key)
            assert (entry.name, entry.kind) == (paths.name_of(key), EntryKind.FOLDER)
            with pytest.raises(IsADirectory):
                backend.read(key)
            with pytest.raises(IsADirectory):
                backend.read(key, 5, 5)

    def test_ranges_are_half_open_and_end_with_the_file(self, backend: Backend) -> None:
        """`read` gives [start, end), fewer bytes only where the file ends, none past it."""
        for start, end, expected in RANGES:
            assert bytes(backend.read("digits", start, end)) == expected, (start, end)

    def test_a_range_of_an_empty_file_is_empty(self, backend: Backend) -> None:
        """Asking an empty file for bytes is no error."""
        assert bytes(backend.read("empty", 0, 10)) == b""

    def test_ranges_in_a_row_and_at_random_are_exact(self, backend: Backend) -> None:
        """Whatever is kept open between them."""
        etag = backend.stat("big").etag
        step = 300_007
        parts = [bytes(backend.read("big", at, at + step, if_match=etag)) for at in range(0, len(BIG), step)]
        assert b"".join(parts) == BIG
        for start in (2_000_000, 10, 1_000_000, 999_999):
            assert bytes(backend.read("big", start, start + 1000)) == BIG[start : start + 1000]

    def test_many_threads_read_at_once(self, backend: Backend) -> None:
        """Each its own range."""
        starts = range(0, len(BIG), 200_000)
        with ThreadPoolExecutor(8) as pool:
            parts = pool.map(lambda start: bytes(backend.read("big", start, start + 200_000)), starts)
            assert b"".join(parts) == BIG

    def test_reading_is_pinned_by_if_match(self, backend: Backend) -> None:
        """The file as it is answers to its own ETag only."""
        etag = backend.stat("digits").etag
        assert etag is not None
        assert bytes(backend.read("digits", 1, 3, if_match=etag)) == b"12"
        for start, end in ((0, None), (1, 3), (5, 5), (50, 60)):
            with pytest.raises(Conflict):
                backend.read("digits", start, end, if_match="another")

    def test_listings_show_one_level(self, backend: Backend) -> None:
        """Each child once with its kind; what a listing leaves open, `complete_entries` tells."""
        listed = list(backend.list("d"))
        assert {entry.name: entry.kind for entry in listed} == {
            "one": EntryKind.FILE,
            "sub": EntryKind.FOLDER,
        }
        assert names(backend) == sorted({key.partition("/")[0] for key in SAMPLE} | {"odd"})
        if any(not entry.complete for entry in listed):
            completes = backend.ability(CompletesEntries)
            assert completes is not None
            listed = list(completes.complete_entries("d", listed))
        assert [backend.stat(f"d/{entry.name}") for entry in listed] == listed

    def test_what_is_absent_is_not_found(self, backend: Backend) -> None:
        """Also below a file, and where a pattern would match."""
        acts: list[Callable[[str], object]] = [
            backend.stat,
            backend.read,
            lambda key: list(backend.list(key)),
        ]
        for key in ("absent", "d/absent", "no/such", "digits/below", "a*", "a?", "[ab]1", "*"):
            for act in acts:
                with pytest.raises(NotFound):
                    act(key)

    def test_a_file_cannot_be_listed(self, backend: Backend) -> None:
        """It is NotADirectory."""
        with pytest.raises(NotADirectory):
            list(backend.list("digits"))

    def test_odd_names_are_plain_names(self, backend: Backend) -> None:
        """Each is listed, told and read."""
        kept = [name for name in ODD_NAMES if name not in self.unkeepable_names]
        assert set(names(backend, "odd")) >= set(kept)
        for name in kept:
            assert backend.stat(f"odd/{name}").name == name
            assert content(backend, f"odd/{name}") == name.encode()

    def test_an_impossible_key_is_refused(self, backend: Backend) -> None:
        """Before anything is asked."""
        acts: list[Callable[[str], object]] = [
            backend.stat,
            backend.read,
            lambda key: list(backend.list(key)),
        ]
        for key, act in product(IMPOSSIBLE_KEYS, acts):
            with pytest.raises(InvalidPath):
                act(key)

    def test_nothing_can_be_changed(self, backend: Backend) -> None:
        """Every change is CapabilityNotSupported."""
        acts: list[Callable[[], object]] = [
            lambda: backend.write("new", b"x"),
            lambda: backend.delete("digits"),
            lambda: backend.make_directory("new"),
            lambda: backend.remove_directory("d"),
        ]
        for act in acts:
            with pytest.raises(CapabilityNotSupported):
                act()

    def test_versions_are_refused(self, backend: Backend) -> None:
        """There is only the present one."""
        with pytest.raises(CapabilityNotSupported):
            backend.read("digits", version="1")

    def test_a_healthy_storage_answers(self, backend: Backend) -> None:
        """`ping` says nothing when all is well, and closing twice is harmless."""
        if health := backend.ability(ChecksHealth):
            health.ping()
        backend.close()
        backend.close()
