"""Copying and moving files and trees from one place to another, in any two mounts."""

from vfs.engine.copying.options import CopyOptions, Place
from vfs.engine.copying.run import copy
from vfs.engine.copying.selection import Selection
from vfs.engine.copying.skipping import SkipRule, SkipStrategy
from vfs.engine.copying.summary import CopyFailure, CopySummary

__all__ = [
    "CopyFailure",
    "CopyOptions",
    "CopySummary",
    "Place",
    "Selection",
    "SkipRule",
    "SkipStrategy",
    "copy",
]
