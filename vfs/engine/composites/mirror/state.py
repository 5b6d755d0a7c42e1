"""How the members of a mirror are doing."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class MemberState:
    """One member: why it cannot be reached (None: it can), and at how many keys it lags."""

    name: str
    problem: str | None
    lagging: int


@dataclass(frozen=True, slots=True)
class MirrorState:
    """All members, in the order as written."""

    members: tuple[MemberState, ...]

    @property
    def is_whole(self) -> bool:
        """Whether every member is there and lacks nothing."""
        return not any(member.problem or member.lagging for member in self.members)

    def __str__(self) -> str:
        return ", ".join(
            f"{member.name}: {member.problem or 'answers'}, {member.lagging} keys lag"
            for member in self.members
        )
