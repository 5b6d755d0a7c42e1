"""Contents through `vfs://`: file objects, ranges, whole files, transfers, transactions."""

import gzip
import io
import os
from pathlib import Path

import fsspec
import pytest
from fsspec.callbacks import Callback

import vfs
from tests.fsspec.watched import WatchedStorage
from vfs.fsspec import VfsFileSystem

DIGITS = b"0123456789"


def test_a_file_opens_as_those_of_the_standard_library(fs: VfsFileSystem) -> None:
    """Seekable, with a size, in text as UTF-8 unless told otherwise."""
    with fs.open("memory/d/f", "w") as file:
        file.write("zwölf")
    with fs.open("memory/d/f", "rb") as file:
        assert isinstance(file, io.BufferedReader)
        assert (file.read(2), file.size, file.read()) == (b"zw", 6, "ölf".encode())
        assert file.seek(-2, io.SEEK_END) == 4
    with fs.open("memory/d/f", encoding="utf-8", mode="r") as file:
        assert file.read() == "zwölf"
    with fs.open("memory/d/f", "ab") as file:
        file.write(b"!")
    assert fs.cat_file("memory/d/f") == "zwölf!".encode()


@pytest.mark.parametrize("mode", ["wb", "w"])
@pytest.mark.parametrize("compression", [None, "gzip"])
def test_a_failed_block_leaves_the_old_file(fs: VfsFileSystem, mode: str, compression: str | None) -> None:
    """Half a file never takes its place, packed or not, bytes or text."""
    fs.pipe_file("memory/f", b"old")

    def fail_in_the_middle() -> None:
        with fs.open("memory/f", mode, compression=compression) as file:
            file.write("half" if mode == "w" else b"half")
            raise RuntimeError("in the middle")

    with pytest.raises(RuntimeError, match="in the middle"):
        fail_in_the_middle()
    assert fs.cat_file("memory/f") == b"old"


@pytest.mark.parametrize("opened", ["by the file system", "by fsspec"])
@pytest.mark.parametrize("kind", ["b", "t"])
def test_packed_files_are_packed_whole(fs: VfsFileSystem, opened: str, kind: str) -> None:
    """What is written with a compression is all there when the block ends."""
    data = "line\n" * 10_000
    path, mode = "vfs://memory/f.gz", f"w{kind}"
    if opened == "by fsspec":
        opening = fsspec.open(path, mode, compression="infer", storage=fs.storage)
    else:
        opening = fs.open(path, mode, compression="infer")
    with opening as file:
        file.write(data if kind == "t" else data.encode())
    assert gzip.decompress(fs.cat_file("memory/f.gz")) == data.encode()
    with fs.open("memory/f.gz", f"r{kind}", compression="gzip") as file:
        assert file.read() == (data if kind == "t" else data.encode())


@pytest.mark.parametrize("start", [None, 0, 3, 10, 20, -3, -20])
@pytest.mark.parametrize("end", [None, 0, 5, 10, 20, -2, -20])
def test_ranges_are_those_of_slices(fs: VfsFileSystem, start: int | None, end: int | None) -> None:
    """Negative ends count from the end; what is not there is left out."""
    fs.pipe_file("memory/f", DIGITS)
    assert fs.cat_file("memory/f", start, end) == DIGITS[start:end]
    assert fs.cat_ranges(["memory/f", "memory/f"], start, [end, None]) == [DIGITS[start:end], DIGITS[start:]]


def test_many_ranges_of_many_files(fs: VfsFileSystem, watched: WatchedStorage) -> None:
    """In the order asked for, each file opened once; what fails stands in its place, or is raised."""
    for number in range(30):
        watched.write(f"d/{number}", DIGITS * 100)
    paths = [f"watched/d/{number}" for number in range(30)] * 3 + ["watched/d/absent"]
    starts = list(range(91))
    watched.requests.clear()
    found = fs.cat_ranges(paths, starts, [start + 4 for start in starts])
    assert found[:90] == [(DIGITS * 100)[start : start + 4] for start in range(90)]
    assert isinstance(found[90], vfs.NotFound)
    reads = [request for request in watched.requests if request.startswith("read")]
    assert len(reads) == len(set(reads)) == 30
    with pytest.raises(vfs.NotFound):
        fs.cat_ranges(paths, 0, 1, on_error="raise")
    with pytest.raises(ValueError, match="zip"):
        fs.cat_ranges(paths, [0], [1])


def test_many_files_at_once(fs: VfsFileSystem) -> None:
    """A dict by path; what fails is raised, left out or handed out."""
    contents = {f"memory/d/{number}": str(number).encode() for number in range(20)}
    fs.pipe(contents)
    assert fs.cat(list(contents)) == contents
    assert fs.cat("memory/d/*") == contents
    assert fs.cat("memory/d", recursive=True) == contents
    wanted = ["memory/d/1", "memory/d/absent"]
    with pytest.raises(vfs.NotFound):
        fs.cat(wanted)
    assert fs.cat(wanted, on_error="omit") == {"memory/d/1": b"1"}
    assert isinstance(fs.cat(wanted, on_error="return")["memory/d/absent"], vfs.NotFound)


def test_a_mapping_of_fsspec_stands_on_it(fs: VfsFileSystem) -> None:
    """As zarr's older versions and others use it: absence is KeyError."""
    mapper = fs.get_mapper("memory/map")
    mapper["a/b"] = b"1"
    mapper.setitems({"c": b"2"})
    assert dict(mapper) == {"a/b": b"1", "c": b"2"}
    assert mapper.getitems(["c", "absent"], on_error="omit") == {"c": b"2"}
    with pytest.raises(KeyError):
        mapper["absent"]
    del mapper["c"]
    assert list(mapper) == ["a/b"]


