"""Folders of any backend: making, listing, removing, the root."""

import inspect
from concurrent.futures import ThreadPoolExecutor

import pytest

from vfs.engine.backend import Backend
from vfs.engine.entries import EntryKind
from vfs.engine.errors import AlreadyExists, DirectoryNotEmpty, NotADirectory, NotFound, PermissionDenied
from vfs.testing.files import winners
from vfs.testing.limits import Limits, content, names


class FolderContract(Limits):
    """Promises about folders."""

    def test_the_root_is_an_empty_folder_at_first(self, backend: Backend) -> None:
        """The root exists before anything was written."""
        root = backend.stat("")
        assert (root.name, root.kind) == ("", EntryKind.FOLDER)
        assert names(backend) == []

    def test_the_root_cannot_be_made_or_removed(self, backend: Backend) -> None:
        """The root is there already, and stays."""
        with pytest.raises(AlreadyExists):
            backend.make_directory("")
        with pytest.raises(PermissionDenied):
            backend.remove_directory("")
        assert backend.stat("").is_folder

    def test_an_empty_folder_lasts(self, backend: Backend) -> None:
        """A made folder is there, empty, and told by its parent's listing."""
        entry = backend.make_directory("d")
        assert (entry.name, entry.kind) == ("d", EntryKind.FOLDER)
        assert backend.stat("d").is_folder
        assert names(backend, "d") == []
        assert [(child.name, child.kind) for child in backend.list("")] == [("d", EntryKind.FOLDER)]

    def test_making_a_folder_makes_those_above(self, backend: Backend) -> None:
        """`make_directory` needs no parent, and each folder above is listed once."""
        backend.make_directory("a/b/c")
        assert (names(backend), names(backend, "a"), names(backend, "a/b")) == (["a"], ["b"], ["c"])

    def test_writing_a_file_makes_the_folders_above(self, backend: Backend) -> None:
        """A file's folders are there as if they had been made."""
        backend.write("a/b/f", b"x")
        assert backend.stat("a/b").is_folder
        assert (names(backend), names(backend, "a"), names(backend, "a/b")) == (["a"], ["b"], ["f"])

    def test_a_name_is_taken_once(self, backend: Backend) -> None:
        """A folder can be made where nothing is: neither over a folder, an implied one, nor a file."""
        backend.make_directory("d")
        backend.write("implied/f", b"x")
        backend.write("f", b"x")
        for key in ("d", "implied", "f"):
            with pytest.raises(AlreadyExists):
                backend.make_directory(key)
        assert content(backend, "f") == b"x"

    def test_deleting_the_last_file_keeps_the_folder(self, backend: Backend) -> None:
        """A folder goes only when it is removed, also one that a file's key made."""
        backend.write("d/f", b"x")
        backend.delete("d/f")
        assert backend.stat("d").is_folder
        assert names(backend) == ["d"]
        assert names(backend, "d") == []

    def test_only_an_empty_folder_is_removed(self, backend: Backend) -> None:
        """A folder that holds a file or a folder is DirectoryNotEmpty."""
        backend.write("d/f", b"x")
        backend.make_directory("e/sub")
        for key in ("d", "e"):
            with pytest.raises(DirectoryNotEmpty):
                backend.remove_directory(key)
        backend.delete("d/f")
        backend.remove_directory("d")
        with pytest.raises(NotFound):
            backend.stat("d")
        assert names(backend) == ["e"]

    def test_removing_tells_what_is_wrong(self, backend: Backend) -> None:
        """A file is NotADirectory, nothing is NotFound."""
        backend.write("f", b"x")
        with pytest.raises(NotADirectory):
            backend.remove_directory("f")
        with pytest.raises(NotFound):
            backend.remove_directory("absent")
        assert content(backend, "f") == b"x"

    def test_listing_tells_what_is_wrong(self, backend: Backend) -> None:
        """A file is NotADirectory, nothing is NotFound, before any entry is given."""
        backend.write("f", b"x")
        with pytest.raises(NotADirectory):
            next(iter(backend.list("f")))
        with pytest.raises(NotFound):
            next(iter(backend.list("absent")))

    def test_a_listing_shows_one_level(self, backend: Backend) -> None:
        """Each child once, with its kind; nothing from deeper or from neighbours with the same beginning."""
        for key in ("d/one", "d/two", "d/sub/deep", "d.txt", "dd/other"):
            backend.write(key, b"x")
        backend.make_directory("d/empty")
        listed = {entry.name: entry.kind for entry in backend.list("d")}
        assert listed == {
            "one": EntryKind.FILE,
            "two": EntryKind.FILE,
            "sub": EntryKind.FOLDER,
            "empty": EntryKind.FOLDER,
        }
        assert len(list(backend.list("d"))) == 4

    def test_a_listing_is_lazy_and_can_be_left(self, backend: Backend) -> None:
        """`list` is an iterator, and leaving it half read harms nothing."""
        for number in range(30):
            backend.write(f"d/{number}", b"x")
        listing = backend.list("d")
        assert iter(listing) is listing
        assert not inspect.isawaitable(listing)
        next(listing)
        del listing
        backend.delete("d/0")
        assert len(names(backend, "d")) == 29

    def test_a_folder_of_many_files_lists_each_once(self, backend: Backend) -> None:
        """More entries than a page holds come whole and without repeats."""
        expected = sorted(f"file-{number:04}" for number in range(self.many_files))
        with ThreadPoolExecutor(8) as pool:
            list(pool.map(lambda name: backend.write(f"many/{name}", b""), expected))
        assert names(backend, "many") == expected

    def test_a_listing_tells_what_stat_tells(self, backend: Backend) -> None:
        """An entry from a listing that calls itself complete equals the one from `stat`."""
        backend.write("d/f", b"content")
        backend.make_directory("d/sub")
        for listed in backend.list("d"):
            stat = backend.stat(f"d/{listed.name}")
            if listed.complete:
                assert listed == stat
            else:
                assert (listed.name, listed.kind, listed.size) == (stat.name, stat.kind, stat.size)

    def test_one_of_eight_makers_wins(self, backend: Backend) -> None:
        """Of concurrent makers of one folder exactly one succeeds."""
        won = winners([lambda: backend.make_directory("contested")] * 8, AlreadyExists)
        assert len(won) == 1

    def test_many_threads_write_into_one_new_folder(self, backend: Backend) -> None:
        """Racing to make the folders above a file fails nobody."""
        with ThreadPoolExecutor(8) as pool:
            list(pool.map(lambda number: backend.write(f"new/deep/{number}", b"x"), range(16)))
        assert len(names(backend, "new/deep")) == 16
