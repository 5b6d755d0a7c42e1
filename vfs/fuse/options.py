"""What a mount may be asked for, and how libfuse is told."""

import os
from collections.abc import Iterator
from dataclasses import dataclass

from vfs.fuse.attributes import Appearance

DEFAULT_UMASK = 0o022


@dataclass(frozen=True)
class FuseOptions:
    """How a file system is mounted; see mount.fuse3(8) for the words it shares with libfuse."""

    allow_other: bool = False
    allow_root: bool = False
    default_permissions: bool = True
    read_only: bool = False
    uid: int | None = None
    gid: int | None = None
    umask: int | None = None
    """Owner and mask shown where the storage keeps none; those of this process and 022 unless given."""
    fsname: str = "vfs"
    subtype: str = "vfs"
    mount: str | None = None
    """The mount that becomes the root; without it the root is a folder of all mounts."""
    read_ahead_kb: int = 1024
    """How far the kernel reads ahead, which is also its biggest buffered request; set after mounting."""
    debug: bool = False
    extra: tuple[str, ...] = ()
    """Further options, handed to libfuse as they are."""

    def for_libfuse(self) -> set[str]:
        """The options of fuse_session_new. max_read is left out: pyfuse3 cannot negotiate it."""
        return {f"fsname={self.fsname}", f"subtype={self.subtype}", *self._flags(), *self.extra}

    def _flags(self) -> Iterator[str]:
        yield "ro" if self.read_only else "rw"
        for name in ("allow_other", "allow_root", "default_permissions", "debug"):
            if getattr(self, name):
                yield name

    def appearance(self, time_ns: int) -> Appearance:
        """How entries without owner, mode or times look; `time_ns` stands in for times."""
        return Appearance(
            uid=os.getuid() if self.uid is None else self.uid,
            gid=os.getgid() if self.gid is None else self.gid,
            umask=DEFAULT_UMASK if self.umask is None else self.umask,
            time_ns=time_ns,
        )
