"""Names percent-encoded in the store, for storages that cannot keep every name."""

import os
from typing import TypeVar
from urllib.parse import quote_from_bytes, unquote_to_bytes

from pydantic import BaseModel

from vfs.engine import paths
from vfs.engine.backend import Backend
from vfs.engine.errors import InvalidPath
from vfs.engine.layers.mapped_keys import KeyMappingLayer

ResultT = TypeVar("ResultT")


class UrlEncodeOptions(BaseModel, frozen=True, extra="forbid"):
    """What is left as it is."""

    safe: str = ""
    """Characters of ASCII that are not encoded, besides letters, digits and `_.-~`."""


class UrlEncodeLayer(KeyMappingLayer):
    """Each segment of a key is encoded by itself, so folders stay folders.

    A name in the store that is not encoded just so is none of this layer's, and is not shown. Encoded
    names are longer: where the store takes 255 bytes, a name of other letters than ASCII has room for 85.
    """

    def __init__(self, inner: Backend, options: UrlEncodeOptions | None = None) -> None:
        super().__init__(inner)
        self._safe = (options or UrlEncodeOptions()).safe.replace("%", "").replace("/", "")

    def located(self, location: str) -> str:
        return f"{location}#url_encode={self._safe}"

    def place_of(self, key: str) -> str:
        place = "/".join(map(self.stored_name, key.split("/")))
        paths.check_key(place)
        return place

    def key_at(self, place: str) -> str | None:
        names = [self.shown_name(name) for name in place.split("/")]
        return None if None in names else "/".join(name for name in names if name is not None)

    def stored_name(self, name: str) -> str:
        return quote_from_bytes(os.fsencode(name), safe=self._safe)

    def shown_name(self, name: str) -> str | None:
        shown = os.fsdecode(unquote_to_bytes(os.fsencode(name)))
        return shown if self.stored_name(shown) == name and _is_name(shown) else None


def _is_name(shown: str) -> bool:
    try:
        paths.check_name(shown)
    except InvalidPath:
        return False
    return True
