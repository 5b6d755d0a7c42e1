"""Places: the paths of URLs as mounts and keys, and back. Names are bytes, as everywhere."""

import os
import re
from collections.abc import MutableMapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, unquote

from vfs.engine import FileTree, InvalidPath

_UNQUOTED = "/!*'(),$-_.~"
"""Besides letters and digits; some clients stumble over quoted parentheses."""

_ASKED = "vfs.dav.asked"
"""In a request's environment: what PATH_INFO was when it was looked at, and the path that this is."""

_HAS_ODD_NAMES = re.compile(r"//|/\.|\x00").search
"""Whether a path may hold an empty name, `.`, `..` or NUL."""

_PLAIN = re.compile(f"[A-Za-z0-9{re.escape(_UNQUOTED)}]*").fullmatch


@dataclass(frozen=True, slots=True)
class Place:
    """A mount's tree and a key in it."""

    tree: FileTree
    key: str


def quoted(path: str) -> str:
    """A path as it stands in URLs."""
    if _PLAIN(path):
        return path
    return quote(os.fsencode(path), safe=_UNQUOTED)


def unquoted(path: str) -> str:
    """A path from a URL; bytes that are no UTF-8 become surrogates, as `os.fsdecode` has them."""
    return unquote(path, errors="surrogateescape")


def path_asked(environ: MutableMapping[str, Any]) -> str:
    """The path that a WSGI request is about, as `normal` gives it; found once. Raises InvalidPath."""
    told = str(environ.get("PATH_INFO") or "/")
    known: tuple[str, str] | None = environ.get(_ASKED)
    if known is not None and known[0] == told:
        return known[1]
    path = told if told.isascii() else told.encode("latin-1").decode("utf-8", "surrogateescape")
    path = normal(path)
    environ[_ASKED] = (told, path)
    return path


def normal(path: str) -> str:
    """A path with one slash before each name and none at the end; the root is "/".

    Raises InvalidPath for `..` and NUL: no client walks up on purpose.
    """
    if path[:1] == "/" and path[-1] != "/" and not _HAS_ODD_NAMES(path):
        return path
    names = [name for name in path.split("/") if name not in {"", "."}]
    if ".." in names or "\0" in path:
        raise InvalidPath("a path cannot hold '..' or NUL", path)
    return "/" + "/".join(names)


def parent(path: str) -> str:
    """The folder that holds this; the root's parent is the root."""
    return path.rpartition("/")[0] or "/"


def name_of(path: str) -> str:
    """The last name; "" for the root."""
    return path.rpartition("/")[2]


def child(folder: str, name: str) -> str:
    return f"/{name}" if folder == "/" else f"{folder}/{name}"


def is_within(path: str, folder: str) -> bool:
    """Whether a path is a folder or lies below it."""
    return path == folder or folder == "/" or path.startswith(f"{folder}/")
