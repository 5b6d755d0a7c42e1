"""What goes along with the bytes: metadata and attributes, as far as the target keeps such things."""

from dataclasses import replace

from vfs.engine.capabilities import Capability
from vfs.engine.entries import Attributes, Entry
from vfs.engine.files.tree import FileTree


def kept_metadata(entry: Entry, target: FileTree) -> dict[str, str]:
    """The user metadata of a copy there."""
    return dict(entry.metadata) if Capability.USER_METADATA in target.capabilities else {}


def kept_attributes(entry: Entry, target: FileTree) -> Attributes | None:
    """The mode, owner, times and extended attributes of a copy there; None where none are kept."""
    if Capability.POSIX_ATTRIBUTES not in target.capabilities:
        return None
    return replace(entry.attributes, xattrs=_kept_xattrs(entry, target))


def _kept_xattrs(entry: Entry, target: FileTree) -> dict[str, bytes] | None:
    """What programs keep with a file; other names mean something to one system only."""
    if entry.xattrs is None or Capability.USER_METADATA not in target.capabilities:
        return None
    return {name: value for name, value in entry.xattrs.items() if name.startswith("user.")}
