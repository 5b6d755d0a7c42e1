"""Configurations as other tools write them: each means a mount of ours."""

from pathlib import Path
from typing import Any

import pytest

from vfs.config import settings_from
from vfs.config.spellings import in_our_words, type_written
from vfs.engine.errors import ConfigError
from vfs.engine.mounts import MountSpec

MOUNT_KEYS = frozenset({"permissions", "ttl", "durability", "layers", "type"})

WRITTEN: list[tuple[dict[str, Any], dict[str, Any]]] = [
    ({"protocol": "s3", "bucket": "b"}, {"type": "s3", "bucket": "b"}),
    ({"type": "s3a", "bucket": "b"}, {"type": "s3", "bucket": "b"}),
    ({"type": "gs", "bucket": "b"}, {"type": "gcs", "bucket": "b"}),
    ({"type": "abfs", "container": "c"}, {"type": "azure", "container": "c"}),
    ({"protocol": "base64"}, {"type": "base64"}),
    ({"path": "home:work"}, {"type": "relative", "path": "home:work"}),
    ({"protocol": "zip", "file": "a.zip", "mode": "a"}, {"type": "zip", "file": "a.zip", "mode": "a"}),
    (
        {"protocol": "zip", "file": "a.zip", "mode": "r"},
        {"type": "zip", "file": "a.zip", "mode": "r", "permissions": "readonly"},
    ),
    (
        {"protocol": "zip", "file": "x/a.zip", "mode": "r", "target_protocol": "s3", "target_options": {}},
        {
            "type": "fsspec",
            "protocol": "zip",
            "options": {"fo": "x/a.zip", "target_protocol": "s3", "target_options": {}},
        },
    ),
    (
        {"protocol": "sftp", "host": "h", "username": "u", "base_path": "/srv", "timeout": 5, "ttl": "1m"},
        {
            "type": "fsspec",
            "protocol": "sftp",
            "path": "/srv",
            "ttl": "1m",
            "options": {"host": "h", "username": "u", "timeout": 5},
        },
    ),
    (
        {"protocol": "smb", "host": "h", "share": "s", "path": "a/b", "username": "u", "domain": "D"},
        {
            "type": "fsspec",
            "protocol": "smb",
            "path": "/s/a/b",
            "options": {"host": "h", "username": "D\\u"},
        },
    ),
    (
        {"protocol": "smb", "host": "h", "share": "s"},
        {"type": "fsspec", "protocol": "smb", "path": "/s", "options": {"host": "h"}},
    ),
    (
        {"protocol": "webdav", "url": "https://h/dav", "username": "u", "password": "p"},
        {
            "type": "fsspec",
            "protocol": "webdav",
            "options": {"base_url": "https://h/dav", "auth": ("u", "p")},
        },
    ),
    (
        {"protocol": "webdav", "url": "https://h/dav", "token": "t", "verify_ssl": False},
        {
            "type": "fsspec",
            "protocol": "webdav",
            "options": {
                "base_url": "https://h/dav",
                "headers": {"Authorization": "Bearer t"},
                "verify": False,
            },
        },
    ),
    (
        {"protocol": "tar", "file": "a.tgz", "compression": "gzip"},
        {"type": "fsspec", "protocol": "tar", "options": {"fo": "a.tgz", "compression": "gzip"}},
    ),
    (
        {"protocol": "libarchive", "file": "a.7z"},
        {"type": "fsspec", "protocol": "libarchive", "options": {"fo": "a.7z"}},
    ),
    (
        {"protocol": "git", "base_path": "/repo", "ref": "main"},
        {"type": "fsspec", "protocol": "git", "options": {"path": "/repo", "ref": "main"}},
    ),
    (
        {"protocol": "github", "org": "o", "repo": "r", "sha": "main", "username": "u", "token": "t"},
        {
            "type": "fsspec",
            "protocol": "github",
            "options": {"org": "o", "repo": "r", "sha": "main", "username": "u", "token": "t"},
        },
    ),
    (
        {"type": "ftp", "host": "h", "options": {"tls": True}},
        {"type": "fsspec", "protocol": "ftp", "options": {"host": "h", "tls": True}},
    ),
]


