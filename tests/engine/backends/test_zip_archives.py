"""Archives that others made or read: foreign forms, hostile ones, and changes by several hands."""

import bz2
import os
import stat as stat_bits
import struct
import time
import tracemalloc
import warnings
import zipfile
import zlib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from vfs.engine.backends.zip import ZipBackend, ZipOptions
from vfs.engine.capabilities import Capability
from vfs.engine.entries import Attributes, EntryKind
from vfs.engine.errors import CapabilityNotSupported, NotFound, PermissionDenied, StorageError
from vfs.testing.limits import content, names


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "archive.zip"


def opened(path: Path, **options: object) -> ZipBackend:
    return ZipBackend(ZipOptions.model_validate({"path": path, **options}))


def made(path: Path, members: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> None:
    with zipfile.ZipFile(path, "w", method) as archive:
        for name, data in members.items():
            archive.writestr(name, data)


def test_other_tools_read_what_was_written(path: Path) -> None:
    """Python's own reader finds content, names, modes and times, and nothing damaged."""
    backend = opened(path)
    mtime = 1_600_000_000 * 10**9
    backend.write("d/naïve.txt", b"x" * 5000, attributes=Attributes(mode=0o640, mtime_ns=mtime))
    backend.make_symlink("link", "d/naïve.txt")
    backend.make_directory("empty")
    backend.move("d", "moved ☃")
    with zipfile.ZipFile(path) as archive:
        assert archive.testzip() is None
        assert set(archive.namelist()) == {"moved ☃/naïve.txt", "link", "empty/"}
        assert archive.read("moved ☃/naïve.txt") == b"x" * 5000
        file = archive.getinfo("moved ☃/naïve.txt")
        assert file.external_attr >> 16 == stat_bits.S_IFREG | 0o640
        assert file.date_time == time.localtime(1_600_000_000)[:6]
        assert file.compress_size < 100
        assert stat_bits.S_ISLNK(archive.getinfo("link").external_attr >> 16)


def test_archives_of_others_are_read(path: Path) -> None:
    """Folders that only names show, times in DOS form, modes, and names in an old code page."""
    with zipfile.ZipFile(path, "w") as archive:
        info = zipfile.ZipInfo("a/b/f.txt", (2001, 2, 3, 4, 5, 6))
        info.external_attr = (stat_bits.S_IFREG | 0o751) << 16
        archive.writestr(info, b"content")
    data = path.read_bytes().replace(b"f.txt", b"\x84.txt")
    path.write_bytes(data)
    backend = opened(path)
    assert names(backend, "a/b") == ["ä.txt"]
    entry = backend.stat("a/b/ä.txt")
    assert entry.mode == 0o751
    assert entry.mtime_ns == int(time.mktime((2001, 2, 3, 4, 5, 6, 0, 0, -1))) * 10**9
    backend.write("new", b"x")
    assert content(opened(path), "a/b/ä.txt") == b"content"
    assert names(opened(path, encoding="cp1252"), "a/b") == ["„.txt"]


def test_a_folder_outlasts_its_last_file_in_an_archive_of_others(path: Path) -> None:
    """Also where the folder had no member of its own."""
    made(path, {"d/f": b"x", "e/g": b"y"})
    backend = opened(path)
    backend.delete("d/f")
    backend.move("e/g", "h")
    assert names(opened(path)) == ["d", "e", "h"]


@pytest.mark.parametrize("name", ["../out", "a/../../out", "..", "x\\..\\y/../z"])
def test_names_that_lead_out_are_not_shown(path: Path, name: str) -> None:
    """Such members are at no key, and are kept as they are when others change."""
    made(path, {name: b"evil", "good": b"x"})
    backend = opened(path)
    assert names(backend) == ["good"]
    backend.write("new", b"y")
    with zipfile.ZipFile(path) as archive:
        assert archive.namelist() == [name, "good", "new"]
        assert archive.read(name) == b"evil"


def test_absolute_names_are_below_the_mount(path: Path) -> None:
    """A leading slash, doubled ones and `.` mean nothing."""
    made(path, {"/etc/passwd": b"x", "./a//b": b"y"})
    backend = opened(path)
    assert (names(backend), names(backend, "etc"), names(backend, "a")) == (["a", "etc"], ["passwd"], ["b"])
    assert content(backend, "etc/passwd") == b"x"


def test_of_two_members_of_one_name_the_later_counts(path: Path) -> None:
    """And the earlier does not come to light again when the later goes."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("f", b"old")
            archive.writestr("f", b"newer")
    backend = opened(path)
    assert names(backend) == ["f"]
    assert content(backend, "f") == b"newer"
    backend.delete("f")
    assert names(opened(path)) == []


def test_a_key_that_has_others_below_it_is_a_folder(path: Path) -> None:
    """Whatever the member of that name says."""
    made(path, {"a": b"file", "a/b": b"x"})
    backend = opened(path)
    assert backend.stat("a").is_folder
    assert names(backend, "a") == ["b"]


def test_what_stands_around_the_members_is_kept(path: Path) -> None:
    """The archive's comment, a program before it, comments and foreign fields of members."""
    with path.open("wb") as file:
        file.write(b"#!/bin/sh\nexit\n")
        with zipfile.ZipFile(file, "w") as archive:
            archive.comment = b"about all"
            info = zipfile.ZipInfo("f")
            info.comment, info.extra = b"about f", struct.pack("<HH4s", 0xCAFE, 4, b"jar!")
            archive.writestr(info, b"x")
    backend = opened(path)
    backend.write("g", b"y")
    backend.set_attributes("f", Attributes(mode=0o600))
    backend.write("h", b"z")
    assert path.read_bytes().startswith(b"#!/bin/sh\nexit\n")
    with zipfile.ZipFile(path) as archive:
        assert archive.comment == b"about all"
        assert archive.getinfo("f").comment == b"about f"
        assert b"jar!" in archive.getinfo("f").extra
        assert archive.testzip() is None


def test_members_with_data_descriptors_survive_changes(path: Path) -> None:
    """Archives that were written to a pipe have the sizes behind the content."""

    class Pipe:
        def __init__(self, file: object) -> None:
            self.write, self.flush = file.write, file.flush  # type: ignore[attr-defined]

    with path.open("wb") as file, zipfile.ZipFile(Pipe(file), "w", zipfile.ZIP_DEFLATED) as archive:  # type: ignore[arg-type]
        archive.writestr("a", b"first" * 100)
        archive.writestr("b", b"second" * 100)
    backend = opened(path)
    backend.move("a", "d/moved")
    backend.write("c", b"third")
    with zipfile.ZipFile(path) as archive:
        assert archive.testzip() is None
    assert content(backend, "d/moved") == b"first" * 100
    assert content(backend, "b") == b"second" * 100


def test_an_encrypted_member_says_so(path: Path) -> None:
    """It is listed, cannot be read, and is left as it is."""
    made(path, {"secret": b"x" * 20, "plain": b"y"}, zipfile.ZIP_STORED)
    data = bytearray(path.read_bytes())
    data[6] |= 1
    data[data.index(b"PK\1\2") + 8] |= 1
    path.write_bytes(data)
    backend = opened(path)
    assert names(backend) == ["plain", "secret"]
    with pytest.raises(PermissionDenied, match="encrypted"):
        backend.read("secret")
    backend.delete("plain")
    assert path.read_bytes().count(b"x" * 20) == 1


def test_a_method_that_is_not_known_says_so(path: Path) -> None:
    """LZMA would take memory as the archive pleases."""
    made(path, {"f": b"x" * 1000}, zipfile.ZIP_LZMA)
    with pytest.raises(CapabilityNotSupported, match="method 14"):
        opened(path).read("f")


@pytest.mark.parametrize("method", [zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_STORED])
def test_ranges_of_any_packing_are_exact(path: Path, method: int) -> None:
    """Forward, backward, across pieces, past the end."""
    whole = os.urandom(300_000) + b"\0" * 3_000_000 + os.urandom(300_000)
    made(path, {"f": whole}, method)
    backend = opened(path)
    for start, end in ((0, 10), (299_990, 300_010), (100, 200), (3_400_000, None), (1, 3_599_999), (0, None)):
        assert bytes(backend.read("f", start, end)) == whole[start:end]


def test_reading_on_unpacks_every_byte_once(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ranges in a row cost one pass over a packed member."""
    whole = os.urandom(1 << 20) * 4
    made(path, {"f": whole})
    taken: list[int] = []
    real = os.pread

    def counted(descriptor: int, size: int, offset: int) -> bytes:
        taken.append(size)
        return real(descriptor, size, offset)

    monkeypatch.setattr(os, "pread", counted)
    backend = opened(path)
    parts = [bytes(backend.read("f", start, start + 65_536)) for start in range(0, len(whole), 65_536)]
    assert b"".join(parts) == whole
    assert sum(taken) < 1.1 * path.stat().st_size


def bomb(path: Path, size: int) -> None:
    """An archive of one member that packs zeros better than deflate can."""
    packed = bz2.compress(b"\0" * size)
    made(path, {"bomb": b""}, zipfile.ZIP_STORED)
    data = path.read_bytes()
    place = data.index(b"PK\1\2")
    local, record, end = data[:place], bytearray(data[place:-22]), bytearray(data[-22:])
    struct.pack_into("<H", record, 10, zipfile.ZIP_BZIP2)
    struct.pack_into("<III", record, 16, zlib.crc32(b"\0" * size), len(packed), size)
    struct.pack_into("<I", end, 16, len(local) + len(packed))
    path.write_bytes(local + packed + bytes(record) + bytes(end))


def test_a_bomb_is_refused(path: Path) -> None:
    """A member that claims to be thousands of times its packed size, unless that is asked for."""
    bomb(path, 20_000_000)
    with pytest.raises(StorageError, match="ratio_limit"):
        opened(path).read("bomb", 0, 1)
    backend = opened(path, ratio_limit=1_000_000)
    assert bytes(backend.read("bomb", 19_999_990, None)) == b"\0" * 10
    with pytest.raises(StorageError, match="size_limit"):
        opened(path, ratio_limit=1_000_000, size_limit="1MiB").read("bomb", 0, 1)


def test_an_archive_of_too_many_members_is_refused(path: Path) -> None:
    """Its directory would have to be held in memory."""
    made(path, {str(number): b"" for number in range(20)})
    with pytest.raises(StorageError, match="members_limit"):
        opened(path, members_limit=10)


def overlap(path: Path) -> None:
    """Two records that mean the same bytes."""
    made(path, {"a": b"x" * 100, "b": b"y" * 100}, zipfile.ZIP_STORED)
    data = bytearray(path.read_bytes())
    second = data.index(b"PK\1\2", data.index(b"PK\1\2") + 4)
    struct.pack_into("<I", data, second + 42, 0)
    path.write_bytes(data)


def test_overlapping_members_cannot_be_changed(path: Path) -> None:
    """They are a bomb's way to be many; such an archive is left alone."""
    overlap(path)
    before = path.read_bytes()
    backend = opened(path)
    with pytest.raises(StorageError, match="overlap"):
        backend.write("new", b"x")
    assert path.read_bytes() == before


@pytest.mark.parametrize("method", [zipfile.ZIP_DEFLATED, zipfile.ZIP_STORED])
def test_damaged_content_is_an_error(path: Path, method: int) -> None:
    """A checksum that does not fit is not passed on as content."""
    made(path, {"f": b"content that can be told " * 10}, method)
    data = bytearray(path.read_bytes())
    data[45] ^= 0xFF
    path.write_bytes(data)
    with pytest.raises(StorageError, match="damaged"):
        opened(path).read("f")


@pytest.mark.parametrize("data", [b"", b"no archive", b"PK\5\6" + b"\xff" * 18])
def test_what_is_no_archive_is_refused(path: Path, data: bytes) -> None:
    """And is left as it was."""
    path.write_bytes(data)
    with pytest.raises(StorageError, match="not a readable ZIP archive"):
        opened(path)
    assert path.read_bytes() == data


def test_a_change_by_another_program_is_seen(path: Path) -> None:
    """The next call reads the new directory."""
    made(path, {"f": b"old"})
    backend = opened(path)
    assert content(backend, "f") == b"old"
    made(path.with_name("new.zip"), {"f": b"new", "g": b"more"})
    path.with_name("new.zip").rename(path)
    assert names(backend) == ["f", "g"]
    assert content(backend, "f") == b"new"


def test_two_writers_lose_nothing_of_each_other(path: Path) -> None:
    """Two mounts of one archive, as two processes would have them."""
    backends = [opened(path), opened(path)]

    def write(number: int) -> None:
        backends[number % 2].write(f"file-{number}", str(number).encode())

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(write, range(60)))
    assert names(opened(path)) == sorted(f"file-{number}" for number in range(60))


def test_a_failed_change_leaves_the_archive(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A full disk half-way is an error for who wrote, and nothing else."""
    backend = opened(path)
    backend.write("f", b"x")
    before = path.read_bytes()

    def full(*_: object) -> int:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "sendfile", full)
        with pytest.raises(StorageError) as caught:
            backend.write("g", b"y")
    assert (caught.value.errno, caught.value.path) == (28, "g")
    assert path.read_bytes() == before
    assert os.listdir(path.parent) == ["archive.zip"]
    backend.write("g", b"y")
    assert names(backend) == ["f", "g"]


def test_a_planted_draft_is_not_written_to_regression(path: Path) -> None:
    """Where others may make files, whoever made that one could change the archive afterwards."""
    planted = path.with_name(f".{path.name}.vfs-new")
    with planted.open("w+b") as theirs:
        backend = opened(path)
        backend.write("f", b"content")
        assert os.fstat(theirs.fileno()).st_size == 0
        assert content(backend, "f") == b"content"
    assert not planted.exists()


def test_the_archive_keeps_its_mode(path: Path) -> None:
    """Replacing the file does not open it to others."""
    backend = opened(path)
    path.chmod(0o600)
    backend.write("f", b"x")
    assert stat_bits.S_IMODE(path.stat().st_mode) == 0o600


def test_an_archive_behind_a_symlink_is_replaced_where_it_lies(path: Path) -> None:
    """The link stays a link."""
    link = path.with_name("link.zip")
    link.symlink_to(path)
    opened(link).write("f", b"x")
    assert link.is_symlink()
    assert names(opened(path)) == ["f"]


def test_an_archive_that_vanished_is_no_missing_file(path: Path) -> None:
    """The storage fails; its files are not told to be deleted."""
    backend = opened(path)
    backend.write("f", b"x")
    path.unlink()
    acts: list[Callable[[], object]] = [lambda: backend.stat("f"), lambda: backend.write("f", b"y")]
    for act in acts:
        with pytest.raises(StorageError, match="is gone") as caught:
            act()
        assert not isinstance(caught.value, NotFound)


def test_stored_members_are_as_big_as_their_content(path: Path) -> None:
    """`compression: store` packs nothing."""
    opened(path, compression="store").write("f", b"x" * 10_000)
    assert path.stat().st_size > 10_000


def test_capabilities_of_an_archive_that_cannot_be_written(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It says so before the first try."""
    made(path, {"f": b"x"})
    monkeypatch.setattr(os, "access", lambda *_: False)
    capabilities = opened(path).capabilities
    assert Capability.READONLY in capabilities
    assert Capability.WRITE not in capabilities


def test_a_big_file_passes_in_bounded_memory(path: Path) -> None:
    """Writing and reading 64 MiB takes a few MiB, whatever the content."""
    backend = opened(path)
    piece = os.urandom(1 << 16) * 16
    tracemalloc.start()
    backend.write("big", (piece for _ in range(64)))
    for start in range(0, 64 << 20, 4 << 20):
        assert len(backend.read("big", start, start + (4 << 20))) == 4 << 20
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 16 << 20
    assert backend.stat("big").kind is EntryKind.FILE
