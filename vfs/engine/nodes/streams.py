"""Python file objects over the files of a tree: what `open` gives, with the standard library's buffering."""

import io
import warnings
from abc import abstractmethod
from dataclasses import dataclass
from types import TracebackType
from typing import IO, TYPE_CHECKING, Any

from vfs.engine.backend import STREAM_CHUNK, Buffer, OpenFile
from vfs.engine.files.drafts import Draft, Replacement
from vfs.engine.files.tree import FileTree
from vfs.engine.mount_errors import naming_mount
from vfs.engine.nodes.unchanging import Unchanging

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer, WriteableBuffer

BUFFER = 128 << 10
"""Bytes read ahead, or gathered before they are written, by one file object."""

_ACTS = frozenset("rwxa")


@dataclass(frozen=True, slots=True)
class Mode:
    """A mode of `open`, taken apart: one act of r, w, x, a; updating is `+`."""

    act: str
    updating: bool
    binary: bool

    @classmethod
    def parse(cls, mode: str) -> "Mode":
        """Raises ValueError for what the built-in `open` would refuse."""
        letters = set(mode)
        acts, marks = letters & _ACTS, letters - _ACTS
        if len(letters) != len(mode) or len(acts) != 1 or not marks < set("bt+") or marks >= {"b", "t"}:
            raise ValueError(f"invalid mode: {mode!r}")
        return cls(acts.pop(), "+" in marks, "b" in marks)

    def __str__(self) -> str:
        """As the standard library's raw files tell theirs."""
        return f"{self.act}b{'+' if self.updating else ''}"

    @property
    def reads(self) -> bool:
        return self.act == "r" or self.updating

    @property
    def writes(self) -> bool:
        return self.act != "r" or self.updating


class _RawStream(io.RawIOBase):
    """A position in a file; each call goes straight through."""

    def __init__(self, content: OpenFile | Draft | Unchanging, place: tuple[str, str], mode: Mode) -> None:
        super().__init__()
        self._content = content
        self._place = place
        self._opened_for = mode
        self._position = 0
        self.name = ":".join(place)
        self.mode = str(mode)

    @abstractmethod
    def size(self) -> int: ...

    def readable(self) -> bool:
        return self._opened_for.reads

    def writable(self) -> bool:
        return self._opened_for.writes

    def seekable(self) -> bool:
        return True

    def readinto(self, buffer: "WriteableBuffer") -> int:
        view = memoryview(buffer).cast("B")
        data = self._read(len(view))
        view[: len(data)] = data
        return len(data)

    def readall(self) -> bytes:
        pieces = []
        while piece := self._read(max(STREAM_CHUNK, self.size() - self._position)):
            pieces.append(piece)
        return bytes(pieces[0]) if len(pieces) == 1 else b"".join(pieces)

    def _read(self, size: int) -> Buffer:
        self._check(self.readable(), "reading")
        with naming_mount(*self._place):
            data = self._content.read(self._position, size)
        self._position += len(data)
        return data

    def write(self, data: "ReadableBuffer") -> int:
        self._check(self.writable(), "writing")
        with naming_mount(*self._place):
            if self._opened_for.act == "a":
                self._position = self.size()
            written = self._content.write(self._position, memoryview(data).cast("B"))
        self._position += written
        return written

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        self._check(True, "seeking")
        if whence not in {io.SEEK_SET, io.SEEK_CUR, io.SEEK_END}:
            raise ValueError(f"invalid whence: {whence}")
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self._position}.get(whence)
        position = offset + (self.size() if start is None else start)
        if position < 0:
            raise ValueError(f"negative seek position: {position}")
        self._position = position
        return position

    def tell(self) -> int:
        return self.seek(0, io.SEEK_CUR)

    def truncate(self, size: int | None = None) -> int:
        self._check(self.writable(), "writing")
        size = self._position if size is None else size
        with naming_mount(*self._place):
            self._content.truncate(size)
        return size

    def _check(self, allowed: bool, act: str) -> None:
        if self.closed:
            raise ValueError("I/O operation on closed file")
        if not allowed:
            raise io.UnsupportedOperation(f"not open for {act}")


class _OpenedStream(_RawStream):
    """A file as it stands; what is written is seen at once, and safe after `close`."""

    _content: OpenFile

    def size(self) -> int:
        return self._content.stat().size

    def close(self) -> None:
        if self.closed:
            return
        try:
            if self.writable():
                with naming_mount(*self._place):
                    self._content.flush()
        finally:
            self._content.close()
            super().close()


class _UnchangingStream(_RawStream):
    """An old version of a file, or what is made of others."""

    _content: Unchanging

    def size(self) -> int:
        return self._content.size

    def close(self) -> None:
        if not self.closed:
            self._content.close()
            super().close()


