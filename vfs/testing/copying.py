"""Copies and moves inside any backend that has them."""

from functools import partial

import pytest

from vfs.engine.backend import Backend, Copies, KeepsMetadata, Moves
from vfs.engine.errors import (
    AlreadyExists,
    DirectoryNotEmpty,
    InvalidPath,
    IsADirectory,
    NotADirectory,
    NotFound,
)
from vfs.testing.files import winners
from vfs.testing.limits import Limits, ability, content, names


class CopyContract(Limits):
    """Promises of `Copies`."""

    def test_a_copy_is_a_file_of_its_own(self, backend: Backend) -> None:
        """Both have the content, and later changes of one leave the other."""
        copies = ability(backend, Copies)
        backend.write("source", b"content")
        result = copies.copy("source", "new/folder/target")
        assert (result.path, result.size) == ("new/folder/target", 7)
        assert backend.stat("new/folder/target").etag == result.etag
        backend.write("source", b"changed")
        assert content(backend, "new/folder/target") == b"content"

    def test_a_copy_replaces_a_file_or_is_refused(self, backend: Backend) -> None:
        """`overwrite=False` spares what is there."""
        copies = ability(backend, Copies)
        backend.write("source", b"new")
        backend.write("target", b"old")
        with pytest.raises(AlreadyExists):
            copies.copy("source", "target", overwrite=False)
        assert content(backend, "target") == b"old"
        copies.copy("source", "target")
        assert content(backend, "target") == b"new"

    def test_metadata_goes_along_with_a_copy(self, backend: Backend) -> None:
        """User metadata of the source are the target's too."""
        copies = ability(backend, Copies)
        ability(backend, KeepsMetadata)
        backend.write("source", b"x", metadata={"colour": "red"})
        copies.copy("source", "target")
        assert backend.stat("target").metadata == {"colour": "red"}

    def test_copying_tells_what_is_wrong(self, backend: Backend) -> None:
        """A missing source comes before any problem with the target; folders are no files."""
        copies = ability(backend, Copies)
        backend.make_directory("d")
        backend.write("f", b"x")
        with pytest.raises(NotFound):
            copies.copy("absent", "d")
        with pytest.raises(NotFound):
            copies.copy("f/below", "target")
        with pytest.raises(IsADirectory):
            copies.copy("d", "target")
        with pytest.raises(IsADirectory):
            copies.copy("", "target")
        with pytest.raises(IsADirectory):
            copies.copy("f", "d")
        with pytest.raises(InvalidPath):
            copies.copy("f", "../out")

    def test_a_copy_onto_itself_keeps_the_content(self, backend: Backend) -> None:
        """Source and target may be one key."""
        copies = ability(backend, Copies)
        backend.write("f", b"content")
        copies.copy("f", "f")
        assert content(backend, "f") == b"content"


