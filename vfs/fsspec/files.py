"""File objects that `vfs://` hands out besides those of nodes: read with a size, held back, packed."""

import io
from functools import cached_property
from types import TracebackType
from typing import IO, TYPE_CHECKING, Any

from vfs.engine import Draft, naming_mount

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

BUFFER = 128 << 10


class ReadFile(io.BufferedReader):
    """A file open for reading, which tells its size as those of other fsspec file systems do."""

    @cached_property
    def size(self) -> int:
        """Bytes; a file that is open stays the one that was opened."""
        position = self.tell()
        size = self.seek(0, io.SEEK_END)
        self.seek(position)
        return size


class _DraftBytes(io.RawIOBase):
    """The bytes of a draft, as the layers of `io` want them; closing leaves the draft as it is."""

    def __init__(self, draft: Draft) -> None:
        super().__init__()
        self._draft = draft
        self._position = 0

    def readable(self) -> bool:
        return False

    def writable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def write(self, data: "ReadableBuffer") -> int:
        written = self._draft.write(self._position, memoryview(data).cast("B"))
        self._position += written
        return written

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        starts = {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: self._draft.size}
        if whence not in starts:
            raise ValueError(f"invalid whence: {whence}")
        start = starts[whence]
        if start + offset < 0:
            raise ValueError(f"negative seek position: {start + offset}")
        self._position = start + offset
        return self._position

    def truncate(self, size: int | None = None) -> int:
        size = self._position if size is None else size
        self._draft.truncate(size)
        return size


class HeldFile(io.BufferedWriter):
    """A new file of a transaction: closing it keeps it back until `commit` or `discard`."""

    def __init__(self, draft: Draft, mount: str, key: str) -> None:
        super().__init__(_DraftBytes(draft), BUFFER)
        self._draft = draft
        self._place = mount, key
        self._abandoned = False

    def abandon(self) -> None:
        """Have nothing come of it, whatever becomes of the transaction."""
        self._abandoned = True

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is not None:
            self.abandon()
        self.close()

    def commit(self) -> None:
        """Put the file in its place. Raises what the store raises; the file is gone then."""
        with naming_mount(*self._place):
            self.close()
            if self._abandoned:
                self._draft.discard()
            else:
                self._draft.commit()

    def discard(self) -> None:
        """Leave everything as it was. Does nothing after `commit`."""
        self._draft.discard()


class PackingFile(io.BufferedIOBase):
    """What is written here goes through a compressor into a file, and closing closes both.

    Where the `with` block fails, the file is told so, and takes nobody's place.
    """

    def __init__(self, packer: IO[bytes], file: Any) -> None:
        super().__init__()
        self._packer = packer
        self._file = file
        self._abandoned = False

    def writable(self) -> bool:
        return True

    def write(self, data: "ReadableBuffer") -> int:
        view = memoryview(data).cast("B")
        if not self._abandoned:
            self._packer.write(view)
        return len(view)

    def abandon(self) -> None:
        """Have nothing come of it: what is written from now on goes nowhere."""
        self._abandoned = True

    def close(self) -> None:
        if self.closed:
            return
        try:
            if self._abandoned:
                self._leave(InterruptedError("the `with` block failed"))
            else:
                self._packer.close()
                self._file.close()
        except BaseException as error:
            self._leave(error)
            raise
        finally:
            super().close()

    def _leave(self, error: BaseException) -> None:
        if not self._file.closed:
            self._file.__exit__(type(error), error, None)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is not None:
            self.abandon()
        self.close()


class WholeText(io.TextIOWrapper):
    """Text into a file that takes nobody's place when the `with` block fails."""

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is not None and isinstance(self.buffer, HeldFile | PackingFile):
            self.buffer.abandon()
        self.close()
