"""A storage that a program made itself: an object that is mounted as it is, and named by no configuration."""

from pydantic import BaseModel, ConfigDict, field_serializer

from vfs.engine.backend import Backend


class GivenOptions(BaseModel):
    """The storage; the mount closes it."""

    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True)

    backend: Backend

    @field_serializer("backend")
    def _told(self, backend: Backend) -> str:
        return type(backend).__name__


def open_given(options: GivenOptions) -> Backend:
    """The storage itself: it is open."""
    return options.backend
