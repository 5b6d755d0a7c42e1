"""Answers of obstore, taken into slabs as they come."""

from dataclasses import dataclass

import pytest

from vfs.engine.backends.objects.obstores import received
from vfs.engine.errors import BackendUnavailable
from vfs.engine.slabs import SLAB

_PART = bytes(range(256)) * (SLAB // 8 // 256)


@dataclass
class _Result:
    """What obstore gives for a range, as it comes in pieces."""

    pieces: list[bytes]
    range: tuple[int, int] = (SLAB, 2 * SLAB)

    def stream(self, *, min_chunk_size: int):
        assert min_chunk_size < SLAB
        return iter(self.pieces)

    def bytes(self) -> bytes:
        return b"".join(self.pieces)


def test_pieces_are_put_together():
    """A part's bytes are those of its pieces, in order; a small answer is taken as it is."""
    pieces = [_PART, _PART[:100], _PART[100:], *[_PART] * 6]
    assert received(_Result(pieces), "a") == _PART * 8
    assert received(_Result([b"small"], (3, 8)), "a") == b"small"


@pytest.mark.parametrize("pieces", [[_PART] * 7, [*[_PART] * 8, b"x"], []])
def test_another_number_of_bytes_than_announced_is_tried_again(pieces):
    """What a used slab held before is never taken for bytes of an answer that ended early."""
    with pytest.raises(BackendUnavailable) as raised:
        received(_Result(pieces), "folder/a")
    assert raised.value.path == "folder/a"
