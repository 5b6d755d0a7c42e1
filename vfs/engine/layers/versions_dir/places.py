"""What a key below `.versions` stands for. Pure; nothing here asks anybody."""

import os
from dataclasses import dataclass
from enum import Enum, auto

from vfs.engine import paths
from vfs.engine.layers.versions_dir.moments import moment_of
from vfs.engine.layers.versions_dir.names import CHANGES, FOLDER

DELETED = "@deleted-"
"""What a deleted folder is called begins with this."""

_NEVER_DELETED = frozenset({"", ".", "..", FOLDER})


class PastKind(Enum):
    """The kinds of places."""

    HISTORIES = auto()
    """`.versions` itself."""
    DELETED = auto()
    """A deleted folder: what its own `.versions` would show if one could walk there."""
    HISTORY = auto()
    """The folder of one file's versions."""
    VERSION = auto()
    CHANGES = auto()
    """The folder of one file's changes from version to version."""
    CHANGE = auto()
    MOMENT = auto()
    """A place in a folder as it was."""
    NOTHING = auto()


@dataclass(frozen=True, slots=True)
class PastPlace:
    """`key` is that of the file, or of the folder, whose past it is."""

    kind: PastKind
    key: str
    name: str = ""
    """Of a version or a change, its file name; of a moment, the word."""
    is_top: bool = False
    """Of a moment, whether it is the folder in `.versions` itself."""


def is_past(key: str) -> bool:
    return key == FOLDER or key.startswith(f"{FOLDER}/") or f"/{FOLDER}/" in f"{key}/"


def past_place(key: str) -> PastPlace:
    """The place of a key for which `is_past` is true."""
    names = key.split("/")
    at = names.index(FOLDER)
    folder, below = "/".join(names[:at]), names[at + 1 :]
    if not below:
        return PastPlace(PastKind.HISTORIES, folder)
    first, *rest = below
    if first.startswith("@") and _is_moment(first[1:]):
        return PastPlace(PastKind.MOMENT, "/".join(names[:at] + rest), first[1:], is_top=not rest)
    gone = first.removeprefix(DELETED)
    if gone not in _NEVER_DELETED and gone != first:
        deleted = paths.join(folder, gone)
        return (
            past_place("/".join((deleted, FOLDER, *rest))) if rest else PastPlace(PastKind.DELETED, deleted)
        )
    file = paths.join(folder, file_name(first))
    match rest:
        case []:
            return PastPlace(PastKind.HISTORY, file)
        case [str() as only] if only == CHANGES:
            return PastPlace(PastKind.CHANGES, file)
        case [str() as only]:
            return PastPlace(PastKind.VERSION, file, only)
        case [str() as parent, str() as name] if parent == CHANGES:
            return PastPlace(PastKind.CHANGE, file, name)
    return PastPlace(PastKind.NOTHING, file)


def shown_name(name: str) -> str:
    """What the folder of a file's versions is called: as the file, unless that means something else."""
    is_taken = name.startswith(("@@", DELETED)) or (name.startswith("@") and _is_moment(name[1:]))
    return f"@{name}" if is_taken else name


def deleted_name(name: str) -> str | None:
    """What a deleted folder is called, beside a file that had the same name; None where it can have none."""
    shown = f"{DELETED}{name}"
    has_one = name not in _NEVER_DELETED and len(os.fsencode(shown)) <= paths.MAX_NAME_BYTES
    return shown if has_one else None


def file_name(shown: str) -> str:
    return shown[1:] if shown.startswith("@@") else shown


def _is_moment(word: str) -> bool:
    return moment_of(word, 1e9) is not None
