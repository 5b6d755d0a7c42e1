"""The whole content of a node's file: read and written in one act, in pieces, as text or as JSON."""

import json
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any, Literal, Self, Unpack, overload

from vfs.engine.backend import Source
from vfs.engine.capabilities import Capability
from vfs.engine.entries import WriteResult
from vfs.engine.files.drafts import Replacement
from vfs.engine.files.present_state import PresentFile
from vfs.engine.mount_errors import naming_mount
from vfs.engine.nodes.live import LiveNode, telling_place
from vfs.engine.nodes.reading import Readable, check_offsets, read_span
from vfs.engine.nodes.results import NodeWriteResult, WriteOptions
from vfs.engine.nodes.writing import store
from vfs.engine.workers import Workers

RANGES_AT_ONCE = 8
"""Ranges of one file that are fetched from a remote storage at the same time."""


class NodeContent(Readable, LiveNode):
    """A place whose file can be read and written."""

    __slots__ = ()

    def _telling(self) -> AbstractContextManager[None]:
        return naming_mount(self._mount, self._key)

    @telling_place
    def _opened(self) -> PresentFile:
        """The file as it is now, for reads at any offset."""
        return self._tree.open_present(self._key)

    @telling_place
    def read_ranges(self, ranges: Sequence[tuple[int, int | None]]) -> list[bytes]:
        """The bytes of several ranges (start, end), all of one state of the file; several at a time."""
        for start, end in ranges:
            check_offsets(start, end)
        file = self._opened()
        try:
            size = file.stat().size
            spans = [(start, size if end is None else end) for start, end in ranges]
            if len(spans) > 1 and self._tree.backend.is_remote:
                return _read_at_once(file, spans)
            return [read_span(file, *span) for span in spans]
        finally:
            file.close()

    @telling_place
    def write_bytes(
        self,
        data: Source,
        *,
        overwrite: bool = True,
        if_match: str | None = None,
        metadata: Mapping[str, str] | None = None,
        skip_if_unchanged: bool = False,
    ) -> NodeWriteResult[Self]:
        """Store a whole file in one act: others see the old file or the new one, never a part.

        `data` is bytes, a binary file read to its end or an iterator of pieces, taken as they come. Whatever
        goes wrong leaves the old file. `overwrite=False` raises AlreadyExists, `if_match` Conflict unless the
        file has that ETag. The mode, the owner and, unless given, the metadata of the old file stay. With
        `skip_if_unchanged`, a file that has this content and metadata is left alone: the result is false.
        """
        wanted = Replacement(self._key, overwrite, if_match, metadata)
        return self._written(store(self._tree, wanted, data, skip_if_unchanged=skip_if_unchanged))

    def _written(self, told: WriteResult) -> NodeWriteResult[Self]:
        return NodeWriteResult(
            told.path,
            told.size,
            told.etag,
            told.version_id,
            told.mtime_ns,
            told.digest,
            told.written,
            told.ctime_ns,
            node=self if told.path == self._key else self._at(told.path),
        )

    def write_atomic(
        self, data: Source, *, overwrite: bool = False, metadata: Mapping[str, str] | None = None
    ) -> NodeWriteResult[Self]:
        """As `write_bytes`, for a free name unless `overwrite`, where the storage replaces files in one act.

        Raises CapabilityNotSupported elsewhere, before anything is written.
        """
        self._require(Capability.ATOMIC_WRITE, "replace a file in one act")
        return self.write_bytes(data, overwrite=overwrite, metadata=metadata)

    def write_text(
        self, data: str, encoding: str = "utf-8", errors: str = "strict", **options: Unpack[WriteOptions]
    ) -> NodeWriteResult[Self]:
        """As `write_bytes`; line ends stay as they are."""
        return self.write_bytes(data.encode(encoding, errors), **options)

    def write_json(
        self, value: Any, *, indent: int | None = None, **options: Unpack[WriteOptions]
    ) -> NodeWriteResult[Self]:
        """Store a value as JSON, in UTF-8. Raises TypeError, ValueError for what JSON cannot say."""
        text = json.dumps(value, indent=indent, ensure_ascii=False, allow_nan=False)
        return self.write_text(text, **options)

    @overload
    def write(
        self, data: str, mode: Literal["w"] = "w", encoding: str = "utf-8", **options: Unpack[WriteOptions]
    ) -> NodeWriteResult[Self]: ...

    @overload
    def write(
        self, data: Source, mode: Literal["wb"], encoding: str = "utf-8", **options: Unpack[WriteOptions]
    ) -> NodeWriteResult[Self]: ...

    def write(
        self,
        data: str | Source,
        mode: Literal["w", "wb"] = "w",
        encoding: str = "utf-8",
        **options: Unpack[WriteOptions],
    ) -> NodeWriteResult[Self]:
        """Store a whole file, from text (`w`) or bytes (`wb`); TypeError for data of the other kind."""
        if mode not in {"w", "wb"}:
            raise ValueError(f"invalid mode: {mode!r}; write takes 'w' or 'wb'")
        if isinstance(data, str) is (mode == "wb"):
            raise TypeError(f"mode {mode!r} does not take {type(data).__name__}")
        if isinstance(data, str):
            return self.write_text(data, encoding, **options)
        return self.write_bytes(data, **options)


def _read_at_once(file: PresentFile, spans: Sequence[tuple[int, int]]) -> list[bytes]:
    threads = min(len(spans), RANGES_AT_ONCE)
    workers = Workers(threads, "vfs-ranges")
    try:
        return list(workers.map_bounded(lambda span: read_span(file, *span), spans, threads))
    finally:
        workers.close()