class _DraftStream(_RawStream):
    """A new file, which takes its place at `close`, unless it was abandoned or a write had failed."""

    _content: Draft
    _abandoned = False

    def size(self) -> int:
        return self._content.size

    def write(self, data: "ReadableBuffer") -> int:
        try:
            return super().write(data)
        except BaseException:
            self.abandon()
            raise

    def abandon(self) -> None:
        """Have `close` leave the old file where it is."""
        self._abandoned = True

    def close(self) -> None:
        if self.closed:
            return
        try:
            if self._abandoned:
                self._content.discard()
            else:
                with naming_mount(*self._place):
                    self._content.commit()
        finally:
            super().close()

    def __del__(self) -> None:
        self.abandon()
        self.close()


class _OverDraft(io.IOBase):
    """The buffer or the text layer over a draft: a failed `with` block, or nobody closing, abandons it."""

    draft: _DraftStream | None = None

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is not None and self.draft is not None:
            self.draft.abandon()
        self.close()

    def __del__(self) -> None:
        if self.draft is None or self.closed:
            return
        self.draft.abandon()
        warnings.warn(
            f"never closed, so not written: {self.draft.name}", ResourceWarning, stacklevel=2, source=self
        )
        self.close()


class _DraftWriter(_OverDraft, io.BufferedWriter):
    pass


class _DraftRandom(_OverDraft, io.BufferedRandom):
    pass


class _DraftText(_OverDraft, io.TextIOWrapper):
    pass


def open_stream(
    tree: FileTree,
    key: str,
    mode: str,
    encoding: str | None = None,
    errors: str | None = None,
    newline: str | None = None,
) -> IO[Any]:
    """A file object as the built-in `open` gives it: text is UTF-8 unless told otherwise.

    `w` and `x` fill a draft. Raises ValueError for arguments that do not fit together, what the tree raises.
    """
    parsed = _checked(mode, encoding, errors, newline)
    return _layered(_opened(tree, key, parsed), parsed, encoding, errors, newline)


def open_unchanging(
    content: Unchanging,
    place: tuple[str, str],
    mode: str,
    encoding: str | None = None,
    errors: str | None = None,
    newline: str | None = None,
) -> IO[Any]:
    """The same for a content that can only be read, and is closed with the stream.

    ValueError for any mode but `r`, `rb`.
    """
    try:
        parsed = _checked(mode, encoding, errors, newline)
        if parsed.writes:
            raise ValueError(f"this can be opened to be read only, not in mode {mode!r}")
    except BaseException:
        content.close()
        raise
    return _layered(_UnchangingStream(content, place, parsed), parsed, encoding, errors, newline)


def _checked(mode: str, encoding: str | None, errors: str | None, newline: str | None) -> Mode:
    parsed = Mode.parse(mode)
    if parsed.binary and not encoding is errors is newline is None:
        raise ValueError("binary mode takes no encoding, errors or newline")
    return parsed


def _layered(
    raw: _RawStream, mode: Mode, encoding: str | None, errors: str | None, newline: str | None
) -> IO[Any]:
    try:
        buffer = _buffered(raw, mode)
        return buffer if mode.binary else _text(raw, buffer, encoding or "utf-8", errors, newline)
    except BaseException:
        if isinstance(raw, _DraftStream):
            raw.abandon()
        raw.close()
        raise


def _opened(tree: FileTree, key: str, mode: Mode) -> _RawStream:
    place = (tree.name, key)
    if mode.act == "r":
        return _OpenedStream(tree.open(key, write=mode.updating), place, mode)
    if mode.act == "a":
        tree.make_folders_above(key)
        stream = _OpenedStream(tree.create(key), place, mode)
        stream.seek(0, io.SEEK_END)
        return stream
    return _DraftStream(tree.draft(Replacement(key, overwrite=mode.act == "w")), place, mode)


def _buffered(raw: _RawStream, mode: Mode) -> io.BufferedReader | io.BufferedWriter | io.BufferedRandom:
    if not isinstance(raw, _DraftStream):
        if not mode.writes:
            return io.BufferedReader(raw, BUFFER)
        return io.BufferedRandom(raw, BUFFER) if mode.reads else io.BufferedWriter(raw, BUFFER)
    buffer = _DraftRandom(raw, BUFFER) if mode.reads else _DraftWriter(raw, BUFFER)
    buffer.draft = raw
    return buffer


def _text(
    raw: _RawStream,
    buffer: io.BufferedReader | io.BufferedWriter | io.BufferedRandom,
    encoding: str,
    errors: str | None,
    newline: str | None,
) -> io.TextIOWrapper:
    if not isinstance(raw, _DraftStream):
        return io.TextIOWrapper(buffer, encoding, errors, newline)
    text = _DraftText(buffer, encoding, errors, newline)
    text.draft = raw
    return text
