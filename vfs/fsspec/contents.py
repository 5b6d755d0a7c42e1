"""Contents: opening files, reading ranges and many files at once, writing, and transfers from and to here."""

import os
from collections.abc import Iterable, Iterator, Sequence
from typing import IO, Any

from fsspec.callbacks import DEFAULT_CALLBACK, Callback
from fsspec.compression import compr
from fsspec.core import get_compression
from fsspec.utils import isfilelike

from vfs.engine import Buffer, CapabilityNotSupported, IsADirectory, PresentFile, Replacement, naming_mount
from vfs.fsspec.files import BUFFER, HeldFile, PackingFile, ReadFile, WholeText
from vfs.fsspec.looking import Looking
from vfs.fsspec.parallel import in_parallel, outcome_of

PIECE = 1 << 20
"""Bytes that a transfer moves at a time."""

Range = tuple[int | None, int | None]

_TEXT_OPTIONS = frozenset({"encoding", "errors", "newline"})


class Contents(Looking):
    """What is in files. Reads go through the mounts' caches and read-ahead; writes replace files whole."""

    def open(
        self,
        path: str,
        mode: str = "rb",
        block_size: int | None = None,
        cache_options: Any = None,
        compression: str | None = None,
        **kwargs: Any,
    ) -> IO[Any]:
        """A file object of the standard library; text is UTF-8 unless told otherwise.

        `w` and `x` fill a new file that takes its place when it is closed, and does not when the `with` block
        fails. `block_size` and `cache_options` are fsspec's own and do nothing here.
        """
        packing = compression and get_compression(self._strip_protocol(path), compression)
        text = {key: kwargs.pop(key) for key in _TEXT_OPTIONS if key in kwargs}
        if packing:
            return self._open_packed(path, mode, packing, text, kwargs)
        if "b" in mode:
            return super().open(path, mode, block_size, cache_options, **kwargs)  # type: ignore[no-any-return] # untyped
        plain = mode.replace("t", "")
        if plain == "r" or kwargs.get("autocommit", not self._intrans):
            return self._node(path).open(plain, **text)
        return _in_text(self.open(path, plain + "b", **kwargs), text)

    def _open_packed(
        self, path: str, mode: str, packing: str, text: dict[str, Any], kwargs: dict[str, Any]
    ) -> IO[Any]:
        plain = mode.replace("t", "").replace("b", "")
        file = self.open(path, plain + "b", **kwargs)
        packers: Any = compr
        packer = packers[packing](file, mode=plain[0])
        packed: Any = packer if plain == "r" else PackingFile(packer, file)
        return packed if "b" in mode else _in_text(packed, text)

    def _open(
        self,
        path: str,
        mode: str = "rb",
        block_size: int | None = None,
        autocommit: bool = True,
        cache_options: Any = None,
        **_: Any,
    ) -> IO[bytes]:
        if mode == "rb":
            return ReadFile(self._node(path).open("rb").detach(), BUFFER)
        if autocommit:
            return self._node(path).open(mode)
        if mode not in {"wb", "xb"}:
            raise CapabilityNotSupported(f"a transaction takes new files, not the mode {mode!r}", path)
        tree, key = self._place(path)
        with naming_mount(tree.name, key):
            return HeldFile(tree.draft(Replacement(key, overwrite=mode == "wb")), tree.name, key)

    def cat_file(self, path: str, start: int | None = None, end: int | None = None, **_: Any) -> bytes:
        """The bytes [start, end) as slices have them: negative ones count from the end."""
        [found] = self._read_ranges(path, [(start, end)])
        return found

    def _read_ranges(self, path: str, ranges: Sequence[Range]) -> list[bytes]:
        tree, key = self._place(path)
        with naming_mount(tree.name, key):
            file = tree.open_present(key)
            try:
                if len(ranges) == 1:
                    return [_read(file, ranges[0])]
                return list(in_parallel(lambda one: _read(file, one), ranges))
            finally:
                file.close()

    def cat_ranges(
        self,
        paths: list[str],
        starts: int | Sequence[int | None] | None,
        ends: int | Sequence[int | None] | None,
        max_gap: int | None = None,
        on_error: str = "return",
        **_: Any,
    ) -> list[bytes | Exception]:
        """Ranges of many files, many at a time; each file is opened once.

        Unless `on_error` is "raise", a file that fails has its exception in the place of each of its ranges.
        `max_gap` does nothing: neighbouring ranges come out of one cache anyway.
        """
        wanted: dict[str, list[tuple[int, Range]]] = {}
        ranges: Iterator[Range] = zip(_each(starts, len(paths)), _each(ends, len(paths)), strict=True)
        for place, (path, wish) in enumerate(zip(paths, ranges, strict=True)):
            wanted.setdefault(path, []).append((place, wish))

        def read(path: str) -> list[bytes]:
            return self._read_ranges(path, [one for _, one in wanted[path]])

        found: list[bytes | Exception] = [b""] * len(paths)
        outcomes = in_parallel(read if on_error == "raise" else outcome_of(read), wanted)
        for places, outcome in zip(wanted.values(), outcomes, strict=True):
            for number, (place, _wish) in enumerate(places):
                found[place] = outcome if isinstance(outcome, Exception) else outcome[number]
        return found

    def cat(self, path: Any, recursive: bool = False, on_error: str = "raise", **kwargs: Any) -> Any:
        """The contents of files, many at a time; a dict by path unless exactly one path is meant.

        `on_error` is "raise", "omit" (leave out what fails) or "return" (its exception is its content).
        """
        paths = self.expand_path(path, recursive=recursive)
        if not isinstance(path, list) and paths == [self._strip_protocol(path)] and not recursive:
            return self.cat_file(paths[0], **kwargs)
        if recursive:
            files = self.find(path, detail=True) if isinstance(path, str) else {}
            paths = [one for one in paths if one in files or not self.isdir(one)]

        def read(one: str) -> bytes:
            return self.cat_file(one, **kwargs)

        outcomes = in_parallel(read if on_error == "raise" else outcome_of(read), paths)
        found = dict(zip(paths, outcomes, strict=True))
        if on_error == "omit":
            return {one: data for one, data in found.items() if not isinstance(data, Exception)}
        return found

    def pipe_file(self, path: str, value: bytes, mode: str = "overwrite", **kwargs: Any) -> None:
        """Store a whole file in one act. With the mode "create", AlreadyExists for one that is there."""
        if self._intrans:
            with self.open(path, "xb" if mode == "create" else "wb", **kwargs) as file:
                file.write(value)
        else:
            self._node(path).write_bytes(value, overwrite=mode != "create")

    def put_file(
        self,
        lpath: str,
        rpath: str,
        callback: Callback = DEFAULT_CALLBACK,
        mode: str = "overwrite",
        **kwargs: Any,
    ) -> None:
        """Store a file of this machine, as a stream; a folder is made, without what is in it."""
        if os.path.isdir(lpath):
            self.makedirs(rpath, exist_ok=True)
            return
        if self._intrans:
            super().put_file(lpath, rpath, callback, mode, **kwargs)
            return
        with open(lpath, "rb") as file:
            callback.set_size(os.fstat(file.fileno()).st_size)
            pieces = iter(lambda: file.read(PIECE), b"")
            self._node(rpath).write_bytes(_told(pieces, callback), overwrite=mode != "create")

    def get_file(
        self,
        rpath: str,
        lpath: Any = None,
        callback: Callback = DEFAULT_CALLBACK,
        outfile: IO[bytes] | None = None,
        **_: Any,
    ) -> None:
        """Fetch a file to this machine, as a stream; a folder is made, without what is in it."""
        target: Any = lpath if outfile is None else outfile
        tree, key = self._place(rpath)
        with naming_mount(tree.name, key):
            try:
                file = tree.open_present(key)
            except IsADirectory:
                if isfilelike(target):
                    raise
                os.makedirs(target, exist_ok=True)
                return
            try:
                callback.set_size(file.stat().size)
                _fetch(_told(_pieces(file), callback), target)
            finally:
                file.close()


