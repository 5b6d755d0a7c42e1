"""Which mounts a mirror consists of, and what it asks of them."""

from typing import Annotated, Literal

from pydantic import BaseModel, Field, model_validator

from vfs.engine.option_types import Duration, LocalPath, MountName


class MirrorOptions(BaseModel, frozen=True, extra="forbid"):
    """The members and what is expected of them."""

    mounts: Annotated[tuple[MountName, ...], Field(min_length=2)]
    """Names of mounts; reads come from the first that answers."""
    min_success: Annotated[int, Field(ge=1)] | Literal["all"] = 1
    """How many members must have made a change for it to succeed."""
    pause: Duration = 10.0
    """Seconds that a member is left alone after it gave no answer, and between two tries to repair it."""
    state: LocalPath | None = None
    """The file that records what members lack; None: one of its own below the configuration's `state`."""

    @model_validator(mode="after")
    def _numbers_fit(self) -> "MirrorOptions":
        if len(set(self.mounts)) < len(self.mounts):
            raise ValueError("a mount is named twice")
        if self.enough > len(self.mounts):
            raise ValueError(f"min_success: there are only {len(self.mounts)} mounts")
        return self

    @property
    def enough(self) -> int:
        """How many members must have made a change."""
        return len(self.mounts) if self.min_success == "all" else self.min_success
