"""What a caller hands over to be written, as pieces of bytes. Nothing here holds a whole source."""

from collections.abc import Iterator

from vfs.engine.backend import STREAM_CHUNK, Source


def pieces(source: Source) -> Iterator[memoryview]:
    """The bytes of a source in order, without empty pieces.

    A piece is good until the next one is asked for: a source may refill its buffer. What the source
    itself raises goes through unchanged.
    """
    if isinstance(source, bytes | bytearray | memoryview):
        parts: Iterator[bytes | bytearray | memoryview] = iter((source,))
    elif hasattr(source, "read"):
        parts = iter(lambda: source.read(STREAM_CHUNK), b"")
    else:
        parts = iter(source)
    for part in parts:
        view = memoryview(part).cast("B")
        if len(view):
            yield view


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