def _in_text(file: Any, options: dict[str, Any]) -> IO[str]:
    return WholeText(file, **{"encoding": "utf-8", **options})


def _read(file: PresentFile, wanted: Range) -> bytes:
    start, end = wanted
    if end is None or end < 0 or (start or 0) < 0:
        start, end, _ = slice(start, end).indices(file.stat().size)
    return bytes(file.read(start or 0, max(0, end - (start or 0))))


def _pieces(file: PresentFile) -> Iterator[Buffer]:
    offset = 0
    while len(piece := file.read(offset, PIECE)):
        offset += len(piece)
        yield piece


def _told(pieces: Iterable[Buffer], callback: Callback) -> Iterator[Buffer]:
    """The pieces as they pass; the callback is told of each once it is taken."""
    for piece in pieces:
        yield piece
        callback.relative_update(len(piece))


def _fetch(pieces: Iterable[Buffer], target: Any) -> None:
    """Write the pieces to a path of this machine, or into a file."""
    if isfilelike(target):
        for piece in pieces:
            target.write(piece)
        return
    os.makedirs(os.path.dirname(os.path.abspath(target)), exist_ok=True)
    with open(target, "wb") as file:
        _fetch(pieces, file)


def _each(values: int | Sequence[int | None] | None, count: int) -> Sequence[int | None]:
    """One value for each, or one for all."""
    return [values] * count if values is None or isinstance(values, int) else values
