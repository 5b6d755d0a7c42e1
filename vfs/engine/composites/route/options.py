"""Which files go to which mount."""

from pydantic import BaseModel, Field, field_validator

from vfs.engine.errors import StorageError
from vfs.engine.option_types import MountName
from vfs.engine.patterns import PathPattern


class Route(BaseModel, frozen=True, extra="forbid"):
    """The files that match a pattern, and their mount."""

    pattern: str
    """Names, `*`, `?` and `[...]` in names, `**` for any folders. Without a slash it is the name alone."""
    mount: MountName

    @field_validator("pattern")
    @classmethod
    def _pattern_can_match(cls, pattern: str) -> str:
        try:
            path_pattern(pattern)
        except StorageError as error:
            raise ValueError(error.message) from error
        return pattern


class RouteOptions(BaseModel, frozen=True, extra="forbid"):
    """The routes, in their order, and where everything else is."""

    routes: tuple[Route, ...] = Field(min_length=1)
    default: MountName


def path_pattern(pattern: str) -> PathPattern:
    """The pattern of whole keys; one without a slash fits at any depth. Raises as `PathPattern` does."""
    return PathPattern(f"**/{pattern}" if pattern and "/" not in pattern else pattern)
