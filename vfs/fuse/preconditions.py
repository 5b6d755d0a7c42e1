"""What must be so before a file system can be mounted, said in one line when it is not."""

import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO

from vfs.engine import ConfigError, PermissionDenied, StorageError
from vfs.fuse.options import FuseOptions

DEVICE = "/dev/fuse"
FUSE_CONF = "/etc/fuse.conf"


def check_mountable(options: FuseOptions) -> None:
    """Raises ConfigError or PermissionDenied naming what is missing and what to do."""
    if not os.path.exists(DEVICE):
        raise ConfigError(
            f"{DEVICE} is missing: run `modprobe fuse`, or in a container pass the device through"
        )
    if not os.access(DEVICE, os.R_OK | os.W_OK):
        raise PermissionDenied(f"{DEVICE} cannot be opened by this user: check its group and mode")
    if os.geteuid() != 0:
        _check_unprivileged(options)


def _check_unprivileged(options: FuseOptions) -> None:
    if shutil.which("fusermount3") is None:
        raise ConfigError("fusermount3 is missing: install the package fuse3")
    if (options.allow_other or options.allow_root) and not _users_may_share():
        raise ConfigError(f"allow_other and allow_root need the line `user_allow_other` in {FUSE_CONF}")


def _users_may_share() -> bool:
    try:
        with open(FUSE_CONF, encoding="utf-8", errors="replace") as lines:
            return any(line.strip() == "user_allow_other" for line in lines)
    except FileNotFoundError:
        return False


@contextmanager
def libfuse_explains(mountpoint: str) -> Iterator[None]:
    """Turn pyfuse3's bare RuntimeError into a StorageError that says what libfuse wrote on standard error."""
    with tempfile.TemporaryFile() as said:
        try:
            with _standard_error_to(said):
                yield
        except RuntimeError as error:
            words = "; ".join(_words(said).split("\n")) or str(error)
            raise StorageError(f"cannot mount on {mountpoint}: {words}") from error
        if words := _words(said):
            print(words, file=sys.stderr)  # noqa: T201 - what libfuse had to say belongs where it was sent


@contextmanager
def _standard_error_to(file: BinaryIO) -> Iterator[None]:
    sys.stderr.flush()
    former = os.dup(2)
    os.dup2(file.fileno(), 2)
    try:
        yield
    finally:
        os.dup2(former, 2)
        os.close(former)


def _words(file: BinaryIO) -> str:
    file.seek(0)
    return file.read().decode(errors="replace").strip()