@pytest.mark.parametrize(("written", "meant"), WRITTEN, ids=[str(written) for written, _ in WRITTEN])
def test_other_words_mean_a_mount_of_ours(written: dict[str, Any], meant: dict[str, Any]) -> None:
    """Every form that people bring along from elsewhere is told in our own words."""
    assert in_our_words(written, str(type_written(written)), MOUNT_KEYS) == meant


def only_mount(**keys: object) -> MountSpec:
    (mount,) = settings_from([{"name": "m", **keys}]).mounts
    return mount


@pytest.mark.parametrize(
    "keys",
    [
        {"protocol": "local", "base_path": "/tmp"},
        {"protocol": "local", "base_path": "/tmp", "base_url": "https://h/files"},
        {"type": "file", "path": "/tmp"},
        {"type": "memory"},
        {"protocol": "memory", "base_path": "scratch"},
        {"type": "s3", "bucket": "my-bucket"},
        {"type": "s3", "bucket": "b", "prefix": "p", "endpoint_url": "http://h", "version_aware": True},
        {"protocol": "s3", "bucket": "b", "base_path": "p", "region": "eu-west-1", "anon": True},
        {"type": "s3", "bucket": "b", "access_key": "k", "secret_key": "s"},
        {"protocol": "gcs", "bucket": "b", "base_path": "p", "project": "x", "endpoint_url": "http://h"},
        {"protocol": "azure", "container": "c", "account_name": "a", "account_key": "a2V5"},
        {"type": "s3", "bucket": "b", "key": "k", "secret": "s"},
        {"protocol": "http", "base_path": "https://h/p"},
        {"type": "https", "base_url": "https://h/p"},
        {"protocol": "zip", "file": "a.zip", "mode": "r"},
        {"protocol": "base64"},
        {"protocol": "sftp", "host": "h", "username": "u", "key_filename": "k", "passphrase": "p"},
        {"type": "ftp", "host": "h"},
        {"protocol": "tar", "file": "a.tar", "target_protocol": "memory"},
        {"protocol": "github", "org": "o", "repo": "r"},
    ],
    ids=str,
)
def test_configurations_of_other_tools_load(keys: dict[str, Any]) -> None:
    """Under the option names that those tools document; nothing is asked of a storage."""
    assert only_mount(**keys).name == "m"


def test_options_reach_the_driver_and_stay_hidden() -> None:
    """The key that was written flat is the driver's option, and no repr shows it."""
    mount = only_mount(type="sftp", host="h", password="not-to-be-seen")
    assert mount.options.options == {"host": "h", "password": "not-to-be-seen"}  # type: ignore[attr-defined]
    assert "not-to-be-seen" not in repr(mount)


def test_storage_is_reached_under_its_protocols_name(tmp_path: Path) -> None:
    """A mount `type: tar` shows what is in the archive, through fsspec's own driver."""
    import tarfile

    from vfs.engine.mounts import build_stack

    (tmp_path / "a*.txt").write_text("words")
    with tarfile.open(tmp_path / "a.tar", "w") as archive:
        archive.add(tmp_path / "a*.txt", "a*.txt")
    stack = build_stack(only_mount(type="tar", file=str(tmp_path / "a.tar")))
    assert bytes(stack.read("a*.txt")) == b"words"
    stack.close()


@pytest.mark.parametrize(
    ("keys", "complaint"),
    [
        ({"type": "sftpp"}, "m.type: unknown storage type 'sftpp'; did you mean 'sftp'?"),
        ({"type": "box"}, "m.protocol: the driver for 'box' is not installed: Please install boxfs"),
        (
            {"type": "fsspec", "protocol": "stfp"},
            "m.protocol: is no protocol that fsspec knows; did you mean",
        ),
    ],
)
def test_driver_that_is_not_there_is_named(keys: dict[str, str], complaint: str) -> None:
    """A misspelt protocol gets the nearest one, a missing driver the package to install."""
    with pytest.raises(ConfigError) as caught:
        settings_from({"mounts": {"m": keys}})
    assert complaint in str(caught.value)


def test_missing_driver_of_ours_is_an_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where an extra of this package brings the driver, the message is the command."""
    import fsspec

    def missing(protocol: str) -> None:
        raise ImportError("paramiko")

    monkeypatch.setattr(fsspec, "get_filesystem_class", missing)
    with pytest.raises(ConfigError, match=r"'sftp' is not installed: pip install 'vfs\[sftp\]'"):
        settings_from({"mounts": {"m": {"type": "sftp", "host": "h"}}})
