"""Regular files of a bucket: reading, writing, copying, deleting."""

import mimetypes
import os
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import chain, islice

from vfs.engine import paths
from vfs.engine.backend import Buffer, Source
from vfs.engine.backends.objects.attributes import encode, encode_user_metadata
from vfs.engine.backends.objects.bucket import Bucket
from vfs.engine.backends.objects.folders import Folders
from vfs.engine.backends.objects.places import Places
from vfs.engine.backends.objects.stored import Condition, NewObject, Stored, StoredObject
from vfs.engine.backends.objects.streaming import send_stream
from vfs.engine.entries import Attributes, Entry, EntryKind, WriteResult
from vfs.engine.errors import AlreadyExists, Conflict, InvalidPath, IsADirectory, NotFound
from vfs.engine.sources import chunks

_DELETED_AT_ONCE = 1000
_DEFAULT_TYPE = "application/octet-stream"


class Files:
    """Acts on files of one bucket."""

    def __init__(self, bucket: Bucket, places: Places, folders: Folders) -> None:
        self._bucket = bucket
        self._places = places
        self._folders = folders
        self._objects = bucket.objects
        self._known = bucket.known

    def read(
        self,
        key: str,
        start: int,
        end: int | None,
        *,
        version: str | None = None,
        if_match: str | None = None,
    ) -> Buffer:
        """One GET; for a key that has no file, one listing more."""
        object_key = self._places.object_key(key)
        if end is not None and end <= start:
            return self._read_nothing(key, if_match)
        try:
            stored, body = self._objects.get(object_key, key, start, end, version=version, if_match=if_match)
        except NotFound as error:
            raise self._places.missing(key) from error
        except Conflict:
            # Some stores say so of what is not there at all.
            if self._places.stat(key).is_folder:
                raise IsADirectory(path=key) from None
            raise
        if stored is not None:
            entry = self._places.entry_of(key, stored)
            if not entry.is_file:
                raise InvalidPath("not a regular file", key)
            if version is None:
                self._places.saw(key, stored)
        return body

    def _read_nothing(self, key: str, if_match: str | None) -> Buffer:
        entry = self._places.stat(key)
        if entry.is_folder:
            raise IsADirectory(path=key)
        if if_match is not None and entry.etag != if_match:
            raise Conflict("the file is another one now", key)
        return b""

    def read_beginning(self, key: str, size: int) -> tuple[Entry, Buffer]:
        """One GET, that tells everything a HEAD tells."""
        object_key = self._places.object_key(key)
        try:
            stored, body = self._objects.get(object_key, key, 0, size)
        except NotFound as error:
            raise self._places.missing(key) from error
        if stored is None:
            return self._places.stat(key), b""
        return self._places.saw(key, stored), body

    def read_ranges(self, key: str, ranges: Sequence[tuple[int, int]], if_match: str | None) -> list[Buffer]:
        """All ranges of one state of the file: without `if_match`, that of the first answer."""
        if len(ranges) > 1 and if_match is None:
            if_match = self._places.stat(key).etag
        if len(ranges) <= 1:
            return [self.read(key, start, end, if_match=if_match) for start, end in ranges]
        threads = self._bucket.threads
        return list(threads.map(lambda span: self.read(key, *span, if_match=if_match), ranges))

    def write(
        self,
        key: str,
        source: Source,
        *,
        condition: Condition,
        metadata: Mapping[str, str] | None,
        attributes: Attributes | None,
    ) -> WriteResult:
        """One PUT for what fits in a part; otherwise parts and two requests more."""
        object_key = self._places.object_key(key)
        self.refuse_target(key)
        new = self.new_object(key, metadata, attributes)
        parts = chunks(source, self._bucket.part_size)
        head = list(islice(parts, 2))
        began = time.time()
        try:
            if len(head) < 2:
                body = head[0] if head else b""
                size, stored = len(body), self._objects.put(object_key, key, body, new, condition)
            else:
                size, stored = self._write_parts(object_key, key, chain(head, parts), new, condition)
        except (Conflict, NotFound) as error:
            raise _as_written(error, condition, key) from error
        return self.wrote(key, stored, size, new, began)

    def _write_parts(
        self, object_key: str, key: str, parts: Iterable[bytes], new: NewObject, condition: Condition
    ) -> tuple[int, Stored]:
        upload = self._bucket.begin_upload(object_key, key, new)
        stored = send_stream(upload, parts, self._bucket.threads, condition)
        return upload.size, stored

    def begin_upload(
        self, key: str, metadata: Mapping[str, str] | None, attributes: Attributes | None
    ) -> "FileUpload":
        object_key = self._places.object_key(key)
        self.refuse_target(key)
        return FileUpload(self, self._bucket, key, object_key, self.new_object(key, metadata, attributes))

    def refuse_target(self, key: str) -> None:
        """Raises IsADirectory, NotADirectory, as far as it is known what is there."""
        self._places.refuse_folder(key)
        self._places.refuse_below_file(key)

    def new_object(
        self, key: str, metadata: Mapping[str, str] | None, attributes: Attributes | None
    ) -> NewObject:
        """What a new file's object is to be besides its bytes."""
        told = encode_user_metadata(metadata, key) if metadata else {}
        if self._bucket.keeps_attributes:
            told |= encode(attributes or Attributes(), EntryKind.FILE, time.time_ns())
        return NewObject(told, {"content-type": _content_type(key)})

    def wrote(self, key: str, stored: Stored, size: int, new: NewObject, began: float) -> WriteResult:
        """Remember what we made. Its time is the store's to tell where the metadata do not."""
        ended = time.time()
        told = StoredObject(
            size, stored.etag, int(ended) * 1_000_000_000, new.metadata, new.headers, stored.version_id
        )
        entry = self._places.entry_of(key, told)
        self._known.wrote_file(key, entry, began, ended)
        mtime_ns, ctime_ns = (
            (entry.mtime_ns, entry.ctime_ns) if self._bucket.keeps_attributes else (None, None)
        )
        return WriteResult(key, size, stored.etag, stored.version_id, mtime_ns, ctime_ns=ctime_ns)

    def copy(self, source: str, target: str, *, overwrite: bool) -> WriteResult:
        """One request, and one before it for a source that is not known or a target that must be free."""
        source_key = self._places.object_key(source)
        entry = self._places.file(source)
        target_key = self._places.object_key(target)
        self.refuse_target(target)
        if not overwrite:
            self.refuse_taken(target)
        if source == target:
            return WriteResult(target, entry.size, entry.etag, entry.version_id, entry.mtime_ns)
        condition = Condition(absent=not overwrite)
        began = time.time()
        try:
            stored = self._bucket.copy(source_key, target_key, target, entry.size, condition)
        except Conflict as error:
            raise _as_written(error, condition, target) from error
        except NotFound as error:
            self._known.forget(source)
            raise self._places.missing(source) from error
        copied = replace(entry, name=paths.name_of(target), etag=stored.etag, version_id=stored.version_id)
        self._known.wrote_file(target, copied, began, time.time())
        return WriteResult(target, entry.size, stored.etag, stored.version_id, entry.mtime_ns)

    def refuse_taken(self, key: str) -> None:
        """Raise AlreadyExists where something stands."""
        try:
            self._places.stat(key)
        except NotFound:
            return
        raise AlreadyExists(path=key)

    def delete(self, key: str, *, if_match: str | None) -> None:
        """One request for a file that is known, in a folder whose marker is known."""
        object_key = self._places.object_key(key)
        if if_match is None:
            self._places.file(key)
        else:
            self._check_etag(key, if_match)
        self._folders.keep(paths.parent(key))
        self._objects.delete(object_key, key, if_match=if_match)
        self._known.forget(key)

    def content_hash(self, key: str) -> tuple[str, str] | None:
        """See `HashesContent`."""
        object_key = self._places.object_key(key)
        try:
            return self._bucket.content_hash(object_key, key)
        except NotFound as error:
            raise self._places.missing(key) from error

    def _check_etag(self, key: str, if_match: str) -> None:
        """Not every store that takes If-Match with DELETE heeds it."""
        entry = self._places.stat(key)
        if entry.is_folder:
            raise IsADirectory(path=key)
        if entry.etag != if_match:
            raise Conflict("the file is another one now", key)

    def delete_many(self, keys: Iterable[str]) -> None:
        """A request for every thousand, and one for each folder whose marker is not known yet."""
        rest = iter(keys)
        while batch := list(islice(rest, _DELETED_AT_ONCE)):
            for folder in {paths.parent(key) for key in batch}:
                self._folders.keep_if_there(folder)
            self._bucket.delete_batch({self._places.object_key(key): key for key in batch})
            for key in batch:
                self._known.forget(key)


