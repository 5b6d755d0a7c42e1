"""What a caller hands over to be written, as pieces of bytes. Nothing here holds a whole source."""

from collections.abc import Iterable, Iterator

from vfs.engine.backend import STREAM_CHUNK, Buffer, Source


def pieces(source: Source) -> Iterator[memoryview]:
    """The bytes of a source in order, without empty pieces.

    A piece is good until the next one is asked for: a source may refill its buffer. What the source
    itself raises goes through unchanged.
    """
    for part in _parts(source):
        view = memoryview(part).cast("B")
        if len(view):
            yield view


def _parts(source: Source) -> Iterable[Buffer]:
    if isinstance(source, bytes | bytearray | memoryview):
        return (memoryview(source),)
    read = getattr(source, "read", None)
    return source if read is None else iter(lambda: read(STREAM_CHUNK), b"")


def chunks(source: Source, size: int) -> Iterator[bytes]:
    """The bytes of a source regrouped into chunks of exactly `size`; only the last may be smaller."""
    held = bytearray()
    for piece in pieces(source):
        while len(held) + len(piece) >= size:
            room = size - len(held)
            yield bytes(held) + piece[:room] if held else bytes(piece[:room])
            held.clear()
            piece = piece[room:]
        held += piece
    if held:
        yield bytes(held)
