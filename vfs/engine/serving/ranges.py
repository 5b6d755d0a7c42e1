"""The ranges of a file that a request asks for."""

from werkzeug.http import parse_range_header

from vfs.engine.serving.requests import Request

MOST_RANGES = 64
"""A request for more is answered with the whole file: that costs the client less than so many parts."""

Span = tuple[int, int]
"""The first byte, and the one after the last."""


def spans_asked(request: Request, size: int) -> list[Span] | None:
    """The ranges that the file has; [] where it has none of those asked for, None where the whole is meant.

    What is no range of bytes, and ranges that overlap or go backwards, ask for the whole.
    """
    asked = parse_range_header(request.headers.get("range"))
    if asked is None or asked.units != "bytes" or len(asked.ranges) > MOST_RANGES:
        return None
    spans = [_within(start, end, size) for start, end in asked.ranges]
    return [span for span in spans if span[0] < span[1]]


def _within(start: int, end: int | None, size: int) -> Span:
    """A negative start counts from the end."""
    first = max(size + start, 0) if start < 0 else start
    return first, size if end is None else min(end, size)
