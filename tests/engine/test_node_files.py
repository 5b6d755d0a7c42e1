"""File objects of nodes: the standard library's own, over each kind of mount."""

import csv
import gc
import io
import zipfile
from typing import IO, Any

import pytest

from tests.stacks import stack_of
from vfs.engine.errors import AlreadyExists, BackendUnavailable, IsADirectory, NotFound
from vfs.engine.nodes import StorageNode
from vfs.storage import StorageManager


def write_half(file: IO[Any], content: str | bytes) -> None:
    """Fail in the middle of a `with` block."""
    with file:
        file.write(content)
        raise RuntimeError


def write_and_forget(node: StorageNode, mode: str) -> None:
    """Write to a file that nobody closes."""
    node.open(mode).write("x" if mode == "w" else b"x")
    gc.collect()


@pytest.fixture
def node(root: StorageNode) -> StorageNode:
    return root / "folder" / "file"


def test_the_classes_are_those_of_the_standard_library(node: StorageNode) -> None:
    """With the names and modes that the built-in open gives them."""
    expected = {
        "w": io.TextIOWrapper,
        "wb": io.BufferedWriter,
        "w+b": io.BufferedRandom,
        "r": io.TextIOWrapper,
        "rb": io.BufferedReader,
        "r+b": io.BufferedRandom,
        "ab": io.BufferedWriter,
        "a+b": io.BufferedRandom,
    }
    for mode, kind in expected.items():
        with node.open(mode) as file:
            assert isinstance(file, kind)
            assert (file.name, file.seekable()) == (node.fullpath, True)
            assert (file.readable(), file.writable()) == ("r" in mode or "+" in mode, mode not in {"r", "rb"})


def test_text_has_encoding_errors_and_newlines(node: StorageNode) -> None:
    """UTF-8 unless told otherwise; what the built-in open does with line ends."""
    with node.open("w", newline="\r\n") as file:
        file.write("één\ntwo\n")
    assert node.read_bytes() == "één\r\ntwo\r\n".encode()
    with node.open() as file:
        assert list(file) == ["één\n", "two\n"]
    with node.open(newline="") as file:
        assert file.readline() == "één\r\n"
    with node.open(encoding="ascii", errors="replace") as file:
        assert file.readline() == "\ufffd\ufffd\ufffd\ufffdn\n"


def test_reading_anywhere(node: StorageNode) -> None:
    """Seek, tell, peek, readinto, iterate."""
    content = b"".join(b"line %d\n" % n for n in range(100_000))
    node.write_bytes(content)
    with node.open("rb") as file:
        assert file.read(5) == content[:5]
        assert file.seek(-7, io.SEEK_END) == len(content) - 7
        assert file.read() == content[-7:]
        file.seek(500_000)
        buffer = bytearray(200_000)
        assert file.readinto(buffer) == 200_000
        assert buffer == content[500_000:700_000]
        assert file.tell() == 700_000
        file.seek(0)
        assert sum(1 for _ in file) == 100_000


def test_a_new_file_is_seen_when_it_is_closed(node: StorageNode) -> None:
    """Until then, others see the old one."""
    node.write_text("old")
    with node.open("w") as file:
        file.write("new")
        file.flush()
        assert node.read() == "old"
    assert node.read() == "new"


def test_a_failed_block_leaves_the_old_file(node: StorageNode) -> None:
    """In every mode that makes a new file, text or binary, however much was written."""
    node.write_text("old")
    for mode in ("w", "wb", "w+", "w+b"):
        with pytest.raises(RuntimeError):
            write_half(node.open(mode), "x" * 300_000 if "b" not in mode else b"x" * 300_000)
        assert node.read() == "old"
    with pytest.raises(RuntimeError):
        write_half((node.parent / "other").open("x"), "x")
    assert [child.name for child in node.parent.children()] == ["file"]


def test_a_file_that_nobody_closes_is_not_written(node: StorageNode) -> None:
    """A half-written file is not taken for a whole one; a warning says so."""
    node.write_text("old")
    for mode in ("w", "wb"):
        with pytest.warns(ResourceWarning, match="never closed, so not written"):
            write_and_forget(node, mode)
        assert node.read() == "old"


