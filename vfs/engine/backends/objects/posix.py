"""What POSIX adds to objects: attributes, symlinks, special files, extended attributes; and user metadata."""

import contextlib
import errno
import os
import stat as stat_bits
import time
from collections.abc import Callable, Mapping
from dataclasses import replace

from vfs.engine import paths
from vfs.engine.backends.objects.attributes import (
    RESERVED,
    SYMLINK_MODE,
    XATTRS,
    changed,
    decode_mode,
    decode_xattrs,
    encode,
    encode_time,
    encode_user_metadata,
    encode_xattrs,
)
from vfs.engine.backends.objects.bucket import Bucket
from vfs.engine.backends.objects.files import Files
from vfs.engine.backends.objects.folders import FOLDER_TYPE, Folders
from vfs.engine.backends.objects.places import Places
from vfs.engine.backends.objects.policy import AttributePolicy
from vfs.engine.backends.objects.stored import Condition, NewObject, StoredObject
from vfs.engine.entries import NO_XATTRS, Attributes, Entry, EntryKind
from vfs.engine.errors import AlreadyExists, Conflict, InvalidPath, NotFound, PermissionDenied

_CHANGE_ATTEMPTS = 10

MetadataChange = Callable[[StoredObject], Mapping[str, str]]
"""From an object as it is to the metadata that it is to have."""


class MetadataChanges:
    """Changes the metadata of what is there: a HEAD, and a change of what it told."""

    def __init__(self, bucket: Bucket, places: Places, folders: Folders) -> None:
        self._bucket = bucket
        self._places = places
        self._folders = folders

    def change_file(self, key: str, change: MetadataChange) -> Entry:
        """The entry afterwards. Raises NotFound, IsADirectory; what else changed meanwhile is kept."""
        object_key = self._places.object_key(key)
        for _ in range(_CHANGE_ATTEMPTS):
            try:
                found = self._bucket.objects.head(object_key, key)
            except NotFound as error:
                raise self._places.missing(key) from error
            metadata = change(found)
            with contextlib.suppress(Conflict, FileNotFoundError):
                return self._rewrite(object_key, key, found, metadata)
        raise Conflict("the file is changed by others all the time", key)

    def change(self, key: str, change: MetadataChange) -> Entry:
        """The same for a file or a folder, the root too; a folder gets a marker if it has none."""
        if key:
            try:
                return self.change_file(key, change)
            except IsADirectoryError:
                pass
        try:
            found = self._folders.read_marker(key)
        except NotFound:
            found = StoredObject(0, "", time.time_ns(), {}, {"content-type": FOLDER_TYPE})
        self._folders.write_marker(key, change(found))
        return self._folders.completed(key)

    def _rewrite(self, object_key: str, key: str, found: StoredObject, metadata: Mapping[str, str]) -> Entry:
        began = time.time()
        stored = self._bucket.change_metadata(object_key, key, found, metadata)
        told = replace(found, etag=stored.etag, version_id=stored.version_id, metadata=metadata)
        entry = self._places.entry_of(key, told)
        self._bucket.known.wrote_file(key, entry, began, time.time())
        return entry


class UserMetadata:
    """`KeepsMetadata` of a bucket."""

    def __init__(self, changes: MetadataChanges) -> None:
        self._changes = changes

    def set_metadata(self, key: str, metadata: Mapping[str, str]) -> Entry:
        new = encode_user_metadata(metadata, key)

        def change(found: StoredObject) -> dict[str, str]:
            return new | {name: value for name, value in found.metadata.items() if name in RESERVED}

        return self._changes.change_file(key, change)


class PosixAttributes:
    """`KeepsAttributes` of a bucket, as its policy says."""

    def __init__(self, bucket: Bucket, places: Places, changes: MetadataChanges) -> None:
        self._policy = bucket.policy
        self._places = places
        self._changes = changes

    def set_attributes(self, key: str, change: Attributes) -> Entry:
        paths.check_key(key)
        if self._policy is AttributePolicy.REFUSE:
            raise PermissionDenied("this mount keeps no attributes", key, errno=errno.EPERM)
        if self._policy is AttributePolicy.IGNORE:
            return self._places.stat(key)
        return self._changes.change(key, lambda found: _changed(found, change))


def _changed(found: StoredObject, change: Attributes) -> dict[str, str]:
    kind = EntryKind.FOLDER if found.content_type == FOLDER_TYPE else EntryKind.FILE
    new = changed(found.metadata, change, kind, time.time_ns())
    # Without a stored time, the time of the object counts; it must not become that of this change.
    new.setdefault("mtime", encode_time(found.modified_ns))
    return new


