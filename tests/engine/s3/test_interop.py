"""Files move between tools: what we write, s3fs-fuse and rclone see right, and the other way round."""

import os
import shutil
import subprocess
import sysconfig
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.servers import seaweed as server
from tests.servers.seaweed import SeaweedServer
from vfs.engine.backend import KeepsSpecialFiles, KeepsSymlinks, KeepsXattrs
from vfs.engine.backends.s3 import S3Backend
from vfs.engine.entries import Attributes, EntryKind

NS = 1_600_000_000_123_456_789
LOCAL_TIME = "2020-09-13 12:26:40.123456789"

needs_s3fs = pytest.mark.skipif(
    shutil.which("s3fs") is None or not os.path.exists("/dev/fuse"), reason="s3fs-fuse is not installed"
)

Rclone = Callable[..., str]


@pytest.fixture
def rclone(seaweed: SeaweedServer, tmp_path: Path) -> Rclone:
    """Runs rclone with the remote `store:` and gives its output."""
    environment = {
        "PATH": os.environ["PATH"],
        "TZ": "UTC",
        "RCLONE_CONFIG": str(tmp_path / "rclone.conf"),
        "RCLONE_CONFIG_STORE_TYPE": "s3",
        "RCLONE_CONFIG_STORE_PROVIDER": "SeaweedFS",
        "RCLONE_CONFIG_STORE_ENDPOINT": seaweed.url,
        "RCLONE_CONFIG_STORE_ACCESS_KEY_ID": server.ACCESS_KEY,
        "RCLONE_CONFIG_STORE_SECRET_ACCESS_KEY": server.SECRET_KEY,
        "RCLONE_CONFIG_STORE_FORCE_PATH_STYLE": "true",
    }
    program = os.path.join(sysconfig.get_path("scripts"), "rclone")

    def run(*arguments: str) -> str:
        command = [program, *arguments]
        return subprocess.run(command, env=environment, check=True, capture_output=True, text=True).stdout

    return run


@pytest.fixture
def s3fs_mount(seaweed: SeaweedServer, bucket: str, tmp_path: Path) -> Iterator[Path]:
    """The bucket mounted by s3fs-fuse."""
    passwords, point = tmp_path / "passwords", tmp_path / "mount"
    passwords.write_text(f"{server.ACCESS_KEY}:{server.SECRET_KEY}")
    passwords.chmod(0o600)
    point.mkdir()
    options = f"passwd_file={passwords},url={seaweed.url},use_path_request_style,sigv4,use_xattr"
    subprocess.run(["s3fs", bucket, str(point), "-o", options], check=True)
    try:
        wait_until_mounted(point)
        yield point
    finally:
        subprocess.run(["fusermount3", "-u", "-z", str(point)], check=True)


def wait_until_mounted(point: Path) -> None:
    deadline = time.monotonic() + 20
    while not os.path.ismount(point):
        assert time.monotonic() < deadline, "s3fs does not mount"
        time.sleep(0.05)


def test_rclone_sees_the_times_and_bytes_that_we_wrote(
    backend: S3Backend, bucket: str, rclone: Rclone
) -> None:
    """rclone takes `mtime` for the time of a file."""
    backend.write("d/f.txt", b"content", attributes=Attributes(mode=0o640, mtime_ns=NS))
    assert rclone("lsl", f"store:{bucket}").split(maxsplit=3) == ["7", *LOCAL_TIME.split(), "d/f.txt\n"]
    assert rclone("cat", f"store:{bucket}/d/f.txt") == "content"


