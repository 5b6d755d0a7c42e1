"""What a storage may honestly do less well, and how a test asks for an ability."""

from typing import ClassVar

import pytest

from vfs.engine import paths
from vfs.engine.backend import AbilityT, Backend


class Limits:
    """Class attributes that a subclass changes where its storage cannot do better, as its docs say."""

    mtime_resolution_ns: ClassVar[int] = 1
    """The step of stored times, where attributes are kept."""
    invalid_utf8_names: ClassVar[bool] = True
    """Names of bytes that are not UTF-8 can be stored."""
    unkeepable_names: ClassVar[frozenset[str]] = frozenset()
    """Names that the server used for the tests turns into others."""
    refuses_writes_below_files: ClassVar[bool] = True
    """Writing below a regular file is NotADirectory."""
    etag_survives_attribute_changes: ClassVar[bool] = True
    """Changing mode, owner or times leaves the ETag as it is."""
    settable_xattr: ClassVar[str] = "user.vfs-test"
    """The name of an extended attribute that may be set."""
    owners_can_change: ClassVar[bool] = True
    """The tests run with the right to give files away."""
    longest_key_bytes: ClassVar[int] = paths.MAX_KEY_BYTES
    """The longest key that the storage takes."""
    many_files: ClassVar[int] = 1100
    """More than a page of a listing holds; fewer do where there are no pages, or another suite has them."""


def ability(backend: Backend, wanted: type[AbilityT]) -> AbilityT:
    """The backend as `wanted`; the test is skipped where it has no such ability."""
    found = backend.ability(wanted)
    if found is None:
        pytest.skip(f"no {wanted.__name__}")
    return found


def names(backend: Backend, key: str = "") -> list[str]:
    """The sorted names in a folder."""
    return sorted(entry.name for entry in backend.list(key))


def content(backend: Backend, key: str) -> bytes:
    """The whole of a small file."""
    return bytes(backend.read(key))
