"""What a mount cannot or may not do is refused at once, with a telling errno, and credentials stay unsaid."""

import errno
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.mounts.daemon import Daemon, killed_after, mounted
from tests.mounts.kinds import s3_settings
from tests.mounts.refusals import refused
from tests.mounts.stores import BucketStore
from tests.mounts.waiting import wait_until
from tests.servers.fault_proxy import FaultProxy
from tests.servers.seaweed import SECRET_KEY, SeaweedServer

CHANGES: dict[str, Callable[[str], object]] = {
    "create": lambda root: os.open(f"{root}/new", os.O_CREAT | os.O_WRONLY),
    "write": lambda root: os.open(f"{root}/file", os.O_RDWR),
    "truncate": lambda root: os.truncate(f"{root}/file", 1),
    "mkdir": lambda root: os.mkdir(f"{root}/new"),
    "rmdir": lambda root: os.rmdir(f"{root}/dir"),
    "unlink": lambda root: os.unlink(f"{root}/file"),
    "rename": lambda root: os.rename(f"{root}/file", f"{root}/new"),
    "symlink": lambda root: os.symlink("x", f"{root}/new"),
    "link": lambda root: os.link(f"{root}/file", f"{root}/new"),
    "mkfifo": lambda root: os.mkfifo(f"{root}/new"),
    "chmod": lambda root: os.chmod(f"{root}/file", 0o600),
    "chown": lambda root: os.chown(f"{root}/file", 1, 1),
    "utime": lambda root: os.utime(f"{root}/file", (1, 1)),
    "setxattr": lambda root: os.setxattr(f"{root}/file", "user.x", b"1"),
}


@pytest.mark.parametrize("options", [(), ("ro",)], ids=["permissions: readonly", "-o ro"])
def test_read_only_mount_refuses_every_change(tmp_path: Path, options: tuple[str, ...]) -> None:
    """On a read-only mount every change is EROFS, reading works, and the store stays as it was."""
    beneath = tmp_path / "beneath"
    (beneath / "dir").mkdir(parents=True)
    (beneath / "file").write_bytes(b"content")
    permissions = "delete" if options else "readonly"
    storage = {"type": "local", "path": str(beneath), "permissions": permissions}
    daemon = Daemon(str(tmp_path), storage, options=options)
    with mounted(daemon), killed_after(daemon, 60):
        for change in CHANGES.values():
            with refused(errno.EROFS):
                change(daemon.mountpoint)
        assert Path(daemon.mountpoint, "file").read_bytes() == b"content"
    assert sorted(os.listdir(beneath)) == ["dir", "file"]


def test_attributes_refuse_is_eperm(seaweed: SeaweedServer, bucket: str, tmp_path: Path) -> None:
    """With `attributes: refuse` chmod, chown and utime are EPERM; bytes are written all the same."""
    settings = {**s3_settings(bucket, seaweed.url), "attributes": "refuse"}
    daemon = Daemon(str(tmp_path), settings)
    with mounted(daemon), killed_after(daemon, 60):
        path = Path(daemon.mountpoint, "file")
        path.write_bytes(b"content")
        for name in ("chmod", "chown", "utime"):
            with refused(errno.EPERM):
                CHANGES[name](daemon.mountpoint)
        assert path.read_bytes() == b"content"
    assert BucketStore(seaweed.client(), bucket).files() == {"file"}


def test_credentials_are_never_said(proxy: FaultProxy, bucket: str, tmp_path: Path) -> None:
    """Neither a working mount nor a failing one, at the most talkative level, says the secret key."""
    daemon = Daemon(str(tmp_path), s3_settings(bucket, proxy.url), options=("debug",))
    with mounted(daemon), killed_after(daemon, 120):
        wait_until(lambda: "is mounted" in daemon.words(), 60, "the daemon to say that it is mounted")
        Path(daemon.mountpoint, "file").write_bytes(b"content")
        proxy.fail(403, "InvalidAccessKeyId")
        with refused(errno.EACCES, errno.EPERM):
            os.listdir(daemon.mountpoint)
        proxy.heal()
        assert SECRET_KEY not in Path(f"/proc/{daemon.pid}/cmdline").read_text()
    said = [path.read_text(errors="replace") for path in tmp_path.rglob("*log*") if path.is_file()]
    assert any("access denied" in text for text in said)
    assert not any(SECRET_KEY in text for text in said)
