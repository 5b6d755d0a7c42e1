"""The conformance suite of layers under which contents are stored as other bytes."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import ClassVar

import pytest

from vfs.engine.backend import (
    Backend,
    Buffer,
    CompletesEntries,
    Copies,
    HashesContent,
    KeepsVersions,
    Moves,
    OpensInPlace,
    ReadsBeginning,
    ReadsRanges,
    SignsUrls,
    UploadsParts,
)
from vfs.engine.entries import Entry, Version, WriteResult
from vfs.engine.errors import Conflict, StorageError
from vfs.engine.originals import CopiesFrom, TellsOriginal
from vfs.testing.layer import LayerContract
from vfs.testing.layer_store import WatchedStore
from vfs.testing.limits import ability, content, names


class VersionedStore(WatchedStore):
    """A store that keeps what was written before."""

    def __init__(self) -> None:
        super().__init__()
        self.old: dict[str, tuple[str, bytes]] = {}

    def keep(self, key: str) -> str:
        """The present content becomes an old version; its id."""
        etag = super().stat(key).etag
        version = f"v{len(self.old)}"
        assert etag is not None
        self.old[version] = (etag, bytes(super().read(key)))
        return version

    def list_versions(self, key: str) -> list[Version]:
        return [Version(number, 0, len(data), etag) for number, (etag, data) in self.old.items()]

    def restore_version(self, key: str, version: str) -> WriteResult:
        return super().write(key, self.old[version][1])

    def delete_version(self, key: str, version: str) -> None:
        del self.old[version]

    def read(
        self,
        key: str,
        start: int = 0,
        end: int | None = None,
        *,
        version: str | None = None,
        if_match: str | None = None,
    ) -> Buffer:
        if version is not None:
            return self.old[version][1][start:end]
        return super().read(key, start, end, if_match=if_match)


class IncompleteStore(WatchedStore):
    """A store whose listings leave out modes, as those of object stores do."""

    def list(self, key: str) -> Iterator[Entry]:
        for entry in super().list(key):
            yield replace(entry, mode=None, complete=False) if "partial" in entry.name else entry

    def complete_entries(self, folder: str, entries: Sequence[Entry]) -> Sequence[Entry]:
        """What is complete comes back as it was given; what was deleted drops out."""
        found = {entry.name: entry for entry in super().list(folder)}
        return [e if e.complete else found[e.name] for e in entries if e.complete or e.name in found]


class ContentLayerContract(LayerContract):
    """Shown bytes and stored bytes differ; sizes, ETags, ranges and versions are those of what is shown."""

    is_invisible = False
    drops: ClassVar[frozenset[type]] = frozenset(
        {
            CopiesFrom,
            HashesContent,
            OpensInPlace,
            ReadsBeginning,
            ReadsRanges,
            SignsUrls,
            TellsOriginal,
            UploadsParts,
        }
    )

    def test_the_store_has_other_bytes(self, backend: Backend, inner: WatchedStore) -> None:
        """And as much of them as its own size says."""
        data = b"some content, some content" * 100
        backend.write("f", data)
        assert content(inner, "f") != data
        assert inner.stat("f").size == len(content(inner, "f"))

    def test_what_was_stored_otherwise_is_refused(self, backend: Backend, inner: WatchedStore) -> None:
        """Bytes that this layer did not make are an error that names the file, never garbage."""
        for number, foreign in enumerate((b"\xff\xfe\xfd plain bytes", b"\xff" * 200)):
            inner.write(f"f{number}", foreign)
            with pytest.raises(StorageError) as caught:
                backend.read(f"f{number}")
            assert caught.value.path == f"f{number}"
            assert not isinstance(caught.value, Conflict)

    def test_what_cannot_be_read_can_be_removed(self, backend: Backend, inner: WatchedStore) -> None:
        """It is seen, listed, copied, renamed and deleted like any file; reading it stays an error."""
        inner.write("d/f", b"\xff" * 201)
        moves, copies = backend.ability(Moves), backend.ability(Copies)
        assert moves is not None
        assert copies is not None
        assert backend.stat("d/f").is_file
        copies.copy("d/f", "d/g")
        moves.move("d/f", "d/h")
        assert names(backend, "d") == ["g", "h"]
        for key in ("d/g", "d/h"):
            with pytest.raises(StorageError):
                backend.read(key)
            backend.delete(key)
        assert names(backend, "d") == []

    def test_stored_bytes_move_and_copy_as_they_are(self, backend: Backend, inner: WatchedStore) -> None:
        """Nothing binds them to their key."""
        moves, copies = backend.ability(Moves), backend.ability(Copies)
        assert moves is not None
        assert copies is not None
        backend.write("f", b"content")
        moves.move("f", "d/g")
        assert copies.copy("d/g", "h").size == 7
        assert content(self.wrap(inner), "d/g") == content(self.wrap(inner), "h") == b"content"

    def test_old_versions_are_shown_likewise(self) -> None:
        """Their sizes and contents, and what restoring one gives."""
        store = VersionedStore()
        layer = self.wrap(store)
        layer.write("f", b"the first")
        version = store.keep("f")
        layer.write("f", b"a second one")
        versions = layer.ability(KeepsVersions)
        assert versions is not None
        assert [found.size for found in versions.list_versions("f")] == [9]
        assert bytes(layer.read("f", 4, 7, version=version)) == b"fir"
        assert content(layer, "f") == b"a second one"
        assert versions.restore_version("f", version).size == 9
        assert content(layer, "f") == b"the first"

    def test_entries_are_completed_with_their_sizes(self) -> None:
        """Whatever the store's listing and this layer left out; what is gone by then drops out."""
        store = IncompleteStore()
        for number in range(5):
            self.wrap(store).write(f"d/{number}", b"x" * number)
            self.wrap(store).write(f"d/partial-{number}", b"x" * number)
        store.make_directory("d/folder")
        for layer in (self.wrap(store), self.wrap(store)):
            completes = ability(layer, CompletesEntries)
            listed = list(layer.list("d"))
            for _ in range(2):
                sizes = {entry.name: entry.size for entry in completes.complete_entries("d", listed)}
                expected = {str(n): n for n in range(5)} | {f"partial-{n}": n for n in range(5)}
                assert sizes == expected | {"folder": 0}
        store.delete("d/partial-3")
        left = {entry.name for entry in completes.complete_entries("d", listed)}
        assert "partial-3" not in left
        assert "partial-2" in left

    def test_a_file_replaced_while_it_is_read_is_read_anew(self) -> None:
        """A read that nobody pinned gives one content whole, though it takes several requests."""

        class Replaced(WatchedStore):
            replacement: bytes | None = None

            def read(
                self,
                key: str,
                start: int = 0,
                end: int | None = None,
                *,
                version: str | None = None,
                if_match: str | None = None,
            ) -> Buffer:
                if self.replacement is not None:
                    stored, self.replacement = self.replacement, None
                    self.write("f", stored)
                return super().read(key, start, end, version=version, if_match=if_match)

        store = Replaced()
        layer = self.wrap(store)
        layer.write("f", b"new" * 100_000)
        replacement = content(store, "f")
        layer.write("f", b"old" * 100_000)
        etag = layer.stat("f").etag
        store.replacement = replacement
        assert bytes(self.wrap(store).read("f", 200_001, 200_004)) == b"new"
        with pytest.raises(Conflict):
            self.wrap(store).read("f", if_match=etag)
