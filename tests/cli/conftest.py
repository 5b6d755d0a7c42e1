"""What the tests of the command share."""

import os
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.room import Room
from tests.mounts.waiting import wait_until


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Room]:
    """A room in which nothing runs or stays mounted afterwards."""
    room = Room(tmp_path)
    yield room
    for pid in room.daemons:
        os.kill(pid, signal.SIGKILL)
    wait_until(lambda: not room.daemons, 10, "the daemons to end")
    if room.is_mounted:
        subprocess.run(["fusermount3", "-uz", room.mountpoint], check=True)
