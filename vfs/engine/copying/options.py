"""How a copy is to be made."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple

from vfs.engine.copying.inventory import Listed
from vfs.engine.copying.selection import Selection
from vfs.engine.copying.skipping import SkipRule
from vfs.engine.files.tree import FileTree

WORKERS = 16
"""Files under way at once, unless told otherwise."""


class Place(NamedTuple):
    """A tree and a key in it."""

    tree: FileTree
    key: str


@dataclass(frozen=True, slots=True)
class CopyOptions:
    """What `StorageNode.copy_to` was told. The functions are called in the thread that copies."""

    skip: SkipRule = field(default_factory=SkipRule)
    selection: Selection = field(default_factory=Selection)
    overwrite: bool = True
    verify: bool = False
    delete: bool = False
    dry_run: bool = False
    workers: int = WORKERS
    progress: Callable[[int, int], object] | None = None
    on_file: Callable[[Listed], object] | None = None
    on_skip: Callable[[Listed, str], object] | None = None
