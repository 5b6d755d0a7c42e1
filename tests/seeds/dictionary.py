"""A storage that somebody wrote with `async def`: files in a dict, folders where files are or were made."""

from collections.abc import AsyncIterator, Mapping

import anyio.lowlevel

from vfs.aio.backends import AsyncBackend
from vfs.aio.backends.contract import Pieces
from vfs.engine import paths
from vfs.engine.backend import Buffer
from vfs.engine.capabilities import READING, WRITING, Capability
from vfs.engine.entries import Attributes, Entry, EntryKind, WriteResult
from vfs.engine.errors import (
    AlreadyExists,
    Conflict,
    DirectoryNotEmpty,
    IsADirectory,
    NotADirectory,
    NotFound,
)


class Dictionary(AsyncBackend):
    """As simple as a storage can be: it copies and moves nothing by itself, and keeps no metadata."""

    is_remote = False
    capabilities = READING | WRITING | {Capability.ATOMIC_WRITE, Capability.TEMPORARY}

    def __init__(self) -> None:
        self._files: dict[str, bytes] = {}
        self._folders = {""}
        self.is_closed = False

    async def stat(self, key: str) -> Entry:
        await anyio.lowlevel.checkpoint()
        paths.check_key(key)
        name = paths.name_of(key)
        if key in self._folders:
            return Entry(name, EntryKind.FOLDER)
        if key not in self._files:
            raise NotFound(path=key)
        return Entry(name, EntryKind.FILE, len(self._files[key]), etag=str(hash(self._files[key])))

    async def list(self, key: str) -> AsyncIterator[Entry]:
        if not (await self.stat(key)).is_folder:
            raise NotADirectory(path=key)
        for found in sorted([*self._files, *self._folders - {""}]):
            if paths.parent(found) == key:
                yield await self.stat(found)

    async def read(
        self,
        key: str,
        start: int = 0,
        end: int | None = None,
        *,
        version: str | None = None,
        if_match: str | None = None,
    ) -> Buffer:
        await self._file(key, if_match)
        return self._files[key][start:end]

    async def _file(self, key: str, if_match: str | None) -> Entry:
        entry = await self.stat(key)
        if entry.is_folder:
            raise IsADirectory(path=key)
        if if_match not in {None, entry.etag}:
            raise Conflict(path=key)
        return entry

    async def write(
        self,
        key: str,
        source: Pieces,
        *,
        overwrite: bool = True,
        if_match: str | None = None,
        metadata: Mapping[str, str] | None = None,
        attributes: Attributes | None = None,
    ) -> WriteResult:
        if key in self._folders:
            raise IsADirectory(path=key)
        content = (
            b"".join([bytes(p) async for p in source]) if isinstance(source, AsyncIterator) else bytes(source)
        )
        if key in self._files and not overwrite:
            raise AlreadyExists(path=key)
        if if_match is not None:
            await self._file(key, if_match)
        self._make_above(key)
        self._files[key] = content
        return WriteResult(key, len(content), (await self.stat(key)).etag)

    def _make_above(self, key: str) -> None:
        above = paths.ancestors(key)
        if any(folder in self._files for folder in above):
            raise NotADirectory(path=key)
        self._folders.update(above)

    async def delete(self, key: str, *, if_match: str | None = None) -> None:
        await self._file(key, if_match)
        del self._files[key]

    async def make_directory(self, key: str, *, attributes: Attributes | None = None) -> Entry:
        if key in self._folders or key in self._files:
            raise AlreadyExists(path=key)
        self._make_above(key)
        self._folders.add(key)
        return await self.stat(key)

    async def remove_directory(self, key: str) -> None:
        if not (await self.stat(key)).is_folder:
            raise NotADirectory(path=key)
        if any(paths.parent(found) == key for found in [*self._files, *self._folders - {""}]):
            raise DirectoryNotEmpty(path=key)
        self._folders.remove(key)

    async def aclose(self) -> None:
        self.is_closed = True
