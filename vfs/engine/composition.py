"""What a storage type or a layer that stands on other mounts is given besides its options."""

from collections.abc import Callable
from dataclasses import dataclass

from vfs.engine.backend import Backend


@dataclass(frozen=True, slots=True)
class Composition:
    """The surroundings of one mount while it is built.

    What `member` gives is shared: whoever is built with it never closes it.
    """

    mount: str
    """The name of the mount that is being built."""
    member: Callable[[str], Backend]
    """The whole stack of another mount, by its name; ConfigError for one that is not open."""
    state: str
    """A folder of this machine for what must outlive the process; made by who first writes there."""