def test_wrong_arguments_leave_the_old_file(node: StorageNode) -> None:
    """They are refused as the built-in open does."""
    node.write_text("old")
    for mode in ("", "q", "rw", "rr", "wbt", "+", "b", "r++"):
        with pytest.raises(ValueError, match="invalid mode"):
            node.open(mode)
    with pytest.raises(ValueError, match="binary"):
        node.open("wb", encoding="utf-8")  # type: ignore[call-overload]
    with pytest.raises(LookupError):
        node.open("w", encoding="no-such-encoding")
    assert node.read() == "old"


def test_exclusive_creation(node: StorageNode) -> None:
    """`x` takes a free name only, at opening and again at closing."""
    with node.open("xb") as file:
        file.write(b"first")
    with pytest.raises(AlreadyExists):
        node.open("xb")
    node.delete()
    late = node.open("xb")
    late.write(b"late")
    node.write_bytes(b"quicker")
    with pytest.raises(AlreadyExists):
        late.close()
    assert node.read_bytes() == b"quicker"


def test_appending(node: StorageNode) -> None:
    """A missing file is made; wherever the position is, bytes go to the end."""
    with node.open("a") as file:
        file.write("one ")
    with node.open("a+b") as file:
        assert file.tell() == 4
        file.seek(0)
        assert file.read() == b"one "
        file.seek(0)
        file.write(b"two")
    assert node.read() == "one two"


def test_updating_in_place(node: StorageNode) -> None:
    """`r+` changes the file that is there, `w+` a new one."""
    with pytest.raises(NotFound):
        node.open("r+b")
    node.write_bytes(b"0123456789")
    with node.open("r+b") as file:
        assert file.read(2) == b"01"
        file.write(b"XX")
        file.seek(8)
        file.truncate()
        file.seek(0)
        assert file.read() == b"01XX4567"
    assert node.read_bytes() == b"01XX4567"
    with node.open("w+b") as file:
        file.write(b"new")
        file.seek(1)
        assert file.read() == b"ew"
        file.seek(5)
        file.write(b"!")
    assert node.read_bytes() == b"new\0\0!"


def test_a_folder_cannot_be_opened(root: StorageNode) -> None:
    """In no mode."""
    (root / "d").mkdir()
    for mode in ("rb", "r+b", "wb", "ab"):
        with pytest.raises(IsADirectory):
            (root / "d").open(mode)


def test_closed_files_refuse(node: StorageNode) -> None:
    """As any file object does; closing again is harmless."""
    file = node.open("wb")
    file.close()
    file.close()
    with pytest.raises(ValueError, match="closed"):
        file.write(b"x")
    with node.open("rb") as reader, pytest.raises(io.UnsupportedOperation):
        reader.write(b"x")


def test_libraries_take_them(node: StorageNode) -> None:
    """What reads and writes file objects works on a mount."""
    with node.open("w", newline="") as file:
        csv.writer(file).writerows([["a", "b"], ["1", "2"]])
    with node.open(newline="") as file:
        assert list(csv.reader(file)) == [["a", "b"], ["1", "2"]]
    with node.open("wb") as raw, zipfile.ZipFile(raw, "w") as archive:
        archive.writestr("one", b"1" * 1000)
    with node.open("rb") as raw, zipfile.ZipFile(raw) as archive:
        assert archive.read("one") == b"1" * 1000


def test_closing_raises_what_saving_ran_into(
    storage: StorageManager, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A store that does not answer is heard of, with the place; the old file is still there."""
    node = storage.node("memory:a")
    node.write_text("old")

    def unreachable(*_: object, **__: object) -> None:
        raise BackendUnavailable("the store does not answer")

    file = node.open("w")
    file.write("new")
    with monkeypatch.context() as patch:
        patch.setattr(stack_of(storage, "memory"), "write", unreachable)
        with pytest.raises(BackendUnavailable, match=r"^mount 'memory'|^memory:a"):
            file.close()
    assert file.closed
    assert node.read() == "old"