class Links:
    """`KeepsSymlinks` and `KeepsSpecialFiles` of a bucket."""

    def __init__(self, bucket: Bucket, places: Places, files: Files) -> None:
        self._bucket = bucket
        self._places = places
        self._files = files

    def make_symlink(self, key: str, target: str, *, attributes: Attributes | None = None) -> Entry:
        given = attributes or Attributes()
        mode = SYMLINK_MODE if given.mode is None else given.mode
        metadata = encode(
            replace(given, mode=mode), EntryKind.SYMLINK, time.time_ns(), type_bits=stat_bits.S_IFLNK
        )
        return self._make(key, paths.target_bytes(target, key), metadata)

    def read_symlink(self, key: str) -> str:
        if not key:
            raise InvalidPath("not a symlink", key)
        try:
            stored, body = self._bucket.objects.get(self._places.object_key(key), key)
        except NotFound as error:
            missing = self._places.missing(key)
            raise (InvalidPath("not a symlink", key) if missing.errno == errno.EISDIR else missing) from error
        mode = decode_mode(stored.metadata.get("mode")) if stored is not None else None
        if mode is None or not stat_bits.S_ISLNK(mode):
            raise InvalidPath("not a symlink", key)
        return os.fsdecode(bytes(body))

    def make_special(self, key: str, mode: int, rdev: int, *, attributes: Attributes | None = None) -> Entry:
        paths.check_key(key)
        bits = stat_bits.S_IFMT(mode)
        if bits in {0, stat_bits.S_IFREG, stat_bits.S_IFDIR, stat_bits.S_IFLNK}:
            raise InvalidPath("the mode is not that of a special file", key)
        given = (attributes or Attributes()).over(Attributes(mode=mode))
        metadata = encode(given, EntryKind.SPECIAL, time.time_ns(), type_bits=bits)
        return self._make(key, b"", metadata | {"rdev": str(rdev)})

    def _make(self, key: str, body: bytes, metadata: Mapping[str, str]) -> Entry:
        paths.check_key(key)
        if not key:
            raise AlreadyExists(path=key)
        object_key = self._places.object_key(key)
        try:
            self._files.refuse_target(key)
            began = time.time()
            new = NewObject(metadata, {"content-type": "application/octet-stream"})
            stored = self._bucket.objects.put(object_key, key, body, new, Condition(absent=True))
        except (Conflict, IsADirectoryError) as error:
            raise AlreadyExists(path=key) from error
        self._files.wrote(key, stored, len(body), new, began)
        return self._places.file(key)


class ExtendedAttributes:
    """`KeepsXattrs` of a bucket: all of them in one value, in the form of s3fs-fuse."""

    def __init__(self, bucket: Bucket, places: Places, folders: Folders, changes: MetadataChanges) -> None:
        self._bucket = bucket
        self._places = places
        self._folders = folders
        self._changes = changes

    def get_xattr(self, key: str, name: str) -> bytes:
        found = self._all(key)
        if name not in found:
            raise _absent(key, name)
        return found[name]

    def list_xattrs(self, key: str) -> list[str]:
        return list(self._all(key))

    def set_xattr(
        self, key: str, name: str, value: bytes, *, create: bool = False, replace: bool = False
    ) -> None:
        def change(found: dict[str, bytes]) -> None:
            if create and name in found:
                raise AlreadyExists(f"the attribute {name} is there already", key)
            if replace and name not in found:
                raise _absent(key, name)
            found[name] = bytes(value)

        self._change(key, change)

    def remove_xattr(self, key: str, name: str) -> None:
        def change(found: dict[str, bytes]) -> None:
            if name not in found:
                raise _absent(key, name)
            del found[name]

        self._change(key, change)

    def _change(self, key: str, change: Callable[[dict[str, bytes]], None]) -> None:
        def changed_metadata(found: StoredObject) -> dict[str, str]:
            xattrs = dict(decode_xattrs(found.metadata.get(XATTRS)))
            change(xattrs)
            rest = {name: value for name, value in found.metadata.items() if name != XATTRS}
            rest.setdefault("mtime", encode_time(found.modified_ns))
            rest["ctime"] = encode_time(time.time_ns())
            return rest | ({XATTRS: encode_xattrs(xattrs)} if xattrs else {})

        self._changes.change(key, changed_metadata)

    def _all(self, key: str) -> Mapping[str, bytes]:
        if not key:
            return self._of_folder(key)
        try:
            found = self._bucket.objects.head(self._places.object_key(key), key)
        except NotFound:
            self._folders.entry(key)
            return self._of_folder(key)
        return decode_xattrs(found.metadata.get(XATTRS))

    def _of_folder(self, key: str) -> Mapping[str, bytes]:
        try:
            return decode_xattrs(self._folders.read_marker(key).metadata.get(XATTRS))
        except NotFound:
            return NO_XATTRS


def _absent(key: str, name: str) -> NotFound:
    return NotFound(f"there is no attribute {name}", key, errno=errno.ENODATA)
