"""The whole content of a node's file, and what is kept beside it: read and written by awaiting."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Literal, Self, Unpack, overload

from vfs.aio.feeding import AsyncSource, storing
from vfs.aio.iteration import AsyncIteration
from vfs.aio.nodes.place import AsyncPlace
from vfs.aio.pending import Pending
from vfs.aio.threads import changing, reading
from vfs.engine.entries import WriteResult
from vfs.engine.nodes import NodeWriteResult
from vfs.engine.nodes.downloading import SIZE_LIMIT, TIME_LIMIT
from vfs.engine.nodes.past import VersionChoice
from vfs.engine.nodes.results import WriteOptions


class AsyncContent(AsyncPlace):
    """A place whose file can be read and written."""

    __slots__ = ()

    def read_bytes(self, start: int = 0, end: int | None = None) -> Pending[bytes]:
        return reading(self._node.read_bytes, start, end)

    def read_ranges(self, ranges: Sequence[tuple[int, int | None]]) -> Pending[list[bytes]]:
        return reading(self._node.read_ranges, ranges)

    def read_text(self, encoding: str = "utf-8", errors: str = "strict") -> Pending[str]:
        return reading(self._node.read_text, encoding, errors)

    @overload
    def read(self, mode: Literal["r"] = "r", encoding: str = "utf-8") -> Pending[str]: ...

    @overload
    def read(self, mode: Literal["rb"], encoding: str = "utf-8") -> Pending[bytes]: ...

    def read(self, mode: Literal["r", "rb"] = "r", encoding: str = "utf-8") -> Pending[str] | Pending[bytes]:
        return reading(self._node.read, mode, encoding)  # type: ignore[arg-type] # one overload at a time

    def read_json(self, encoding: str = "utf-8") -> Pending[Any]:
        return reading(self._node.read_json, encoding)

    def iter_bytes(self, start: int = 0, end: int | None = None) -> AsyncIteration[bytes]:
        return AsyncIteration(self._node.iter_bytes(start, end), at_once=1)

    def write_bytes(
        self,
        data: AsyncSource,
        *,
        overwrite: bool = True,
        if_match: str | None = None,
        metadata: Mapping[str, str] | None = None,
        skip_if_unchanged: bool = False,
    ) -> Pending[NodeWriteResult[Self]]:
        """`data` may also be an async iterator of pieces, or a file whose `read` is awaited."""
        options = WriteOptions(
            overwrite=overwrite,
            if_match=if_match,
            metadata=metadata,
            skip_if_unchanged=skip_if_unchanged,
        )
        return storing(data, lambda source: self._written(self._node.write_bytes(source, **options)))

    def write_atomic(
        self, data: AsyncSource, *, overwrite: bool = False, metadata: Mapping[str, str] | None = None
    ) -> Pending[NodeWriteResult[Self]]:
        return storing(
            data,
            lambda source: self._written(
                self._node.write_atomic(source, overwrite=overwrite, metadata=metadata)
            ),
        )

    def write_text(
        self, data: str, encoding: str = "utf-8", errors: str = "strict", **options: Unpack[WriteOptions]
    ) -> Pending[NodeWriteResult[Self]]:
        return changing(lambda: self._written(self._node.write_text(data, encoding, errors, **options)))

    def write_json(
        self, value: Any, *, indent: int | None = None, **options: Unpack[WriteOptions]
    ) -> Pending[NodeWriteResult[Self]]:
        return changing(lambda: self._written(self._node.write_json(value, indent=indent, **options)))

    def fill_from_url(
        self,
        url: str,
        timeout: float = 30,
        *,
        allow_private: bool = False,
        size_limit: int | None = SIZE_LIMIT,
        time_limit: float | None = TIME_LIMIT,
        **options: Unpack[WriteOptions],
    ) -> Pending[NodeWriteResult[Self]]:
        def fill() -> NodeWriteResult[Self]:
            filled = self._node.fill_from_url(
                url,
                timeout,
                allow_private=allow_private,
                size_limit=size_limit,
                time_limit=time_limit,
                **options,
            )
            return self._written(filled)

        return changing(fill)

    @overload
    def write(
        self, data: str, mode: Literal["w"] = "w", encoding: str = "utf-8", **options: Unpack[WriteOptions]
    ) -> Pending[NodeWriteResult[Self]]: ...

    @overload
    def write(
        self,
        data: AsyncSource,
        mode: Literal["wb"],
        encoding: str = "utf-8",
        **options: Unpack[WriteOptions],
    ) -> Pending[NodeWriteResult[Self]]: ...

    def write(
        self,
        data: str | AsyncSource,
        mode: Literal["w", "wb"] = "w",
        encoding: str = "utf-8",
        **options: Unpack[WriteOptions],
    ) -> Pending[NodeWriteResult[Self]]:
        write: Any = self._node.write  # its overloads tell text from bytes, and so does the call itself
        return storing(
            data,  # type: ignore[arg-type] # text too, which `write` takes
            lambda given: self._written(write(given, mode, encoding, **options)),
        )

    def rollback(
        self, version: VersionChoice | None = None, *, as_of: datetime | None = None
    ) -> Pending[WriteResult]:
        return changing(self._node.rollback, version, as_of=as_of)

    def restore(
        self, version: VersionChoice | None = None, *, as_of: datetime | None = None
    ) -> Pending[WriteResult]:
        return changing(self._node.restore, version, as_of=as_of)

    def compact_versions(self, *, dry_run: bool = False) -> Pending[int]:
        return changing(self._node.compact_versions, dry_run=dry_run)

    def get_metadata(self) -> Pending[dict[str, str]]:
        return reading(self._node.get_metadata)

    def set_metadata(self, metadata: Mapping[str, str]) -> Pending[None]:
        return changing(self._node.set_metadata, metadata)

    def get_tags(self) -> Pending[dict[str, str]]:
        return reading(self._node.get_tags)

    def set_tags(self, tags: Mapping[str, str]) -> Pending[None]:
        return changing(self._node.set_tags, tags)

    def url(self, expires_in: int = 3600) -> Pending[str]:
        return reading(self._node.url, expires_in)

    def internal_url(self, nocache: bool = False) -> Pending[str]:
        return reading(self._node.internal_url, nocache)

    def to_base64(self, mime: str | None = None, include_uri: bool = True) -> Pending[str]:
        return reading(self._node.to_base64, mime, include_uri)
