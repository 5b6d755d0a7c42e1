"""The storage type `mirror`: several mounts that hold the same."""

from vfs.engine.composites.mirror.backend import MirrorBackend, open_mirror
from vfs.engine.composites.mirror.comparing import Difference
from vfs.engine.composites.mirror.options import MirrorOptions
from vfs.engine.composites.mirror.repairing import RepairReport
from vfs.engine.composites.mirror.state import MemberState, MirrorState

__all__ = [
    "Difference",
    "MemberState",
    "MirrorBackend",
    "MirrorOptions",
    "MirrorState",
    "RepairReport",
    "open_mirror",
]
