"""Requests about open files: opening, creating, reading, writing, syncing, closing."""

# pyright: reportIncompatibleMethodOverride=false
# It tells the CoroutineType of pyfuse3's methods from the Coroutine of decorated ones; mypy checks overrides.

import errno
import os
import time
from collections.abc import Callable

from pyfuse3 import (
    EntryAttributes,
    FileHandleT,
    FileInfo,
    FileNameT,
    FlagT,
    FUSEError,
    InodeT,
    ModeT,
    RequestContext,
)

from vfs.engine import Attributes, Buffer, Entry, FileTree, OpenFile
from vfs.fuse.handles import FileHandle
from vfs.fuse.namespace import owned
from vfs.fuse.openers import is_held
from vfs.fuse.requests import Requests, request


class FileRequests(Requests):
    """Handlers that work on file handles."""

    @request()
    async def open(self, inode: InodeT, flags: FlagT, ctx: RequestContext) -> FileInfo:
        view = self.projection
        opened = view.inodes[inode]
        place = view.place(opened)
        writable, truncated = flags & os.O_ACCMODE != os.O_RDONLY, bool(flags & os.O_TRUNC)
        file, entry = await view.threads.run(_open, place.tree, place.key, writable, truncated)
        if not opened.names or view.was_replaced(opened, entry):
            view.leave(opened)
            await view.threads.run(file.close)
            raise FUSEError(
                errno.ESTALE
            )  # on which the kernel looks the name up again, and opens the new file
        handle = FileHandle(opened, file, writable, written=truncated, opener=ctx.pid)
        return self._handed_out(handle, entry)

    @request()
    async def create(
        self, parent_inode: InodeT, name: FileNameT, mode: ModeT, flags: FlagT, ctx: RequestContext
    ) -> tuple[FileInfo, EntryAttributes]:
        view = self.projection
        parent, child = view.inodes[parent_inode], os.fsdecode(name)
        place = view.place(parent, child)
        asked = time.monotonic_ns()
        exclusive, truncated = bool(flags & os.O_EXCL), bool(flags & os.O_TRUNC)
        file, entry = await view.threads.run(
            _create, place.tree, place.key, exclusive, truncated, owned(mode, ctx)
        )
        shown = view.named(parent, child, entry, asked=asked)
        parent.changed()
        handle = FileHandle(view.inodes[shown.st_ino], file, writable=True, written=truncated, opener=ctx.pid)
        return self._handed_out(handle, entry), shown

    def _handed_out(self, handle: FileHandle, entry: Entry) -> FileInfo:
        """The handle for the kernel, whose pages stay if they are of the same content."""
        inode, changed = handle.inode, handle.written
        if changed:
            inode.changed()
        is_cached = not changed and entry.etag is not None and entry.etag == inode.cached_etag
        inode.cached_etag = entry.etag
        number = self.projection.files.add(handle)
        return FileInfo(fh=FileHandleT(number), keep_cache=is_cached)

    @request()
    async def read(self, fh: FileHandleT, off: int, size: int) -> Buffer:  # type: ignore[override] # any buffer
        file = self.projection.files[fh].file
        ready = file.read_ready(off, size)
        if ready is not None:
            return ready
        return await self.projection.threads.run(file.read, off, size)

    @request()
    async def write(self, fh: FileHandleT, off: int, buf: bytes) -> int:
        handle = self.projection.files[fh]
        handle.written, handle.opener = True, 0
        written = await self.projection.threads.run(handle.file.write, off, buf)
        handle.inode.changed()
        return written

    @request()
    async def flush(self, fh: FileHandleT) -> None:
        handle = self.projection.files[fh]
        if handle.writable and not await self._is_flushed_again(handle):
            await self._publish(handle, handle.file.flush)

    async def _is_flushed_again(self, handle: FileHandle) -> bool:
        """True when nothing was written yet, and another close of the same open file is to come."""
        opener, view = handle.opener, self.projection
        return bool(opener) and await view.threads.run(is_held, opener, handle.inode.number, view.mountpoint)

    @request()
    async def fsync(self, fh: FileHandleT, datasync: bool) -> None:
        handle = self.projection.files[fh]
        await self._publish(handle, handle.file.sync)

    async def _publish(self, handle: FileHandle, publish: Callable[[], None]) -> None:
        """Flush or sync; the kernel's pages, which hold what was written, are of the content it made."""
        written, handle.written = handle.written, False
        try:
            entry = await self.projection.threads.run(_published, handle.file, publish)
        except BaseException:
            handle.written |= written
            raise
        if written:
            handle.inode.cached_etag = entry.etag
            handle.inode.changed()

    @request()
    async def release(self, fh: FileHandleT) -> None:
        handle = self.projection.files.pop(fh)
        await self.projection.threads.run(handle.file.close)


def _open(tree: FileTree, key: str, write: bool, truncate: bool) -> tuple[OpenFile, Entry]:
    file = tree.open(key, write=write, truncate=truncate)
    return _with_entry(file)


def _create(
    tree: FileTree, key: str, exclusive: bool, truncate: bool, attributes: Attributes
) -> tuple[OpenFile, Entry]:
    file, entry = _with_entry(tree.create(key, exclusive=exclusive, attributes=attributes))
    if truncate and entry.size:
        file.truncate(0)
        return _with_entry(file)
    return file, entry


def _with_entry(file: OpenFile) -> tuple[OpenFile, Entry]:
    """The file and its entry; closed again if that cannot be told."""
    try:
        return file, file.stat()
    except BaseException:
        file.close()
        raise


def _published(file: OpenFile, publish: Callable[[], None]) -> Entry:
    publish()
    return file.stat()
