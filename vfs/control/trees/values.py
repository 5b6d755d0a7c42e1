"""The engine's values as plain JSON and back: entries, attributes, results, replacements, errors."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from vfs.engine import errors
from vfs.engine.entries import Attributes, Entry, EntryKind, LaterMetadata, SpaceUsage, WriteResult
from vfs.engine.errors import StorageError
from vfs.engine.files.drafts import Replacement
from vfs.engine.originals import Original

Said = Any
"""What JSON can say."""

_ERRORS: Mapping[str, type[StorageError]] = {
    name: kind
    for name, kind in vars(errors).items()
    if isinstance(kind, type) and issubclass(kind, StorageError)
}


def say_entry(entry: Entry) -> Said:
    """Metadata that a listing left for later stay so: nothing is asked."""
    later = isinstance(entry.metadata, LaterMetadata)
    return [
        entry.name,
        entry.kind.value,
        entry.size,
        entry.mtime_ns,
        entry.etag,
        entry.version_id,
        entry.content_type,
        None if later else dict(entry.metadata),
        entry.mode,
        entry.uid,
        entry.gid,
        entry.atime_ns,
        entry.ctime_ns,
        _say_xattrs(entry.xattrs),
        entry.nlink,
        entry.rdev,
        entry.file_id,
        entry.complete,
    ]


def heard_entry(said: Sequence[Any], ask: Callable[[str], Mapping[str, str]] | None = None) -> Entry:
    """`ask` gives the metadata of a name that were left for later."""
    name, kind, size, mtime_ns, etag, version_id, content_type, metadata, *rest = said
    mode, uid, gid, atime_ns, ctime_ns, xattrs, nlink, rdev, file_id, complete = rest
    if metadata is None:
        metadata = {} if ask is None else LaterMetadata(ask, name)
    return Entry(
        name,
        EntryKind(kind),
        size,
        mtime_ns,
        etag,
        version_id,
        content_type,
        metadata,
        mode,
        uid,
        gid,
        atime_ns,
        ctime_ns,
        _heard_xattrs(xattrs),
        nlink,
        rdev,
        file_id,
        complete,
    )


def say_attributes(attributes: Attributes | None) -> Said:
    if attributes is None:
        return None
    given = attributes
    times = [given.atime_ns, given.mtime_ns]
    return [given.mode, given.uid, given.gid, *times, _say_xattrs(given.xattrs)]


def heard_attributes(said: Sequence[Any] | None) -> Attributes | None:
    if said is None:
        return None
    mode, uid, gid, atime_ns, mtime_ns, xattrs = said
    return Attributes(mode, uid, gid, atime_ns, mtime_ns, _heard_xattrs(xattrs))


def _say_xattrs(xattrs: Mapping[str, bytes] | None) -> Said:
    return None if xattrs is None else {name: bytes(value).hex() for name, value in xattrs.items()}


def _heard_xattrs(said: Mapping[str, str] | None) -> Mapping[str, bytes] | None:
    return None if said is None else {name: bytes.fromhex(value) for name, value in said.items()}


def say_replacement(wanted: Replacement) -> Mapping[str, Said]:
    return {
        "key": wanted.key,
        "overwrite": wanted.overwrite,
        "if_match": wanted.if_match,
        "metadata": None if wanted.metadata is None else dict(wanted.metadata),
        "attributes": say_attributes(wanted.attributes),
    }


def heard_replacement(said: Mapping[str, Any]) -> Replacement:
    return Replacement(
        said["key"],
        said["overwrite"],
        said["if_match"],
        said["metadata"],
        heard_attributes(said["attributes"]),
    )


def say_result(result: WriteResult | None) -> Said:
    return None if result is None else asdict(result)


def heard_result(said: Mapping[str, Any]) -> WriteResult:
    return WriteResult(**said)


def heard_space(said: Mapping[str, Any]) -> SpaceUsage:
    return SpaceUsage(**said)


def heard_original(said: Sequence[str] | None) -> Original | None:
    return None if said is None else Original(*said)


def say_error(error: StorageError) -> Said:
    kind = next(kind for kind in type(error).__mro__ if kind.__name__ in _ERRORS)
    return [kind.__name__, error.message, error.path, error.mount, error.errno]


def heard_error(said: Sequence[Any]) -> StorageError:
    kind, message, path, mount, number = said
    return _ERRORS.get(kind, StorageError)(message, path, mount=mount, errno=number)
