"""Whole trees, many ranges, many keys and parts: the abilities of any backend that save requests."""

import pytest

from vfs.engine.backend import (
    Backend,
    ChecksHealth,
    DeletesMany,
    KeepsMetadata,
    ReadsRanges,
    ReportsSpace,
    SweepsTree,
    UploadsParts,
)
from vfs.engine.errors import AlreadyExists, CapabilityNotSupported, Conflict, NotADirectory, NotFound
from vfs.testing.limits import Limits, ability, content, names


class TransferContract(Limits):
    """Promises of the abilities that a backend has beside those of single files and folders."""

    def test_a_sweep_tells_everything_below(self, backend: Backend) -> None:
        """Every file and every made folder below, once, with the entry that `stat` gives."""
        sweeps = ability(backend, SweepsTree)
        for key in ("d/f", "d/sub/g", "d/sub/deep/h", "dd/outside", "d.txt"):
            backend.write(key, b"x")
        backend.make_directory("d/empty")
        swept = dict(sweeps.sweep("d"))
        files = {key for key, entry in swept.items() if entry.is_file}
        assert files == {"d/f", "d/sub/g", "d/sub/deep/h"}
        assert set(swept) - files <= {"d/empty", "d/sub", "d/sub/deep"}
        assert "d/empty" in swept
        for key, entry in swept.items():
            stat = backend.stat(key)
            assert (entry.name, entry.kind, entry.size) == (stat.name, stat.kind, stat.size)
        assert len(list(sweeps.sweep("d"))) == len(swept)

    def test_what_a_sweep_told_can_be_deleted_behind_it(self, backend: Backend) -> None:
        """The rest is told all the same: so a tree is deleted without being held."""
        sweeps = ability(backend, SweepsTree)
        keys = {f"d/{folder}/{number}" for folder in "abc" for number in range(8)}
        for key in keys:
            backend.write(key, b"")
        told = set()
        for key, entry in sweeps.sweep("d"):
            if entry.is_file:
                told.add(key)
                backend.delete(key)
        assert told == keys

    def test_a_sweep_of_the_root_tells_all(self, backend: Backend) -> None:
        """The root itself is not among what is below it."""
        sweeps = ability(backend, SweepsTree)
        assert list(sweeps.sweep("")) == []
        backend.write("a/f", b"x")
        backend.write("g", b"x")
        assert {key for key, entry in sweeps.sweep("") if entry.is_file} == {"a/f", "g"}
        assert "" not in dict(sweeps.sweep(""))

    def test_a_sweep_tells_what_is_wrong(self, backend: Backend) -> None:
        """A file is NotADirectory, nothing is NotFound."""
        sweeps = ability(backend, SweepsTree)
        backend.write("f", b"x")
        with pytest.raises(NotADirectory):
            list(sweeps.sweep("f"))
        with pytest.raises(NotFound):
            list(sweeps.sweep("absent"))

    def test_many_ranges_are_read_in_their_order(self, backend: Backend) -> None:
        """Ranges may overlap, be empty and pass the end."""
        ranges = ability(backend, ReadsRanges)
        etag = backend.write("f", b"0123456789").etag
        wanted = [(4, 6), (0, 3), (2, 5), (8, 20), (3, 3)]
        found = [bytes(part) for part in ranges.read_ranges("f", wanted, if_match=etag)]
        assert found == [b"45", b"012", b"234", b"89", b""]
        assert ranges.read_ranges("f", []) == []
        backend.write("f", b"another one")
        with pytest.raises(Conflict):
            ranges.read_ranges("f", [(0, 1)], if_match=etag)
        with pytest.raises(NotFound):
            ranges.read_ranges("absent", [(0, 1)])

    def test_many_files_are_deleted_at_once(self, backend: Backend) -> None:
        """The named ones go, others and the folder stay, absent ones are no error."""
        deletes = ability(backend, DeletesMany)
        for number in range(10):
            backend.write(f"d/{number}", b"x")
        deletes.delete_many([f"d/{number}" for number in range(9)] + ["d/absent"])
        assert names(backend, "d") == ["9"]
        deletes.delete_many(["d/9"])
        assert backend.stat("d").is_folder

    def test_parts_become_a_file(self, backend: Backend) -> None:
        """Sent in any order and again, they are one file after `complete` and nothing before."""
        uploads = ability(backend, UploadsParts)
        size = uploads.part_limits.smallest
        upload = uploads.begin_upload("d/f")
        upload.put(2, b"b" * size)
        upload.put(1, b"wrong" + b"a" * size)
        upload.put(1, b"a" * size)
        upload.put(3, b"the end")
        with pytest.raises(NotFound):
            backend.stat("d/f")
        result = upload.complete()
        assert (result.path, result.size) == ("d/f", 2 * size + 7)
        assert backend.stat("d/f").etag == result.etag
        assert content(backend, "d/f") == b"a" * size + b"b" * size + b"the end"

    def test_parts_can_come_from_the_present_content(self, backend: Backend) -> None:
        """An edit sends only its own bytes, and only over the content it was made from."""
        uploads = ability(backend, UploadsParts)
        size = uploads.part_limits.smallest
        old = backend.write("f", b"a" * size + b"b" * size + b"tail")
        upload = uploads.begin_upload("f")
        upload.copy(1, 0, size, if_match=old.etag)
        upload.put(2, b"B" * size)
        upload.copy(3, 2 * size, 2 * size + 4, if_match=old.etag)
        new = upload.complete(if_match=old.etag)
        assert content(backend, "f") == b"a" * size + b"B" * size + b"tail"
        stale = uploads.begin_upload("f")
        with pytest.raises(Conflict):
            stale.copy(1, 0, size, if_match=old.etag)
        stale.put(1, b"lost")
        with pytest.raises(Conflict):
            stale.complete(if_match=old.etag)
        stale.abort()
        assert backend.stat("f").etag == new.etag

    def test_an_upload_can_refuse_to_replace(self, backend: Backend) -> None:
        """`complete(overwrite=False)` spares what is there."""
        uploads = ability(backend, UploadsParts)
        upload = uploads.begin_upload("f")
        upload.put(1, b"new")
        backend.write("f", b"old")
        with pytest.raises(AlreadyExists):
            upload.complete(overwrite=False)
        upload.abort()
        assert content(backend, "f") == b"old"

    def test_an_aborted_upload_leaves_nothing(self, backend: Backend) -> None:
        """`abort` forgets the parts, and may be called again."""
        uploads = ability(backend, UploadsParts)
        upload = uploads.begin_upload("f")
        upload.put(1, b"x")
        upload.abort()
        upload.abort()
        assert names(backend) == []

    def test_an_upload_has_the_metadata_given(self, backend: Backend) -> None:
        """Metadata come with the file."""
        uploads = ability(backend, UploadsParts)
        ability(backend, KeepsMetadata)
        upload = uploads.begin_upload("f", metadata={"colour": "red"})
        upload.put(1, b"x")
        upload.complete()
        assert backend.stat("f").metadata == {"colour": "red"}

    def test_space_is_told(self, backend: Backend) -> None:
        """Free space is never more than all, where there is a limit to tell."""
        usage = ability(backend, ReportsSpace).space()
        if usage.total_bytes is not None and usage.free_bytes is not None:
            assert 0 <= usage.free_bytes <= usage.total_bytes

    def test_a_healthy_storage_answers(self, backend: Backend) -> None:
        """`ping` says nothing when all is well."""
        ability(backend, ChecksHealth).ping()

    def test_metadata_are_kept_or_refused(self, backend: Backend) -> None:
        """A storage without user metadata does not drop them silently."""
        if backend.ability(KeepsMetadata):
            pytest.skip("this storage keeps metadata")
        with pytest.raises(CapabilityNotSupported):
            backend.write("f", b"x", metadata={"colour": "red"})
