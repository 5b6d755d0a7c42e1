"""Files that are JSON: anything else is refused when it is written, with the line where it goes wrong."""

import errno
from collections.abc import Callable, Iterator, Mapping
from typing import TypeVar

from pydantic import BaseModel, Field

from vfs.engine import paths
from vfs.engine.backend import STREAM_CHUNK, Backend, Buffer, OpensInPlace, Source, UploadsParts
from vfs.engine.entries import Attributes, WriteResult
from vfs.engine.errors import NotFound, StorageError
from vfs.engine.layers.acts import Act
from vfs.engine.layers.intercepted_abilities import INTERCEPTED
from vfs.engine.layers.interception import InterceptingLayer
from vfs.engine.layers.json_grammar import JsonText, NotJson
from vfs.engine.node_abilities import HasLocalPaths
from vfs.engine.originals import CopiesFrom
from vfs.engine.patterns import name_filter
from vfs.engine.sources import pieces

ResultT = TypeVar("ResultT")

CHECKED_AT_ONCE = 1 << 20
"""Bytes that are checked before the store is asked at all, and then given to it as they came."""

_NAMINGS = frozenset({Act.MOVE, Act.COPY, Act.MAKE_LINK, Act.EXCHANGE})


class JsonOptions(BaseModel, frozen=True, extra="forbid"):
    """Which files."""

    pattern: str = Field(default="*", min_length=1)
    """Of the names that are checked: `*`, `?`, `[...]`."""
    empty: bool = False
    """Whether such a file may hold nothing, as between its creation and the first write."""


class JsonLayer(InterceptingLayer):
    """What programs read is byte for byte what they wrote, and one JSON text in UTF-8.

    A text is checked while it goes to the store, whole: a mistake in it leaves the old file. A file that
    gets such a name by a rename or a copy is read for it first. What is stored already is not looked at.
    """

    exposes = frozenset(INTERCEPTED) - {CopiesFrom, HasLocalPaths, OpensInPlace, UploadsParts}

    def __init__(self, inner: Backend, options: JsonOptions | None = None) -> None:
        super().__init__(inner)
        self._options = options or JsonOptions()
        self._is_checked = name_filter(self._options.pattern)

    def around(self, act: Act, keys: tuple[str, ...], run: Callable[..., ResultT]) -> ResultT:
        if act in _NAMINGS:
            self._check_named(*keys)
            if act is Act.EXCHANGE:
                self._check_named(*reversed(keys))
        return run(*keys)

    def write(
        self,
        key: str,
        source: Source,
        *,
        overwrite: bool = True,
        if_match: str | None = None,
        metadata: Mapping[str, str] | None = None,
        attributes: Attributes | None = None,
    ) -> WriteResult:
        return super().write(
            key,
            self._checked(key, source) if self._is_json(key) else source,
            overwrite=overwrite,
            if_match=if_match,
            metadata=metadata,
            attributes=attributes,
        )

    def _is_json(self, key: str) -> bool:
        return self._is_checked(paths.name_of(key))

    def _checked(self, key: str, source: Source) -> Source:
        checked = self._passing(key, pieces(source))
        if isinstance(source, bytes | bytearray | memoryview) and len(source) <= CHECKED_AT_ONCE:
            for _ in checked:
                """Nothing goes anywhere before all of it is right."""
            return source
        return checked

    def _passing(self, key: str, source: Iterator[Buffer]) -> Iterator[Buffer]:
        text = JsonText()
        try:
            for piece in source:
                text.feed(piece)
                yield piece
            if not (text.is_empty and self._options.empty):
                text.finish()
        except NotJson as error:
            raise StorageError(f"this is no JSON: {error}", key, errno=errno.EILSEQ) from error

    def _check_named(self, source: str, target: str) -> None:
        """Read a file that was not checked so far, and is to have a name that is."""
        if self._is_json(source) or not self._is_json(target):
            return
        try:
            entry = self.inner.stat(source)
        except NotFound:
            return
        if entry.is_file:
            ranges = range(0, entry.size, STREAM_CHUNK)
            stored = (self.inner.read(source, at, at + STREAM_CHUNK, if_match=entry.etag) for at in ranges)
            for _ in self._passing(target, stored):
                """What is stored stays where it is."""
