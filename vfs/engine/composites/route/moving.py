"""Renames in a route: one act of a member where both names lead to it."""

from vfs.engine.backend import Moves
from vfs.engine.composites.route.members import Members
from vfs.engine.errors import CapabilityNotSupported, IsADirectory


class RouteMoves:
    """Files and symlinks; a folder's files may lead to several members."""

    def __init__(self, members: Members) -> None:
        self._members = members

    def can_move(self, source: str, target: str) -> bool:
        return self._moves(source, target) is not None

    def move_file(self, source: str, target: str) -> None:
        moves = self._moves(source, target)
        if moves is None:
            raise CapabilityNotSupported("these names lead to different mounts", target)
        if self._members.stat(source).is_folder:
            raise IsADirectory(path=source)
        self._members.check_free_for_file(target)
        moves.move(source, target)

    def _moves(self, source: str, target: str) -> Moves | None:
        own = self._members.of(source)
        return own.ability(Moves) if self._members.of(target) is own else None
