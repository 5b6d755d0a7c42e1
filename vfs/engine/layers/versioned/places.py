"""Where the history lies: one folder at the root of the storage, whose name nothing else can have."""

from vfs.engine import paths

NAME = ".vfs-history"
"""Taken at every depth: a folder may itself be the root of another storage with a history."""

FILES = f"{NAME}/files"
CONTENTS = f"{NAME}/contents"
INCOMING = f"{NAME}/incoming"

PRIVATE = 0o700
"""The history's mode: what a folder's mode hides is not to be seen there."""


def is_reserved(key: str) -> bool:
    """Whether a key is the history's, or below it."""
    return NAME in key and NAME in key.split("/")


def content_folder(name: str) -> str:
    """The folder of one content and its references."""
    return f"{CONTENTS}/{name[-2:]}/{name}"


def content_place(name: str) -> str:
    """The content itself."""
    return paths.join(content_folder(name), "content")


def reference_place(name: str, version: str) -> str:
    """What says that a version needs the content."""
    return paths.join(content_folder(name), version)


def incoming_place(name: str) -> str:
    """Where a content waits until it is known to be whole."""
    return f"{INCOMING}/{name}"
