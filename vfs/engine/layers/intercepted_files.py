"""What calls leave open, an upload or a file, as an intercepting layer shows it."""

from typing import TYPE_CHECKING

from vfs.engine.backend import Buffer, OpenFile, PartUpload
from vfs.engine.entries import Attributes, Entry, WriteResult
from vfs.engine.layers.acts import Act

if TYPE_CHECKING:
    from vfs.engine.layers.interception import InterceptingLayer


class InterceptedUpload:
    """An upload under way; each of its calls goes through the layer's `around`."""

    def __init__(self, layer: "InterceptingLayer", inner: PartUpload, key: str) -> None:
        self._layer = layer
        self._inner = inner
        self._keys = (key,)

    def put(self, number: int, data: Buffer) -> None:
        self._layer.around(Act.PUT_PART, self._keys, lambda _: self._inner.put(number, data))

    def copy(self, number: int, start: int, end: int, *, if_match: str | None = None) -> None:
        self._layer.around(
            Act.COPY_PART, self._keys, lambda _: self._inner.copy(number, start, end, if_match=if_match)
        )

    def complete(self, *, overwrite: bool = True, if_match: str | None = None) -> WriteResult:
        return self._layer.around(
            Act.COMPLETE_UPLOAD,
            self._keys,
            lambda _: self._inner.complete(overwrite=overwrite, if_match=if_match),
        )

    def abort(self) -> None:
        self._layer.around(Act.ABORT_UPLOAD, self._keys, lambda _: self._inner.abort())


class InterceptedFile:
    """An open file; each of its calls but `read_ready` goes through the layer's `around`."""

    def __init__(self, layer: "InterceptingLayer", inner: OpenFile, key: str) -> None:
        self._layer = layer
        self._inner = inner
        self._keys = (key,)
        self.read_ready = inner.read_ready

    def read(self, offset: int, size: int) -> Buffer:
        return self._layer.around(Act.FILE_READ, self._keys, lambda _: self._inner.read(offset, size))

    def write(self, offset: int, data: Buffer) -> int:
        return self._layer.around(Act.FILE_WRITE, self._keys, lambda _: self._inner.write(offset, data))

    def truncate(self, size: int) -> None:
        self._layer.around(Act.FILE_TRUNCATE, self._keys, lambda _: self._inner.truncate(size))

    def stat(self) -> Entry:
        return self._layer.around(Act.FILE_STAT, self._keys, lambda _: self._inner.stat())

    def set_attributes(self, change: Attributes) -> Entry:
        return self._layer.around(
            Act.FILE_SET_ATTRIBUTES, self._keys, lambda _: self._inner.set_attributes(change)
        )

    def flush(self) -> None:
        self._layer.around(Act.FILE_FLUSH, self._keys, lambda _: self._inner.flush())

    def sync(self) -> None:
        self._layer.around(Act.FILE_SYNC, self._keys, lambda _: self._inner.sync())

    def close(self) -> None:
        self._layer.around(Act.FILE_CLOSE, self._keys, lambda _: self._inner.close())