class MoveContract(Limits):
    """Promises of `Moves`."""

    def test_a_file_moves(self, backend: Backend) -> None:
        """The target has the content, the source is gone, and its folder stays."""
        moves = ability(backend, Moves)
        backend.write("from/f", b"content")
        moves.move("from/f", "to/new/g")
        assert content(backend, "to/new/g") == b"content"
        assert backend.stat("to/new/g").name == "g"
        assert names(backend, "from") == []

    def test_a_folder_moves_with_everything_below(self, backend: Backend) -> None:
        """All below answers under the new key and not under the old."""
        moves = ability(backend, Moves)
        backend.write("a/f", b"1")
        backend.write("a/b/g", b"2")
        backend.make_directory("a/empty")
        moves.move("a", "z")
        assert names(backend) == ["z"]
        assert names(backend, "z") == ["b", "empty", "f"]
        assert content(backend, "z/b/g") == b"2"
        with pytest.raises(NotFound):
            backend.read("a/b/g")

    def test_a_move_replaces_a_file(self, backend: Backend) -> None:
        """The old target is gone as if it had been deleted."""
        moves = ability(backend, Moves)
        backend.write("source", b"new")
        backend.write("target", b"old, and longer")
        moves.move("source", "target")
        assert content(backend, "target") == b"new"
        assert names(backend) == ["target"]

    def test_a_folder_replaces_an_empty_folder_only(self, backend: Backend) -> None:
        """A folder with something in it is not replaced."""
        moves = ability(backend, Moves)
        backend.write("source/f", b"x")
        backend.make_directory("empty")
        backend.write("full/g", b"y")
        with pytest.raises(DirectoryNotEmpty):
            moves.move("source", "full")
        moves.move("source", "empty")
        assert names(backend) == ["empty", "full"]
        assert names(backend, "empty") == ["f"]

    def test_a_move_keeps_kinds_apart(self, backend: Backend) -> None:
        """A file never replaces a folder, nor a folder a file."""
        moves = ability(backend, Moves)
        backend.write("f", b"x")
        backend.make_directory("d")
        with pytest.raises(IsADirectory):
            moves.move("f", "d")
        with pytest.raises(NotADirectory):
            moves.move("d", "f")
        with pytest.raises(NotADirectory):
            moves.move("d", "f/below")
        assert names(backend) == ["d", "f"]

    def test_a_move_can_refuse_to_replace(self, backend: Backend) -> None:
        """`overwrite=False` is AlreadyExists for a file, a folder, and the entry itself."""
        moves = ability(backend, Moves)
        backend.write("f", b"f")
        backend.write("g", b"g")
        backend.make_directory("d")
        backend.make_directory("e")
        for source, target in (("f", "g"), ("f", "d"), ("d", "e"), ("d", "f"), ("f", "f")):
            with pytest.raises(AlreadyExists):
                moves.move(source, target, overwrite=False)
        moves.move("f", "h", overwrite=False)
        moves.move("d", "i", overwrite=False)
        assert names(backend) == ["e", "g", "h", "i"]

    def test_one_of_eight_movers_wins(self, backend: Backend) -> None:
        """Of concurrent moves to one free key exactly one succeeds."""
        moves = ability(backend, Moves)
        for number in range(8):
            backend.write(f"source-{number}", str(number).encode())

        def attempt(number: int) -> bytes:
            moves.move(f"source-{number}", "target", overwrite=False)
            return str(number).encode()

        won = winners([partial(attempt, number) for number in range(8)], AlreadyExists)
        assert [content(backend, "target")] == won
        assert len(names(backend)) == 8

    def test_two_entries_are_exchanged(self, backend: Backend) -> None:
        """Files, folders, and one with the other."""
        moves = ability(backend, Moves)
        backend.write("f", b"file")
        backend.write("d/inside", b"inside")
        backend.write("g", b"other")
        moves.move("f", "g", exchange=True)
        assert (content(backend, "f"), content(backend, "g")) == (b"other", b"file")
        moves.move("f", "d", exchange=True)
        assert content(backend, "d") == b"other"
        assert content(backend, "f/inside") == b"inside"
        assert backend.stat("f").name == "f"
        with pytest.raises(NotFound):
            moves.move("f", "absent", exchange=True)

    def test_moving_onto_itself_changes_nothing(self, backend: Backend) -> None:
        """Source and target may be one key."""
        moves = ability(backend, Moves)
        backend.write("d/f", b"content")
        moves.move("d/f", "d/f")
        moves.move("d", "d")
        assert content(backend, "d/f") == b"content"

    def test_a_folder_cannot_move_below_itself(self, backend: Backend) -> None:
        """Such a move is InvalidPath and makes nothing; so is any move of the root."""
        moves = ability(backend, Moves)
        backend.make_directory("d")
        for source, target in (("d", "d/below"), ("d", "d/far/below"), ("", "elsewhere"), ("", "")):
            with pytest.raises(InvalidPath):
                moves.move(source, target)
        for source, target in (("", ""), ("", "d"), ("d", "")):
            with pytest.raises(InvalidPath):
                moves.move(source, target, exchange=True)
        assert names(backend) == ["d"]
        assert names(backend, "d") == []

    def test_nothing_replaces_the_root(self, backend: Backend) -> None:
        """The root is a folder that is not empty, since the source is in it."""
        moves = ability(backend, Moves)
        backend.write("f", b"x")
        backend.make_directory("d")
        with pytest.raises(IsADirectory):
            moves.move("f", "")
        with pytest.raises(DirectoryNotEmpty):
            moves.move("d", "")
        assert names(backend) == ["d", "f"]

    def test_a_missing_source_comes_first(self, backend: Backend) -> None:
        """Whatever stands at the target, and nothing is made on the way."""
        moves = ability(backend, Moves)
        backend.make_directory("d")
        backend.write("f", b"x")
        for target in ("d", "f", "f/below", "new/folder/target"):
            with pytest.raises(NotFound) as caught:
                moves.move("absent", target)
            assert caught.value.path == "absent"
        assert names(backend) == ["d", "f"]
