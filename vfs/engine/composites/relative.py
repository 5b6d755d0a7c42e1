"""A folder of another mount as a mount of its own."""

from pydantic import BaseModel

from vfs.engine.backend import Backend
from vfs.engine.composition import Composition
from vfs.engine.errors import NotADirectory, NotFound
from vfs.engine.layers.prefix import PrefixLayer, PrefixOptions
from vfs.engine.option_types import MountPath


class RelativeOptions(BaseModel, frozen=True, extra="forbid"):
    """Which folder of which mount."""

    path: MountPath
    """`mount:folder`; `mount:` is all of it. The folder need not be there: the first entry makes it."""


def open_relative(options: RelativeOptions, composition: Composition) -> Backend:
    """The folder with everything that its mount's stack can do. NotADirectory where a file stands there."""
    place = options.path
    member = composition.member(place.mount)
    if not place.key:
        return member
    try:
        is_folder = member.stat(place.key).is_folder
    except NotFound:
        is_folder = True
    if not is_folder:
        raise NotADirectory("a relative mount needs a folder here", place.key, mount=place.mount)
    return PrefixLayer(member, PrefixOptions(prefix=place.key))
