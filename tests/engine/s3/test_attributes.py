"""POSIX attributes in user metadata: every form that other tools write, and the policies of a mount."""

import errno
import stat as stat_bits
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.engine.s3.stores import opened
from tests.mounts.daemon import Daemon, mounted
from tests.mounts.kinds import s3_settings
from tests.servers.seaweed import SeaweedServer
from vfs.engine.backend import KeepsAttributes, KeepsSymlinks, KeepsXattrs
from vfs.engine.backends.objects.attributes import RESERVED, decode_mode, decode_time, encode_time, entry_of
from vfs.engine.backends.objects.stored import StoredObject
from vfs.engine.backends.s3 import S3Backend
from vfs.engine.capabilities import Capability
from vfs.engine.entries import Attributes, EntryKind
from vfs.engine.errors import InvalidPath, PermissionDenied

NS = 1_600_000_000_123_456_789

_numbers = st.integers(-(10**40), 10**40).map(str)


@pytest.fixture
def client(seaweed: SeaweedServer) -> Any:
    """Looks at objects behind the backend's back."""
    client = seaweed.client()
    yield client
    client.close()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("33188", 0o100644),
        ("41471", 0o120777),
        ("4516", 0o010644),
        ("100644", 0o100644),
        ("100601", 0o100601),
        ("0644", 0o644),
        ("644", 0o644),
        ("0", 0),
        (None, None),
        ("", None),
        ("rw-r--r--", None),
        ("99999999", None),
        ("9" * 5000, None),
        ("-1", None),
    ],
)
def test_modes_of_every_tool_are_read(text: str | None, expected: int | None) -> None:
    """s3fs-fuse writes decimal st_mode, rclone octal, either with or without the bits of the type."""
    assert decode_mode(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1700000000", 1_700_000_000_000_000_000),
        ("1600000000.123456789", NS),
        ("1600000000.5", 1_600_000_000_500_000_000),
        ("1600000000.1234567891", NS),
        ("-1.5", -1_500_000_000),
        ("2020-09-13T12:26:40.123456789Z", NS),
        ("2020-09-13T14:26:40+02:00", 1_600_000_000_000_000_000),
        ("yesterday", None),
        ("0000-00-00T00:00:00Z", None),
        ("2024-13-01T00:00:00Z", None),
        (str(1 << 63), None),
        ("-" + "9" * 5000, None),
        ("", None),
        (None, None),
    ],
)
def test_times_of_every_tool_are_read(text: str | None, expected: int | None) -> None:
    """Seconds with any fraction, or RFC 3339 as rclone writes the times of a file's birth and access."""
    assert decode_time(text) == expected


@given(st.fixed_dictionaries({}, optional=dict.fromkeys(sorted(RESERVED), st.text() | _numbers)))
def test_whatever_stands_there_no_file_is_lost(metadata: dict[str, str]) -> None:
    """Each entry is one that the kernel takes."""
    entry = entry_of("f", StoredObject(1, '"tag"', NS, metadata))
    for number in (entry.uid or 0, entry.gid or 0, entry.rdev):
        assert 0 <= number < (1 << 32) - 1
    for time_ns in (entry.mtime_ns, entry.ctime_ns, entry.atime_ns or 0):
        assert time_ns is not None
        assert -(1 << 63) <= time_ns // 10**9 < 1 << 63


def test_attributes_that_no_file_has_hide_no_file_regression(
    tmp_path: Path, bucket: str, client: Any
) -> None:
    """In a mounted bucket other tools may have said anything: it is read all the same, in its folder too."""
    odd = [
        {"mtime": "9" * 30},
        {"mtime": "0000-00-00T00:00:00Z"},
        {"uid": "4294967295"},
        {"gid": "9" * 15},
        {"mode": str(stat_bits.S_IFCHR | 0o644), "rdev": "9" * 20},
        {"xattr": "[" * 1500},
    ]
    for number, metadata in enumerate(odd):
        client.put_object(Bucket=bucket, Key=f"{number}", Body=b"content", Metadata=metadata)
    with mounted(Daemon(str(tmp_path), s3_settings(bucket, client.meta.endpoint_url))) as daemon:
        folder = Path(daemon.mountpoint)
        shown = {each.name: each.lstat() for each in folder.iterdir()}
        assert sorted(shown) == [str(number) for number in range(len(odd))]
        regular = [name for name, status in shown.items() if stat_bits.S_ISREG(status.st_mode)]
        assert {(folder / name).read_bytes() for name in regular} == {b"content"}


@pytest.mark.parametrize("ns", [0, 1, -1, NS, -NS, 10**9, 4_294_967_296 * 10**9 + 1])
def test_times_come_back_exactly(ns: int) -> None:
    """Nanoseconds survive, before 1970 and after 2106."""
    assert decode_time(encode_time(ns)) == ns


def test_metadata_are_written_as_s3fs_writes_them(backend: S3Backend, bucket: str, client: Any) -> None:
    """Decimal st_mode with the type, decimal ids, seconds with a fraction."""
    attributes = Attributes(mode=0o4751, uid=1000, gid=1001, mtime_ns=NS, atime_ns=10**9)
    backend.write("f.txt", b"x", attributes=attributes)
    head = client.head_object(Bucket=bucket, Key="f.txt")
    written = head["Metadata"]
    assert written.pop("ctime")
    assert written == {
        "mode": str(stat_bits.S_IFREG | 0o4751),
        "uid": "1000",
        "gid": "1001",
        "mtime": "1600000000.123456789",
        "atime": "1",
    }
    assert head["ContentType"] == "text/plain"


