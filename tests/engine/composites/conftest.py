"""The mirror of two members that may fail."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.engine.composites.mirrors import Pair


@pytest.fixture
def pair(tmp_path: Path) -> Iterator[Pair]:
    pair = Pair(tmp_path)
    yield pair
    pair.mirror.close()
