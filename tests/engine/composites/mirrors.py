"""Mirrors of storages that fail on demand, as tests open them."""

import errno
from pathlib import Path

from tests.engine.composites.flaky import Flaky
from vfs.engine.backends.memory import MemoryBackend
from vfs.engine.composites.mirror import MirrorBackend, MirrorOptions
from vfs.engine.errors import StorageError

FULL = StorageError("no room left", errno=errno.ENOSPC)
"""What a member says that takes nothing more."""


class Pair:
    """A mirror of `home` and `photos`; repaired in the background only when a test asks for a short pause."""

    def __init__(self, folder: Path, **options: object) -> None:
        self.home = Flaky(MemoryBackend())
        self.photos = Flaky(MemoryBackend())
        self._folder = folder
        self.options = MirrorOptions.model_validate({"mounts": ["home", "photos"], "pause": 3600, **options})
        self.mirror = self.opened()

    def opened(self) -> MirrorBackend:
        members = {"home": self.home, "photos": self.photos}
        return MirrorBackend(members, self.options, str(self._folder / "state" / "record"))

    def restart(self) -> None:
        """As if another process took over."""
        self.mirror.close()
        self.mirror = self.opened()

    def both(self) -> tuple[Flaky, Flaky]:
        return self.home, self.photos

    def lagging(self) -> dict[str, int]:
        return {member.name: member.lagging for member in self.mirror.state().members}
