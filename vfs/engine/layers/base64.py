"""Contents stored as base64, for storages that keep only text.

A file of the store is plain base64 with its padding, and after each `=` a line end, so that the size alone
tells how many bytes there are, and any decoder reads it.
"""

import base64
import binascii
from collections.abc import Iterator
from dataclasses import replace
from typing import Literal

from pydantic import BaseModel

from vfs.engine.backend import Backend, Buffer, Source
from vfs.engine.entries import Entry
from vfs.engine.errors import StorageError
from vfs.engine.layers.content import ContentLayer, Pin
from vfs.engine.sources import chunks

CHUNK = 3 << 18
"""Bytes encoded at a time; a multiple of three, as only the last may be padded."""

_ALPHABETS = {"standard": b"+/", "urlsafe": b"-_"}


class Base64Options(BaseModel, frozen=True, extra="forbid"):
    """Which base64."""

    alphabet: Literal["standard", "urlsafe"] = "standard"
    """Of RFC 4648: `+/`, or `-_`."""


class Base64Layer(ContentLayer):
    """A third larger in the store; a range costs the range, a third larger too."""

    def __init__(self, inner: Backend, options: Base64Options | None = None) -> None:
        super().__init__(inner)
        self._alphabet = (options or Base64Options()).alphabet
        self.largest_file = inner.largest_file // 4 * 3 - 3

    def located(self, location: str) -> str:
        return f"{location}#base64={self._alphabet}"

    def encoded(self, key: str, source: Source) -> Iterator[bytes]:
        for chunk in chunks(source, CHUNK):
            text = base64.b64encode(chunk, _ALPHABETS[self._alphabet])
            padding = -len(chunk) % 3
            yield text + b"\n" * padding if padding else text

    def plain_size(self, pin: Pin) -> int:
        return max(0, pin.size // 4 * 3 - pin.size % 4)

    def stored(self, folder: str, entry: Entry) -> Entry:
        whole, rest = divmod(entry.size, 3)
        return replace(entry, size=whole * 4 + (0, 6, 5)[rest]) if entry.is_file else entry

    def read_pinned(self, pin: Pin, start: int, end: int | None) -> Buffer:
        size = self.plain_size(pin)
        end = size if end is None else min(end, size)
        if start >= end:
            return b""
        first = start // 3
        text = bytes(self.stored_range(pin, first * 4, -(-end // 3) * 4))
        try:
            plain = base64.b64decode(text, _ALPHABETS[self._alphabet], validate=True)
        except binascii.Error as error:
            raise StorageError(f"the stored file is not base64 of this layer: {error}", pin.key) from error
        if len(plain) < end - first * 3:
            raise StorageError("the stored file is not base64 of this layer: wrong padding", pin.key)
        return memoryview(plain)[start - first * 3 : end - first * 3]
