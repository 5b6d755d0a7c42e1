"""A daemon without a mount, in the process of the test: its control socket and its storage."""

from pathlib import Path

import pytest

from vfs.cli.parts_of_settings import part_of
from vfs.cli.serving import Serving
from vfs.config import load_settings
from vfs.control.server import ControlServer
from vfs.control.trees.conversation import Conversation
from vfs.engine.manager import StorageManager

ALONE, SERVED = "alone", "served"

with_daemon = pytest.mark.parametrize("tool", [SERVED], indirect=True)

with_and_without_daemon = pytest.mark.parametrize("tool", [ALONE, SERVED], indirect=True)
"""For tests of verbs that must not differ where a daemon serves the configuration's mounts."""


class StandIn:
    """Serves the mounts of `vfs.yaml` that can be opened, from when it is first asked who serves."""

    def __init__(self, folder: Path) -> None:
        self._config = folder / "vfs.yaml"
        self._url = f"http://stand-in.invalid{folder}"
        self._server: ControlServer | None = None
        self._manager: StorageManager | None = None

    @property
    def manager(self) -> StorageManager:
        """The storage, opened when it is first asked for."""
        if self._manager is None:
            settings = load_settings(str(self._config))
            names = {spec.name for spec in settings.mounts} - {"broken"}
            self._manager = StorageManager(part_of(settings, names))
            self._listen(self._manager)
        return self._manager

    def servings(self) -> list[Serving]:
        """As `vfs.cli.serving.servings`."""
        mounts = tuple(self.manager.mount_names())
        return [Serving(0, self._url, str(self._config), mounts, None)]

    def _listen(self, manager: StorageManager) -> None:
        self._server = ControlServer(
            self._url,
            {},
            {"trees": lambda connection: Conversation(connection, manager, readonly=False).run()},
        )

    def close(self) -> None:
        if self._server is not None:
            self._server.close()
        if self._manager is not None:
            self._manager.close()
