"""What is mounted on this machine, as the kernel tells it; no mount is looked at, which might never end."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

OWN_TABLE = "/proc/self/mountinfo"

_OCTAL = re.compile(r"\\([0-7]{3})")
_OWNER = re.compile(r"\buser_id=(\d+)")


@dataclass(frozen=True, slots=True)
class MountTableLine:
    """One mount; `device` is its major and minor number, `owner` who made a FUSE mount."""

    mountpoint: str
    type: str
    owner: int | None
    device: tuple[int, int]


def find_mount(mountpoint: str, table: str = OWN_TABLE) -> MountTableLine | None:
    """The topmost mount on exactly this real path; None where nothing is mounted."""
    found = None
    for line in _lines_of(table):
        if line.mountpoint == mountpoint:
            found = line
    return found


def mount_points() -> list[str]:
    """The folders on which file systems of this machine are mounted."""
    return [line.mountpoint for line in _lines_of(OWN_TABLE)]


def _lines_of(table: str) -> Iterator[MountTableLine]:
    with open(table, encoding="utf-8", errors="surrogateescape", newline="\n") as lines:
        yield from map(_parsed, lines)


def _parsed(text: str) -> MountTableLine:
    """A line as proc(5) describes it: spaces, tabs, newlines and backslashes in octal."""
    before, _, after = text.partition(" - ")
    _, _, device, _, mountpoint, *_ = before.split(" ")
    kind, _, options = after.split(" ", 2)
    major, _, minor = device.partition(":")
    owner = _OWNER.search(options)
    return MountTableLine(
        _OCTAL.sub(lambda code: chr(int(code[1], 8)), mountpoint),
        kind,
        int(owner[1]) if owner else None,
        (int(major), int(minor)),
    )
