"""What the tests of the command share."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.room import Room


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Room]:
    """A room in which nothing runs or stays mounted afterwards."""
    room = Room(tmp_path)
    yield room
    room.close()