def test_what_describes_content_survives_a_change_of_attributes(
    backend: S3Backend, bucket: str, client: Any
) -> None:
    """Content type, encoding, caching and other tools' metadata stay."""
    kept = {
        "ContentType": "text/html",
        "ContentEncoding": "identity",
        "CacheControl": "max-age=60",
        "ContentDisposition": "inline",
        "ContentLanguage": "de",
    }
    client.put_object(Bucket=bucket, Key="f", Body=b"x", Metadata={"theirs": "kept"}, **kept)
    before = backend.stat("f")
    keeps = backend.ability(KeepsAttributes)
    assert keeps is not None
    entry = keeps.set_attributes("f", Attributes(mode=0o600))
    head = client.head_object(Bucket=bucket, Key="f")
    assert {name: head[name] for name in kept} == kept
    assert head["Metadata"]["theirs"] == "kept"
    assert entry.mtime_ns == before.mtime_ns, "without a stored time, that of the object stays"


def test_metadata_that_are_not_ascii_are_read(
    backend: S3Backend, bucket: str, seaweed: SeaweedServer
) -> None:
    """Some tools send UTF-8 as it is, which obstore cannot read; the file is no less there."""
    import obstore
    from obstore.store import S3Store

    from tests.servers import seaweed as server

    store = S3Store(
        bucket,
        endpoint=seaweed.url,
        access_key_id=server.ACCESS_KEY,
        secret_access_key=server.SECRET_KEY,
        region=server.REGION,
        client_options={"allow_http": True},
    )
    obstore.put(store, "f", b"content", attributes={"author": "Zoë"}, use_multipart=False)
    assert backend.stat("f").metadata["author"] == "Zoë"
    assert bytes(backend.read("f", 1, 4)) == b"ont"
    assert bytes(backend.read("f", 4)) == b"ent"
    assert bytes(backend.read("f", 400)) == b""


def test_folder_attributes_survive_a_store_that_drops_them(
    backend: S3Backend, seaweed: SeaweedServer, bucket: str
) -> None:
    """SeaweedFS forgets a marker's metadata: then its media type carries them, for the next process too."""
    backend.make_directory("first", attributes=Attributes(mode=0o711))
    backend.make_directory("second", attributes=Attributes(mode=0o1777, uid=7, gid=8, mtime_ns=NS))
    xattrs = backend.ability(KeepsXattrs)
    assert xattrs is not None
    xattrs.set_xattr("second", "user.note", b"a;b=c %\x00")
    with opened(seaweed.url, bucket) as other:
        assert other.stat("first").mode == 0o711
        second = other.stat("second")
        assert (second.mode, second.uid, second.gid, second.mtime_ns) == (0o1777, 7, 8, NS)
        theirs = other.ability(KeepsXattrs)
        assert theirs is not None
        assert theirs.get_xattr("second", "user.note") == b"a;b=c %\x00"


def test_a_changed_file_is_not_completed_from_memory(
    backend: S3Backend, seaweed: SeaweedServer, bucket: str
) -> None:
    """What another machine wrote is not given the attributes that we remember."""
    backend.write("d/f", b"ours", attributes=Attributes(mode=0o600))
    [known] = backend.list("d")
    with opened(seaweed.url, bucket) as other:
        other.write("d/f", b"theirs", attributes=Attributes(mode=0o777))
    [listed] = backend.list("d")
    assert (known.complete, known.mode) == (True, 0o600)
    assert (listed.complete, listed.mode, listed.size) == (False, None, 6)
    assert backend.stat("d/f").mode == 0o777


def test_ignored_attributes_are_taken_and_dropped(seaweed: SeaweedServer, bucket: str, client: Any) -> None:
    """`attributes: ignore` neither writes metadata nor reads it, and refuses nothing but links."""
    with opened(seaweed.url, bucket, attributes="ignore") as backend:
        backend.write("f", b"x", attributes=Attributes(mode=0o600, mtime_ns=NS))
        backend.make_directory("d", attributes=Attributes(mode=0o700))
        keeps = backend.ability(KeepsAttributes)
        assert keeps is not None
        assert keeps.set_attributes("f", Attributes(mode=0o600)).mode is None
        assert backend.stat("d").mode is None
        assert backend.ability(KeepsSymlinks) is None
        assert not {Capability.SYMLINKS, Capability.POSIX_ATTRIBUTES} & backend.capabilities
    assert client.head_object(Bucket=bucket, Key="f")["Metadata"] == {}


def test_refused_attributes_are_an_error(seaweed: SeaweedServer, bucket: str) -> None:
    """`attributes: refuse` says EPERM to every change."""
    with opened(seaweed.url, bucket, attributes="refuse") as backend:
        backend.write("f", b"x")
        keeps = backend.ability(KeepsAttributes)
        assert keeps is not None
        with pytest.raises(PermissionDenied) as caught:
            keeps.set_attributes("f", Attributes(mode=0o600))
        assert caught.value.errno == errno.EPERM


def test_the_root_keeps_its_attributes_out_of_sight(backend: S3Backend) -> None:
    """The object that holds them is neither listed, nor read, nor written as a file."""
    keeps = backend.ability(KeepsAttributes)
    assert keeps is not None
    keeps.set_attributes("", Attributes(mode=0o751))
    assert backend.stat("").mode == 0o751
    assert list(backend.list("")) == []
    assert list(backend.sweep("")) == []
    for act in (backend.stat, backend.read, backend.delete, lambda key: backend.write(key, b"x")):
        with pytest.raises(InvalidPath):
            act(".vfs-root")
    backend.write("d/.vfs-root", b"elsewhere it is a name like any other")
    assert [entry.kind for entry in backend.list("d")] == [EntryKind.FILE]
