"""The `-o` options of vfsmount, as mount(8) passes them."""

import grp
import pwd
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from vfs.engine.errors import ConfigError
from vfs.engine.spelling import did_you_mean
from vfs.fuse.mounting import FuseOptions

_FOR_OTHERS = frozenset(
    {
        "auto",
        "noauto",
        "user",
        "nouser",
        "users",
        "owner",
        "group",
        "defaults",
        "nofail",
        "_netdev",
        "rw",
        "async",
    }
    | {"atime", "relatime", "norelatime", "strictatime", "lazytime", "nolazytime", "diratime", "nodiratime"}
)
"""Words of fstab and mount(8) that are for other readers, or that are so anyway."""

_FOR_KERNEL = frozenset(["nosuid", "suid", "nodev", "dev", "noexec", "exec", "noatime", "sync", "dirsync"])
"""Flags of the mount itself, given on as they are."""

_FLAGS: dict[str, dict[str, object]] = {
    "allow_other": {"allow_other": True},
    "allow_root": {"allow_root": True},
    "default_permissions": {"default_permissions": True},
    "no_default_permissions": {"default_permissions": False},
    "ro": {"read_only": True},
    "debug": {"debug": True},
}

_VALUES: dict[str, Callable[[str], object]] = {
    "uid": lambda text: int(text) if text.isdecimal() else pwd.getpwnam(text).pw_uid,
    "gid": lambda text: int(text) if text.isdecimal() else grp.getgrnam(text).gr_gid,
    "umask": lambda text: _octal(text),
    "read_ahead_kb": int,
    "fsname": str,
    "mount": str,
}

_EXPECTED = {
    "uid": "a user's number or name",
    "gid": "a group's number or name",
    "umask": "octal permission bits, such as 022",
    "read_ahead_kb": "a number of KiB",
}


@dataclass(frozen=True, slots=True)
class MountOptions:
    """What the command line asks of the mount; `nonempty` allows a mount point that holds files."""

    fuse: FuseOptions = field(default_factory=FuseOptions)
    nonempty: bool = False


def parse_mount_options(groups: list[str]) -> MountOptions:
    """The options of every `-o`; ConfigError for a bad one, naming the nearest right word."""
    changes: dict[str, Any] = {}
    extra: list[str] = []
    nonempty = False
    for option in (option for group in groups for option in _split(group)):
        word, equals, value = option.partition("=")
        if word in _VALUES:
            changes[word] = _value(word, value)
        elif word in _FLAGS:
            if equals:
                raise ConfigError(f"-o {option}: takes no value")
            changes |= _FLAGS[word]
        elif option in _FOR_KERNEL:
            extra.append(option)
        elif option == "nonempty":
            nonempty = True
        elif word not in _FOR_OTHERS and not word.startswith("x-") and word != "comment":
            known = {*_VALUES, *_FLAGS, *_FOR_KERNEL, "nonempty"}
            raise ConfigError(f"-o {word}: unknown option; {did_you_mean(word, known)}")
    return MountOptions(replace(FuseOptions(), **changes, extra=tuple(extra)), nonempty)


def _split(group: str) -> Iterator[str]:
    """The options between commas; a comma after a backslash belongs to its option."""
    for piece in re.findall(r"(?:\\.|[^,\\])+", group):
        yield re.sub(r"\\(.)", r"\1", piece)


def _value(word: str, text: str) -> object:
    try:
        if text:
            return _VALUES[word](text)
    except (ValueError, KeyError):
        pass  # told below, as for an empty value
    raise ConfigError(f"-o {word}={text}: must be {_EXPECTED.get(word, 'given a value')}")


def _octal(text: str) -> int:
    number = int(text, 8)
    if not 0 <= number <= 0o777:
        raise ValueError(text)
    return number
