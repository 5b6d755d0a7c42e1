"""Files that any backend opens where they lie."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from vfs.engine.backend import Backend, KeepsAttributes, Moves, OpensInPlace
from vfs.engine.entries import Attributes
from vfs.engine.errors import AlreadyExists, InvalidPath, IsADirectory, NotFound, StorageError
from vfs.testing.limits import Limits, ability, content, names

MTIME = 1_600_000_000_123_456_789


class InPlaceContract(Limits):
    """Promises of `OpensInPlace` and of the handles that it gives."""

    def test_a_created_file_is_there_at_once(self, backend: Backend) -> None:
        """What a handle writes the backend reads, before and after `close`."""
        files = ability(backend, OpensInPlace)
        handle = files.create_file("d/f")
        assert handle.write(0, b"hello") == 5
        assert handle.write(3, memoryview(b"p!")) == 2
        assert content(backend, "d/f") == b"help!"
        assert bytes(handle.read(1, 3)) == b"elp"
        handle.flush()
        handle.sync()
        handle.close()
        assert content(backend, "d/f") == b"help!"

    def test_reads_end_with_the_file(self, backend: Backend) -> None:
        """Fewer bytes only at the end, none past it, and a hole reads as zeros."""
        handle = ability(backend, OpensInPlace).create_file("f")
        handle.write(10, b"end")
        assert bytes(handle.read(0, 100)) == b"\0" * 10 + b"end"
        assert bytes(handle.read(13, 5)) == b""
        assert bytes(handle.read(100, 5)) == b""
        ready = handle.read_ready(8, 100)
        assert ready is None or bytes(ready) == b"\0\0end"
        handle.close()

    def test_truncating_cuts_and_extends(self, backend: Backend) -> None:
        """By the handle, and by opening with `truncate`."""
        files = ability(backend, OpensInPlace)
        backend.write("f", b"0123456789")
        handle = files.open_file("f", write=True)
        handle.truncate(4)
        handle.truncate(6)
        assert handle.stat().size == 6
        handle.close()
        assert content(backend, "f") == b"0123\0\0"
        files.open_file("f", write=True, truncate=True).close()
        assert content(backend, "f") == b""

    def test_a_handle_outlives_its_name(self, backend: Backend) -> None:
        """A file that was deleted or moved while open is read, written and told as before."""
        files = ability(backend, OpensInPlace)
        handle = files.create_file("f")
        handle.write(0, b"content")
        if moves := backend.ability(Moves):
            moves.move("f", "g")
            assert bytes(handle.read(0, 7)) == b"content"
            moves.move("g", "f")
        backend.delete("f")
        handle.write(7, b" and more")
        assert bytes(handle.read(0, 100)) == b"content and more"
        entry = handle.stat()
        assert (entry.size, entry.nlink) == (16, 0)
        handle.close()
        assert names(backend) == []

    def test_creating_is_exclusive_when_asked(self, backend: Backend) -> None:
        """Else an existing file is opened as it is."""
        files = ability(backend, OpensInPlace)
        backend.write("f", b"content")
        with pytest.raises(AlreadyExists):
            files.create_file("f", exclusive=True)
        handle = files.create_file("f")
        assert bytes(handle.read(0, 100)) == b"content"
        handle.close()

    def test_a_created_file_has_the_attributes_given(self, backend: Backend) -> None:
        """Mode and owner are the new file's; an existing one keeps its own."""
        files = ability(backend, OpensInPlace)
        ability(backend, KeepsAttributes)
        files.create_file("f", attributes=Attributes(mode=0o4766)).close()
        assert backend.stat("f").mode == 0o4766
        files.create_file("f", attributes=Attributes(mode=0o600)).close()
        assert backend.stat("f").mode == 0o4766
        if self.owners_can_change:
            files.create_file("g", attributes=Attributes(mode=0, uid=12, gid=34)).close()
            entry = backend.stat("g")
            assert (entry.mode, entry.uid, entry.gid) == (0, 12, 34)

    def test_a_handle_changes_attributes(self, backend: Backend) -> None:
        """`set_attributes` leaves what is None, and tells the entry afterwards."""
        files = ability(backend, OpensInPlace)
        ability(backend, KeepsAttributes)
        handle = files.create_file("f", attributes=Attributes(mode=0o640))
        before = handle.stat()
        changed = handle.set_attributes(Attributes(mtime_ns=MTIME))
        assert (changed.mtime_ns, changed.atime_ns, changed.mode) == (MTIME, before.atime_ns, 0o640)
        assert handle.set_attributes(Attributes(mode=0o600)).mode == 0o600
        assert backend.stat("f").mtime_ns == MTIME
        handle.close()

    def test_opening_tells_what_is_wrong(self, backend: Backend) -> None:
        """Nothing is NotFound, a folder IsADirectory, an impossible key InvalidPath."""
        files = ability(backend, OpensInPlace)
        backend.make_directory("d")
        for write in (False, True):
            with pytest.raises(NotFound):
                files.open_file("absent", write=write)
            for key in ("d", ""):
                with pytest.raises(IsADirectory):
                    files.open_file(key, write=write)
            with pytest.raises(InvalidPath):
                files.open_file("../out", write=write)
        with pytest.raises(IsADirectory):
            files.create_file("d")
        with pytest.raises(IsADirectory):
            files.create_file("")

    def test_a_handle_for_reading_does_not_write(self, backend: Backend) -> None:
        """Its content stays."""
        backend.write("f", b"content")
        handle = ability(backend, OpensInPlace).open_file("f")
        with pytest.raises(StorageError):
            handle.write(0, b"x")
        handle.close()
        assert content(backend, "f") == b"content"

    def test_a_closed_handle_says_so(self, backend: Backend) -> None:
        """Closing again is harmless; reading afterwards is an error, never another file's bytes."""
        handle = ability(backend, OpensInPlace).create_file("f")
        handle.write(0, b"x")
        handle.close()
        handle.close()
        with pytest.raises(StorageError):
            handle.read(0, 1)

    def test_threads_share_a_handle(self, backend: Backend) -> None:
        """Writes to different places from many threads all arrive."""
        handle = ability(backend, OpensInPlace).create_file("f")
        with ThreadPoolExecutor(8) as pool:
            list(pool.map(lambda n: handle.write(n * 1000, bytes([n]) * 1000), range(64)))
        assert bytes(handle.read(0, 64_000)) == b"".join(bytes([n]) * 1000 for n in range(64))
        handle.close()
