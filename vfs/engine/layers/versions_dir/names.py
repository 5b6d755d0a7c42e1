"""What versions are called: by time and identity, alike on every system, for as long as they are kept."""

import base64
import hashlib
import os
import re
from collections.abc import Sequence
from dataclasses import dataclass

from vfs.engine.dates import utc
from vfs.engine.entries import Version

FOLDER = ".versions"
CHANGES = "changes"
CHANGE_SUFFIX = ".diff"
BETWEEN = ".."

_SUFFIX = re.compile(r"\.[A-Za-z0-9]{1,16}")
_IDENTITY_LENGTH = 6


@dataclass(frozen=True, slots=True)
class NamedVersion:
    """A version with a content, and its name without suffix."""

    stem: str
    version: Version


def named(versions: Sequence[Version]) -> list[NamedVersion]:
    """The versions with a content under their names, which sort as they do: oldest first.

    Where several are of one millisecond, as the store tells it, the later names count on.
    """
    found: list[NamedVersion] = []
    last = None
    for version in versions:
        if not version.is_delete_marker:
            millisecond = version.mtime_ns // 1_000_000
            last = millisecond if last is None else max(millisecond, last + 1)
            found.append(NamedVersion(f"{_stamp(last)}~{identity_of(version.id)}", version))
    return found


def identity_of(version_id: str) -> str:
    """A few letters and digits for an id of whatever length; all are lower case."""
    digest = hashlib.sha256(version_id.encode("utf-8", "surrogateescape")).digest()
    return base64.b32encode(digest).decode()[:_IDENTITY_LENGTH].lower()


def find(versions: Sequence[NamedVersion], stem: str) -> int | None:
    """The place of the version with a name, or with an identity alone; None where there is none.

    A name is good for as long as the version is kept, even if others of its millisecond are gone.
    """
    alike = []
    for place, candidate in enumerate(versions):
        if candidate.stem == stem:
            return place
        if identity_of_stem(candidate.stem) == identity_of_stem(stem):
            alike.append(place)
    return alike[0] if len(alike) == 1 else None


def identity_of_stem(stem: str) -> str:
    return stem.rpartition("~")[2]


def find_pair(versions: Sequence[NamedVersion], name: str) -> tuple[NamedVersion, NamedVersion] | None:
    """The two versions that a file of changes is between: `A..B.diff`, or `B.diff` for the one before B."""
    if not name.endswith(CHANGE_SUFFIX):
        return None
    old_name, between, new_name = name.removesuffix(CHANGE_SUFFIX).rpartition(BETWEEN)
    new = find(versions, new_name)
    if new is None:
        return None
    old = find(versions, old_name) if between else new - 1
    return None if old is None or old < 0 else (versions[old], versions[new])


def suffix_of(name: str) -> str:
    """What the names of a file's versions end with, so that programs know what is in them."""
    suffix = os.path.splitext(name)[1]
    return suffix if _SUFFIX.fullmatch(suffix) else ""


def _stamp(milliseconds: int) -> str:
    seconds, rest = divmod(milliseconds, 1000)
    return f"{utc(seconds * 10**9):%Y%m%dT%H%M%S}.{rest:03d}Z"
