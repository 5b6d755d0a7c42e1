"""Keys and `mount:path` strings: parsing, joining, refusing. Pure; nothing here touches storage.

A key is a `/`-joined string of names; "" is the root of a mount. A name is bytes to us: bytes that are not
UTF-8 travel as surrogate escapes (`os.fsdecode`). No character is a pattern.
"""

import errno
import os
import re

from vfs.engine.errors import InvalidPath

MAX_NAME_BYTES = 255
"""NAME_MAX of Linux file systems, and of every store that keeps names as files."""

MAX_KEY_BYTES = 65_535
"""PATH_MAX limits one call of a program, not how deep a tree may be: it may have walked there step by step.
This bounds what a key may cost. S3's own limit, 1024, is the S3 backend's to refuse."""


_PLAIN_NAME = "[!-\\-0-~ ][!-.0-~ ]{0,254}"
_PLAIN = re.compile(f"{_PLAIN_NAME}(?:/{_PLAIN_NAME})*").fullmatch
"""Tells most keys to be sound in one step: printable ASCII, and no name that begins with a dot."""


def check_key(key: str) -> None:
    """Refuse a key that cannot name a place inside a mount.

    Raises InvalidPath for a leading, trailing or doubled slash, for `.` and `..` segments, for NUL, and
    (errno ENAMETOOLONG) for a name of more than 255 bytes or a key of more than 65535; and for text that is
    neither characters nor bytes as `os.fsdecode` gives them.
    """
    if not key or (_PLAIN(key) and len(key) <= MAX_KEY_BYTES):
        return
    if "\0" in key:
        raise InvalidPath("a path cannot hold a NUL character", key)
    for name in key.split("/"):
        check_name(name, key)
    if _bytes_in(key, key) > MAX_KEY_BYTES:
        raise InvalidPath(
            f"a path cannot be longer than {MAX_KEY_BYTES} bytes", key, errno=errno.ENAMETOOLONG
        )


def check_name(name: str, key: str | None = None) -> None:
    """Refuse what cannot be one segment of a key; raises InvalidPath."""
    path = name if key is None else key
    if name in {"", ".", ".."}:
        raise InvalidPath(f"{name!r} cannot be a segment of a path", path)
    if "/" in name or "\0" in name:
        raise InvalidPath("a name cannot hold '/' or NUL", path)
    if _bytes_in(name, path) > MAX_NAME_BYTES:
        raise InvalidPath(
            f"a name cannot be longer than {MAX_NAME_BYTES} bytes", path, errno=errno.ENAMETOOLONG
        )


def target_bytes(target: str, key: str) -> bytes:
    """What the symlink at `key` holds; raises InvalidPath for a target that is no text of the file system."""
    if "\0" in target:
        raise InvalidPath("a symlink's target cannot hold a NUL character", key)
    return _encoded(target, key)


def attribute_name(name: str, key: str) -> bytes:
    """The bytes of an extended attribute's name; raises InvalidPath for what can be none."""
    if "\0" in name:
        raise InvalidPath("the name of an extended attribute cannot hold a NUL character", key)
    return _encoded(name, key)


def _bytes_in(text: str, path: str) -> int:
    return len(text) if text.isascii() else len(_encoded(text, path))


def _encoded(text: str, path: str) -> bytes:
    try:
        return os.fsencode(text)
    except UnicodeEncodeError as error:
        raise InvalidPath("a lone surrogate is no character, and stands for no byte", path) from error


def normalize(path: str) -> str:
    """A key from what a person wrote: slashes collapsed and stripped, `.` dropped, `..` refused."""
    key = "/".join(name for name in path.split("/") if name not in {"", "."})
    check_key(key)
    return key


def join(folder: str, name: str) -> str:
    """The key of `name` inside `folder`."""
    return f"{folder}/{name}" if folder else name


def parent(key: str) -> str:
    """The key of the folder that holds this; the root's parent is the root."""
    return key.rpartition("/")[0]


def name_of(key: str) -> str:
    """The last segment; "" for the root."""
    return key.rpartition("/")[2]


def is_below(key: str, folder: str) -> bool:
    """True when `key` is a descendant of `folder`, not when it is the folder itself."""
    return key != folder and (not folder or key.startswith(f"{folder}/"))


def ancestors(key: str) -> list[str]:
    """The folders on the way to `key`, nearest first, without the root."""
    found = []
    while key := parent(key):
        found.append(key)
    return found


def split_mount(path: str) -> tuple[str | None, str]:
    """`"mount:a/b"` as (`"mount"`, `"a/b"`); the mount is None where none is written.

    Only a colon before the first slash ends a mount name, so `"a/b:c"` is a plain path.
    """
    head, colon, rest = path.partition(":")
    if not colon or "/" in head:
        return None, normalize(path)
    return head, normalize(rest)