def test_only_a_free_name_is_created(fs: VfsFileSystem, tmp_path: Path) -> None:
    """By every way to write."""
    fs.pipe_file("memory/f", b"old", mode="create")
    (tmp_path / "here").write_bytes(b"new")
    for write in (
        lambda: fs.pipe_file("memory/f", b"new", mode="create"),
        lambda: fs.put_file(f"{tmp_path}/here", "memory/f", mode="create"),
        lambda: fs.open("memory/f", "xb"),
    ):
        with pytest.raises(vfs.AlreadyExists):
            write()
    assert fs.cat_file("memory/f") == b"old"


class Told(Callback):
    """A callback that keeps what it was told."""

    def __init__(self) -> None:
        super().__init__()
        self.steps: list[int] = []

    def relative_update(self, inc: int = 1) -> None:
        super().relative_update(inc)
        self.steps.append(inc)


def test_transfers_stream_and_tell_how_far_they_are(fs: VfsFileSystem, tmp_path: Path) -> None:
    """In pieces, in both directions, into files that are open too."""
    data = os.urandom(3 << 20)
    (tmp_path / "here").write_bytes(data)
    up, down = Told(), Told()
    fs.put_file(f"{tmp_path}/here", "watched/d/there", callback=up)
    assert (up.size, up.value, max(up.steps)) == (len(data), len(data), 1 << 20)
    fs.get_file("watched/d/there", f"{tmp_path}/new/folder/back", callback=down)
    assert (tmp_path / "new/folder/back").read_bytes() == data
    assert (down.size, down.value, max(down.steps)) == (len(data), len(data), 1 << 20)
    into = io.BytesIO()
    fs.get_file("watched/d/there", into)
    assert into.getvalue() == data
    fs.get_file("watched/d", f"{tmp_path}/folder")
    assert (tmp_path / "folder").is_dir()


def test_a_transaction_publishes_at_its_end(fs: VfsFileSystem, tmp_path: Path) -> None:
    """Nothing is seen before; files written by whichever call take their places then."""
    (tmp_path / "here").write_bytes(b"put")
    fs.pipe_file("memory/d/old", b"old")
    with fs.transaction:
        fs.pipe_file("memory/d/piped", b"piped")
        fs.put_file(f"{tmp_path}/here", "memory/d/put")
        with fs.open("memory/d/old", "w") as file:
            file.write("new")
        with fs.open("memory/d/packed.gz", "wb", compression="gzip") as file:
            file.write(b"packed")
        assert fs.find("memory/d") == ["memory/d/old"]
        assert fs.cat_file("memory/d/old") == b"old"
    names = ["memory/d/old", "memory/d/packed.gz", "memory/d/piped", "memory/d/put"]
    assert fs.find("memory/d") == names
    packed, rest = fs.cat_file(names[1]), fs.cat([names[0], *names[2:]])
    assert gzip.decompress(packed) == b"packed"
    assert list(rest.values()) == [b"new", b"piped", b"put"]


def test_a_failed_transaction_leaves_everything(fs: VfsFileSystem) -> None:
    """Old files stay, new ones are not there, and the file system is out of the transaction."""
    fs.pipe_file("memory/old", b"old")

    def fail_in_the_middle() -> None:
        with fs.transaction:
            fs.pipe_file("memory/old", b"new")
            fs.pipe_file("memory/more", b"new")
            raise RuntimeError("in the middle")

    with pytest.raises(RuntimeError, match="in the middle"):
        fail_in_the_middle()
    assert fs.find("memory") == ["memory/old"]
    assert fs.cat_file("memory/old") == b"old"
    fs.pipe_file("memory/more", b"at once")
    assert fs.cat_file("memory/more") == b"at once"


@pytest.mark.parametrize("mode", ["wb", "w"])
@pytest.mark.parametrize("compression", [None, "gzip"])
def test_a_failed_block_has_no_part_in_a_transaction(
    fs: VfsFileSystem, mode: str, compression: str | None
) -> None:
    """Who survives it inside of the transaction publishes the other files, and not half of this one."""
    fs.pipe_file("memory/f", b"old")

    def fail_in_the_middle() -> None:
        with fs.open("memory/f", mode, compression=compression) as file:
            file.write("half" if mode == "w" else b"half")
            raise RuntimeError("in the middle")

    with fs.transaction:
        with pytest.raises(RuntimeError, match="in the middle"):
            fail_in_the_middle()
        fs.pipe_file("memory/other", b"whole")
    assert fs.cat_file("memory/f") == b"old"
    assert fs.cat_file("memory/other") == b"whole"


def test_a_transaction_takes_new_files_only(fs: VfsFileSystem) -> None:
    """What cannot be held back is refused; a taken name is found when it begins or when it ends."""
    fs.pipe_file("memory/f", b"old")
    with fs.transaction:
        for mode in ("ab", "r+b"):
            with pytest.raises(vfs.CapabilityNotSupported):
                fs.open("memory/f", mode)
        with pytest.raises(vfs.AlreadyExists):
            fs.open("memory/f", "xb")


def test_reading_ahead_pays_here_too(fs: VfsFileSystem, watched: WatchedStorage) -> None:
    """A file read line by line is fetched in big pieces."""
    watched.write("lines", b"a line of a file\n" * 500_000)
    watched.requests.clear()
    with fs.open("watched/lines", "rb") as file:
        assert sum(1 for _ in file) == 500_000
    assert len([request for request in watched.requests if request.startswith("read")]) < 15