@pytest.mark.parametrize("arguments", [(), ("--metadata",)])
def test_we_see_what_rclone_wrote(
    backend: S3Backend, bucket: str, rclone: Rclone, tmp_path: Path, arguments: tuple[str, ...]
) -> None:
    """Its time always, its octal mode and its owner where rclone was asked to keep them."""
    file = tmp_path / "f.txt"
    file.write_bytes(b"content")
    file.chmod(0o604)
    os.utime(file, ns=(NS, NS))
    rclone("copy", *arguments, str(file), f"store:{bucket}/d")
    entry = backend.stat("d/f.txt")
    assert (entry.kind, entry.size, entry.mtime_ns) == (EntryKind.FILE, 7, NS)
    expected = (0o604, file.stat().st_uid, file.stat().st_gid) if arguments else (None, None, None)
    assert (entry.mode, entry.uid, entry.gid) == expected


def test_rclone_finds_nothing_to_copy_again(
    backend: S3Backend, bucket: str, rclone: Rclone, tmp_path: Path
) -> None:
    """A file that we stored with its time is up to date for rclone."""
    file = tmp_path / "files" / "f.txt"
    file.parent.mkdir()
    file.write_bytes(b"content")
    backend.write("f.txt", b"content", attributes=Attributes(mtime_ns=file.stat().st_mtime_ns))
    report = rclone("check", "--one-way", str(file.parent), f"store:{bucket}")
    assert report == ""
    etag = backend.stat("f.txt")
    rclone("copy", str(file.parent), f"store:{bucket}")
    assert backend.stat("f.txt") == etag


@needs_s3fs
def test_s3fs_sees_what_we_wrote(backend: S3Backend, s3fs_mount: Path) -> None:
    """Mode, owner, times to the nanosecond, symlinks, fifos and extended attributes."""
    links, specials = backend.ability(KeepsSymlinks), backend.ability(KeepsSpecialFiles)
    xattrs = backend.ability(KeepsXattrs)
    assert links is not None
    assert specials is not None
    assert xattrs is not None
    backend.make_directory("d")
    attributes = Attributes(mode=0o4751, uid=1234, gid=2345, mtime_ns=NS)
    backend.write("d/f", b"content", attributes=attributes)
    xattrs.set_xattr("d/f", "user.note", b"hello")
    links.make_symlink("d/link", "f")
    specials.make_special("d/fifo", 0o010640, 0)
    folder = s3fs_mount / "d"
    told = os.stat(folder / "f")
    assert (told.st_mode, told.st_uid, told.st_gid, told.st_mtime_ns) == (0o104751, 1234, 2345, NS)
    assert (folder / "f").read_bytes() == b"content"
    assert os.getxattr(folder / "f", "user.note") == b"hello"
    assert os.readlink(folder / "link") == "f"
    assert (folder / "fifo").is_fifo()
    assert sorted(os.listdir(folder)) == ["f", "fifo", "link"]


@needs_s3fs
def test_we_see_what_s3fs_wrote(backend: S3Backend, s3fs_mount: Path) -> None:
    """The same, the other way round."""
    folder = s3fs_mount / "d"
    folder.mkdir()
    file = folder / "f"
    file.write_bytes(b"content")
    os.chmod(file, 0o640)
    os.chown(file, 1234, 2345)
    os.utime(file, ns=(NS, NS))
    os.setxattr(file, "user.note", b"hello")
    os.symlink("f", folder / "link")
    os.mkfifo(folder / "fifo")
    entry = backend.stat("d/f")
    assert entry.attributes == Attributes(0o640, 1234, 2345, NS, NS, {"user.note": b"hello"})
    assert bytes(backend.read("d/f")) == b"content"
    links, xattrs = backend.ability(KeepsSymlinks), backend.ability(KeepsXattrs)
    assert links is not None
    assert xattrs is not None
    assert xattrs.get_xattr("d/f", "user.note") == b"hello"
    assert links.read_symlink("d/link") == "f"
    assert backend.stat("d/link").kind is EntryKind.SYMLINK
    assert backend.stat("d/fifo").kind is EntryKind.SPECIAL
    assert backend.stat("d").is_folder
    assert sorted(listed.name for listed in backend.list("d")) == ["f", "fifo", "link"]
