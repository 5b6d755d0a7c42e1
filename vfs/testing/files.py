"""Files of any backend: reading, writing, deleting, conditions and ETags."""

import io
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from itertools import product

import pytest

from vfs.engine.backend import Backend, Source
from vfs.engine.capabilities import Capability
from vfs.engine.entries import EntryKind
from vfs.engine.errors import (
    AlreadyExists,
    CapabilityNotSupported,
    Conflict,
    InvalidPath,
    IsADirectory,
    NotADirectory,
    NotFound,
    StorageError,
)
from vfs.testing.limits import Limits, content, names
from vfs.testing.reading import IMPOSSIBLE_KEYS, RANGES


def winners(attempts: list[Callable[[], object]], losing: type[StorageError]) -> list[object]:
    """What the successful ones of concurrent attempts returned; the others must have raised `losing`."""
    start = threading.Barrier(len(attempts))

    def run(attempt: Callable[[], object]) -> object | None:
        start.wait()
        try:
            return attempt()
        except losing:
            return None

    with ThreadPoolExecutor(len(attempts)) as pool:
        return [result for result in pool.map(run, attempts) if result is not None]


class FileContract(Limits):
    """Promises about regular files."""

    def test_a_written_file_reads_back(self, backend: Backend) -> None:
        """What was written is what is read, and the result and the entry tell its size and ETag."""
        result = backend.write("a.txt", b"hello")
        entry = backend.stat("a.txt")
        assert content(backend, "a.txt") == b"hello"
        assert (result.path, result.size, result.written) == ("a.txt", 5, True)
        assert (entry.name, entry.kind, entry.size) == ("a.txt", EntryKind.FILE, 5)
        assert entry.etag is not None
        assert entry.etag == result.etag
        assert entry.mtime_ns is not None

    def test_an_empty_file_is_a_file(self, backend: Backend) -> None:
        """No bytes are content too."""
        backend.write("empty", b"")
        assert backend.stat("empty").size == 0
        assert content(backend, "empty") == b""

    def test_ranges_are_half_open_and_end_with_the_file(self, backend: Backend) -> None:
        """`read` gives [start, end), fewer bytes only where the file ends, none past it."""
        backend.write("digits", b"0123456789")
        for start, end, expected in RANGES:
            assert bytes(backend.read("digits", start, end)) == expected, (start, end)

    def test_a_range_of_an_empty_file_is_empty(self, backend: Backend) -> None:
        """Asking an empty file for bytes is no error."""
        backend.write("empty", b"")
        assert bytes(backend.read("empty", 0, 10)) == b""

    def test_every_kind_of_source_is_taken(self, backend: Backend) -> None:
        """Bytes, bytearrays, memoryviews, binary files and iterators write the same file."""
        data = b"some bytes" * 1000
        pieces = iter([data[:7], b"", data[7:]])
        sources: list[Source] = [data, bytearray(data), memoryview(data), io.BytesIO(data), pieces]
        for number, source in enumerate(sources):
            backend.write(f"file-{number}", source)
            assert content(backend, f"file-{number}") == data

    def test_a_big_stream_arrives_whole(self, backend: Backend) -> None:
        """Pieces of odd sizes, several MiB together, are stored in order; any range of them reads back."""
        pieces = [bytes([number % 251]) * (99_991 + number) for number in range(100)]
        whole = b"".join(pieces)
        assert backend.write("big", iter(pieces)).size == len(whole)
        assert backend.stat("big").size == len(whole)
        assert content(backend, "big") == whole
        middle = len(whole) // 2
        assert bytes(backend.read("big", middle, middle + 70_000)) == whole[middle : middle + 70_000]

    def test_a_source_may_refill_its_buffer(self, backend: Backend) -> None:
        """A piece is only good until the next is asked for, and no backend relies on more."""

        def refilled() -> Iterator[bytearray]:
            buffer = bytearray(1000)
            for number in range(5):
                buffer[:] = bytes([number]) * 1000
                yield buffer

        backend.write("refilled", refilled())
        assert content(backend, "refilled") == b"".join(bytes([number]) * 1000 for number in range(5))

    def test_a_failed_source_leaves_the_old_file(self, backend: Backend) -> None:
        """A stream that breaks publishes nothing, over an old file or where there was none."""

        def broken() -> Iterator[bytes]:
            yield b"x" * 3_000_000
            raise ValueError("the source broke")

        old = backend.write("kept", b"old")
        for key in ("kept", "new"):
            with pytest.raises(ValueError, match="the source broke"):
                backend.write(key, broken())
        assert content(backend, "kept") == b"old"
        assert backend.stat("kept").etag == old.etag
        assert names(backend) == ["kept"]

    def test_writing_replaces_the_whole_file(self, backend: Backend) -> None:
        """A shorter file leaves nothing of the longer one before it."""
        backend.write("f", b"a long content")
        backend.write("f", b"short")
        assert content(backend, "f") == b"short"

    def test_an_etag_tells_contents_apart(self, backend: Backend) -> None:
        """The ETag is another one after other content was written, also of the same size, and else stays."""
        first = backend.write("f", b"one").etag
        assert backend.stat("f").etag == first
        second = backend.write("f", b"two").etag
        assert second != first
        assert backend.stat("f").etag == second
        bytes(backend.read("f"))
        assert backend.stat("f").etag == second

    def test_a_listing_tells_the_same_etag(self, backend: Backend) -> None:
        """What `list` says of content agrees with `stat`."""
        backend.write("d/f", b"content")
        [listed] = backend.list("d")
        stat = backend.stat("d/f")
        assert (listed.name, listed.kind, listed.size, listed.etag) == ("f", EntryKind.FILE, 7, stat.etag)

    def test_reading_is_pinned_by_if_match(self, backend: Backend) -> None:
        """A read for an ETag gives that content, or Conflict once the file is another one."""
        old = backend.write("f", b"old").etag
        assert bytes(backend.read("f", 1, 3, if_match=old)) == b"ld"
        backend.write("f", b"new")
        with pytest.raises(Conflict):
            backend.read("f", if_match=old)

    def test_writing_is_conditional_on_if_match(self, backend: Backend) -> None:
        """A write for an ETag replaces that content only, and reports Conflict otherwise."""
        old = backend.write("f", b"old").etag
        new = backend.write("f", b"new", if_match=old).etag
        with pytest.raises(Conflict):
            backend.write("f", b"lost", if_match=old)
        assert content(backend, "f") == b"new"
        assert backend.stat("f").etag == new

    def test_if_match_of_an_absent_file_is_a_conflict_for_writing(self, backend: Backend) -> None:
        """A file that is gone is not the file that was meant, and nothing is made in its place."""
        etag = backend.write("f", b"old").etag
        backend.delete("f")
        with pytest.raises(Conflict):
            backend.write("f", b"new", if_match=etag)
        with pytest.raises(NotFound):
            backend.stat("f")

    def test_deleting_is_conditional_on_if_match(self, backend: Backend) -> None:
        """A delete for an ETag spares other content."""
        old = backend.write("f", b"old").etag
        new = backend.write("f", b"new").etag
        with pytest.raises(Conflict):
            backend.delete("f", if_match=old)
        backend.delete("f", if_match=new)
        with pytest.raises(NotFound):
            backend.delete("f", if_match=new)

    def test_overwrite_can_be_refused(self, backend: Backend) -> None:
        """`overwrite=False` writes a new file and refuses to replace one."""
        backend.write("f", b"first", overwrite=False)
        with pytest.raises(AlreadyExists):
            backend.write("f", b"second", overwrite=False)
        assert content(backend, "f") == b"first"

    def test_one_of_eight_creators_wins(self, backend: Backend) -> None:
        """Of concurrent writes with `overwrite=False` exactly one succeeds, and its bytes are there."""
        if Capability.CONDITIONAL_WRITE not in backend.capabilities:
            pytest.skip("no conditional writes")
        bodies = [f"writer {number}".encode() * 1000 for number in range(8)]

        def attempt(body: bytes) -> bytes:
            backend.write("contested", body, overwrite=False)
            return body

        won = winners([partial(attempt, body) for body in bodies], AlreadyExists)
        assert [content(backend, "contested")] == won

    def test_one_of_eight_replacers_wins(self, backend: Backend) -> None:
        """Of concurrent writes for one ETag exactly one succeeds: no update is lost."""
        if Capability.CONDITIONAL_WRITE not in backend.capabilities:
            pytest.skip("no conditional writes")
        etag = backend.write("contested", b"base").etag
        bodies = [f"writer {number}".encode() for number in range(8)]

        def attempt(body: bytes) -> bytes:
            backend.write("contested", body, if_match=etag)
            return body

        won = winners([partial(attempt, body) for body in bodies], Conflict)
        assert [content(backend, "contested")] == won

    def test_readers_never_see_a_mix(self, backend: Backend) -> None:
        """While one thread replaces a file, others read one of its contents whole."""
        size = 300_000
        bodies = [bytes([number]) * size for number in range(4)]
        backend.write("f", bodies[0])
        done = threading.Event()

        def replace() -> None:
            try:
                for number in range(12):
                    backend.write("f", bodies[number % 4])
            finally:
                done.set()

        def read() -> bool:
            seen = [content(backend, "f")]
            while not done.is_set():
                seen.append(content(backend, "f"))
            return all(body in bodies for body in seen)

        with ThreadPoolExecutor(3) as pool:
            readers = [pool.submit(read) for _ in range(2)]
            pool.submit(replace).result()
            assert all(reader.result() for reader in readers)

    def test_a_deleted_file_is_gone(self, backend: Backend) -> None:
        """After `delete` nothing is there, and deleting again is NotFound."""
        backend.write("f", b"x")
        backend.delete("f")
        for act in (backend.stat, backend.read, backend.delete):
            with pytest.raises(NotFound):
                act("f")
        assert names(backend) == []

    def test_an_absent_file_is_not_found(self, backend: Backend) -> None:
        """Reading acts on a key where nothing is name it in NotFound."""
        for act in (backend.stat, backend.read, backend.delete, lambda key: list(backend.list(key))):
            with pytest.raises(NotFound) as caught:
                act("no/such")
            assert caught.value.path == "no/such"

    def test_below_a_file_is_not_found_when_reading(self, backend: Backend) -> None:
        """A key below a regular file names nothing."""
        backend.write("f", b"x")
        for act in (backend.stat, backend.read, backend.delete, lambda key: list(backend.list(key))):
            with pytest.raises(NotFound):
                act("f/below")

    def test_below_a_file_is_not_a_directory_when_writing(self, backend: Backend) -> None:
        """Nothing can be made below a regular file, at any depth."""
        if not self.refuses_writes_below_files:
            pytest.skip("a documented limit of this storage")
        backend.write("f", b"x")
        for key in ("f/below", "f/far/below"):
            with pytest.raises(NotADirectory):
                backend.write(key, b"y")
            with pytest.raises(NotADirectory):
                backend.make_directory(key)
        assert content(backend, "f") == b"x"

    def test_a_folder_is_no_file(self, backend: Backend) -> None:
        """Acts of files on a folder are IsADirectory, whatever else is asked."""
        backend.make_directory("d")
        acts: list[Callable[[str], object]] = [
            backend.read,
            backend.delete,
            lambda key: backend.write(key, b"x"),
            lambda key: backend.write(key, b"x", overwrite=False),
            lambda key: backend.write(key, b"x", if_match="anything"),
            lambda key: backend.read(key, if_match="anything"),
        ]
        for act in acts:
            for key in ("d", ""):
                with pytest.raises(IsADirectory):
                    act(key)

    def test_an_impossible_key_is_refused(self, backend: Backend) -> None:
        """A key that names no place in a tree is InvalidPath for every act."""
        acts: list[Callable[[str], object]] = [
            backend.stat,
            backend.read,
            backend.delete,
            backend.make_directory,
            backend.remove_directory,
            lambda key: list(backend.list(key)),
            lambda key: backend.write(key, b"x"),
        ]
        for key, act in product(IMPOSSIBLE_KEYS, acts):
            with pytest.raises(InvalidPath):
                act(key)

    def test_versions_are_kept_or_refused(self, backend: Backend) -> None:
        """Asking for an old version of a storage without versions says so."""
        if Capability.VERSION_ACCESS in backend.capabilities:
            pytest.skip("this storage keeps versions")
        backend.write("f", b"x")
        with pytest.raises(CapabilityNotSupported):
            backend.read("f", version="1")

    def test_closing_twice_is_harmless(self, backend: Backend) -> None:
        """`close` may be called again."""
        backend.write("f", b"x")
        backend.close()
        backend.close()
