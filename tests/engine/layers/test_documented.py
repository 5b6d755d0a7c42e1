"""The manual tells of every layer and of every option."""

import re
from pathlib import Path

import pytest

from vfs.config.problems import keys_of
from vfs.engine.layers import LAYER_TYPES

MANUAL = Path(__file__).parents[3] / "docs" / "CONFIG.md"


@pytest.mark.parametrize("name", LAYER_TYPES.names)
def test_every_layer_and_option_is_in_the_manual(name: str) -> None:
    """A paragraph begins with the layer's name, and a table after it has its options and no others."""
    _, paragraph, rest = MANUAL.read_text().partition(f"\n**`{name}`** ")
    assert paragraph
    own = re.split(r"\n(?:\*\*`|##)", rest)[0]
    assert set(re.findall(r"^\| `(\w+)` \|", own, re.MULTILINE)) == keys_of(LAYER_TYPES.load(name).options)