class FileUpload:
    """One file on its way in parts (a `PartUpload`)."""

    def __init__(self, files: Files, bucket: Bucket, key: str, object_key: str, new: NewObject) -> None:
        self._files = files
        self._key = key
        self._object_key = object_key
        self._new = new
        self._upload = bucket.begin_upload(object_key, key, new)

    def put(self, number: int, data: Buffer) -> None:
        self._upload.put(number, data)

    def copy(self, number: int, start: int, end: int, *, if_match: str | None = None) -> None:
        try:
            self._upload.copy(number, self._object_key, start, end, if_match=if_match)
        except NotFound as error:
            raise Conflict("the file to take parts from is gone", self._key) from error

    def complete(self, *, overwrite: bool = True, if_match: str | None = None) -> WriteResult:
        condition = Condition(absent=not overwrite, etag=if_match)
        began = time.time()
        try:
            stored = self._upload.complete(condition)
        except (Conflict, NotFound) as error:
            raise _as_written(error, condition, self._key) from error
        return self._files.wrote(self._key, stored, self._upload.size, self._new, began)

    def abort(self) -> None:
        self._upload.abort()


def _as_written(error: Conflict | NotFound, condition: Condition, key: str) -> Exception:
    """The error that `Backend.write` promises for a condition that did not hold."""
    if condition.absent and isinstance(error, Conflict):
        return AlreadyExists(path=key)
    if condition.etag is not None and isinstance(error, NotFound):
        return Conflict("the file is gone", key)
    return error


def _content_type(key: str) -> str:
    return mimetypes.types_map.get(os.path.splitext(key)[1].lower(), _DEFAULT_TYPE)
