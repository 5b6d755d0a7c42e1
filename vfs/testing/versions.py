"""The conformance suite of storages that keep old versions: subclass it and give it a fresh `backend`."""

from collections.abc import Mapping
from typing import ClassVar

import pytest

from vfs.engine.backend import Backend, KeepsVersions
from vfs.engine.capabilities import Capability
from vfs.engine.entries import Attributes, Version
from vfs.engine.errors import IsADirectory, NotFound
from vfs.engine.histories import SweepsVersions, at


class VersionsContract:
    """What `KeepsVersions` and `SweepsVersions` promise."""

    marks_deletes: ClassVar[bool] = True
    """A delete is a version too; else of a deleted file no version is the latest."""
    odd_names: ClassVar[tuple[str, ...]] = ("a+b c", "a*[1]?", "line\nbreak", "\x7f", "ü", "x" * 255)
    keeps_attributes: ClassVar[bool] = True

    @pytest.fixture
    def backend(self) -> Backend:
        raise NotImplementedError("a subclass gives a fresh, empty backend")

    @pytest.fixture
    def versions(self, backend: Backend) -> KeepsVersions:
        found = backend.ability(KeepsVersions)
        assert found is not None
        return found

    @staticmethod
    def contents(backend: Backend, key: str) -> list[bytes | None]:
        """What was at a key, oldest first; None where it was deleted."""
        keeps = backend.ability(KeepsVersions)
        assert keeps is not None
        return [
            None if version.is_delete_marker else bytes(backend.read(key, version=version.id))
            for version in keeps.list_versions(key)
        ]

    def test_the_words_say_that_versions_are_kept(self, backend: Backend) -> None:
        """By its capabilities as by its abilities."""
        words = {Capability.VERSIONING, Capability.VERSION_LISTING, Capability.VERSION_ACCESS}
        assert words <= backend.capabilities
        assert backend.ability(SweepsVersions) is not None

    def test_every_write_makes_a_version(self, backend: Backend, versions: KeepsVersions) -> None:
        """Oldest first, each with its ETag, size and time, and readable, whole or in part."""
        written = [backend.write("d/f", f"content {number}".encode() * (number + 1)) for number in range(3)]
        backend.write("d/f2", b"a neighbour whose key begins alike")
        listed = versions.list_versions("d/f")
        assert [version.is_latest for version in listed] == [False, False, True]
        assert [version.etag for version in listed] == [result.etag for result in written]
        assert [version.size for version in listed] == [9, 18, 27]
        assert len({version.id for version in listed}) == 3
        times = [version.mtime_ns for version in listed]
        assert times == sorted(times)
        assert self.contents(backend, "d/f") == [b"content 0", b"content 1" * 2, b"content 2" * 3]
        assert bytes(backend.read("d/f", 8, 10, version=listed[1].id)) == b"1c"

    def test_ids_stay(self, backend: Backend, versions: KeepsVersions) -> None:
        """A version that is replaced, and then deleted, keeps its id; `write` told it, where it tells any."""
        told = backend.write("f", b"one").version_id
        first = versions.list_versions("f")[0]
        assert told in {None, first.id}
        backend.write("f", b"two")
        assert versions.list_versions("f")[0].id == first.id
        backend.delete("f")
        assert versions.list_versions("f")[0].id == first.id

    def test_a_deleted_file_keeps_its_versions(self, backend: Backend, versions: KeepsVersions) -> None:
        """Restoring one brings the file back, with its attributes and metadata."""
        attributes = Attributes(mode=0o640) if self.keeps_attributes else None
        backend.write("f", b"content", attributes=attributes, metadata={"colour": "red"})
        backend.delete("f")
        with pytest.raises(NotFound):
            backend.stat("f")
        listed = versions.list_versions("f")
        assert [version.is_delete_marker for version in listed] == [False, True][: 1 + self.marks_deletes]
        assert not listed[0].is_latest
        assert bytes(backend.read("f", version=listed[0].id)) == b"content"
        assert versions.restore_version("f", listed[0].id).size == 7
        assert bytes(backend.read("f")) == b"content"
        assert backend.stat("f").mode == (0o640 if self.keeps_attributes else backend.stat("f").mode)
        assert backend.stat("f").metadata == {"colour": "red"}
        assert [version.is_latest for version in versions.list_versions("f")][-1]
        assert len(versions.list_versions("f")) == 2 + self.marks_deletes

    def test_a_restore_loses_nothing(self, backend: Backend, versions: KeepsVersions) -> None:
        """What stood there is a version, and so is what was restored."""
        backend.write("f", b"one")
        backend.write("f", b"two")
        versions.restore_version("f", versions.list_versions("f")[0].id)
        assert self.contents(backend, "f") == [b"one", b"two", b"one"]

    def test_attributes_go_with_their_version(self, backend: Backend, versions: KeepsVersions) -> None:
        """Equal contents with other attributes are told apart."""
        if not self.keeps_attributes:
            pytest.skip("no attributes")
        for mode in (0o600, 0o640, 0o644):
            backend.write("f", b"same", attributes=Attributes(mode=mode), metadata={"number": f"{mode:o}"})
        for number, mode in enumerate((0o600, 0o640)):
            versions.restore_version("f", versions.list_versions("f")[number].id)
            assert (backend.stat("f").mode, backend.stat("f").metadata) == (mode, {"number": f"{mode:o}"})

    def test_one_version_can_be_deleted(self, backend: Backend, versions: KeepsVersions) -> None:
        """The others stay; the file, too."""
        for content in (b"one", b"two", b"three"):
            backend.write("f", content)
        first, second, third = versions.list_versions("f")
        versions.delete_version("f", first.id)
        assert [version.id for version in versions.list_versions("f")] == [second.id, third.id]
        with pytest.raises(NotFound):
            backend.read("f", version=first.id)
        assert bytes(backend.read("f", version=second.id)) == b"two"
        assert bytes(backend.read("f")) == b"three"

    def test_a_version_that_is_not_there_is_not_found(
        self, backend: Backend, versions: KeepsVersions
    ) -> None:
        """To read, to restore and to delete; the file stays."""
        backend.write("f", b"one")
        gone = versions.list_versions("f")[0].id
        backend.write("f", b"two")
        versions.delete_version("f", gone)
        with pytest.raises(NotFound):
            backend.read("f", version=gone)
        with pytest.raises(NotFound):
            versions.restore_version("f", gone)
        with pytest.raises(NotFound):
            versions.delete_version("f", gone)
        assert bytes(backend.read("f")) == b"two"

    def test_nothing_was_ever_at_a_new_key(self, versions: KeepsVersions) -> None:
        """A key never seen has no versions."""
        assert versions.list_versions("absent") == []
        assert versions.list_versions("absent/below") == []

    def test_odd_names_have_versions(self, backend: Backend, versions: KeepsVersions) -> None:
        """A name with any character is listed and read like any other."""
        for name in self.odd_names:
            backend.write(f"d/{name}", b"one")
            backend.write(f"d/{name}", b"two")
            assert self.contents(backend, f"d/{name}") == [b"one", b"two"]

    def test_a_folder_cannot_be_restored_over(self, backend: Backend, versions: KeepsVersions) -> None:
        """The folder stays, and the version."""
        backend.write("f", b"one")
        backend.delete("f")
        backend.write("f/inner", b"inner")
        old = versions.list_versions("f")[0]
        with pytest.raises(IsADirectory):
            versions.restore_version("f", old.id)
        assert bytes(backend.read("f/inner")) == b"inner"

    def test_a_sweep_tells_everything_that_ever_was_in_a_folder(
        self, backend: Backend, versions: KeepsVersions
    ) -> None:
        """Deleted files too; each file once, in the order of its own history, and no neighbour's versions."""
        for key in ("d/doc", "d/doc2", "d/doc", "d/sub/deep/inner", "d/gone/inner", "elsewhere"):
            backend.write(key, b"content")
        backend.delete("d/doc2")
        backend.delete("d/gone/inner")
        backend.remove_directory("d/gone")
        swept = self.swept(backend, "d")
        assert {key for key in swept if not key.endswith("/")} == {"d/doc", "d/doc2"}
        assert {"d/sub/", "d/gone/"} <= set(swept)
        for key in ("d/doc", "d/doc2"):
            assert list(swept[key]) == versions.list_versions(key)
        deep = {key for key in self.swept(backend, "d", deep=True) if not key.endswith("/")}
        assert deep == {"d/doc", "d/doc2", "d/sub/deep/inner", "d/gone/inner"}
        assert {"d/", "elsewhere"} <= set(self.swept(backend, ""))
        assert self.swept(backend, "never") == {}

    @staticmethod
    def swept(backend: Backend, folder: str, *, deep: bool = False) -> Mapping[str, tuple[Version, ...]]:
        """What a sweep tells, folders with a slash."""
        sweeps = backend.ability(SweepsVersions)
        assert sweeps is not None
        found = list(sweeps.sweep_versions(folder, deep=deep))
        told = {history.key + "/" * history.is_folder: history.versions for history in found}
        assert len(told) == len(found)
        return told

    def test_the_content_of_a_moment_is_told(self, backend: Backend, versions: KeepsVersions) -> None:
        """Before the first version there was none; at the time of each there was that one."""
        for content in (b"one", b"two"):
            backend.write("f", content)
        first, second = versions.list_versions("f")
        found = [at([first, second], moment) for moment in (first.mtime_ns - 1, second.mtime_ns)]
        assert found == [None, second]
