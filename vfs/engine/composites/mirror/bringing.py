"""One member given what another has at one key: a file, a folder without what is below, a link, nothing."""

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import replace

from vfs.engine import paths
from vfs.engine.backend import (
    STREAM_CHUNK,
    AbilityT,
    Backend,
    Buffer,
    HashesContent,
    KeepsAttributes,
    KeepsMetadata,
    KeepsSpecialFiles,
    KeepsSymlinks,
    KeepsXattrs,
)
from vfs.engine.entries import Attributes, Entry, EntryKind
from vfs.engine.errors import AlreadyExists, CapabilityNotSupported, Conflict, DirectoryNotEmpty, NotFound


def found(backend: Backend, key: str) -> Entry | None:
    """The entry at a key; None where there is none."""
    try:
        return backend.stat(key)
    except NotFound:
        return None


def bring(
    truth: Backend, target: Backend, key: str, pieces_seen: Callable[[], None] = lambda: None
) -> Entry | None:
    """Make `target` have at this key what `truth` has; what that is.

    `pieces_seen` is called for each piece that is copied, and may raise to leave the old file in place.
    Raises Conflict where `truth` changes meanwhile, DirectoryNotEmpty where a folder is in the way.
    """
    wanted, present = found(truth, key), found(target, key)
    if present is not None and (wanted is None or not _can_stand_for(present, wanted)):
        _remove(target, key, present)
        present = None
    if wanted is None:
        _settle_folders_above(truth, target, key)
        return None
    if present is None or (wanted.is_file and not have_same_content(truth, target, key, wanted, present)):
        _make(truth, target, key, wanted, pieces_seen)
    else:
        _settle_attributes(truth, target, key, wanted, present)
    now = found(truth, key)
    if now is None or (now.kind, now.etag) != (wanted.kind, wanted.etag):
        raise Conflict("it is being changed", key)
    return wanted


def have_same_content(one: Backend, other: Backend, key: str, at_one: Entry, at_other: Entry) -> bool:
    """Whether two files have the same bytes: by size, by hashes that both tell, else by reading both."""
    if at_one.size != at_other.size:
        return False
    told, of_other = _hash(one, key), _hash(other, key)
    if told and of_other and told[0] == of_other[0]:
        return told[1] == of_other[1]
    return all(
        memoryview(one.read(key, start, start + STREAM_CHUNK, if_match=at_one.etag))
        == memoryview(other.read(key, start, start + STREAM_CHUNK, if_match=at_other.etag))
        for start in range(0, at_one.size, STREAM_CHUNK)
    )


def content(backend: Backend, key: str, entry: Entry) -> Iterator[Buffer]:
    """The bytes of a file in pieces. Raises Conflict where it is replaced meanwhile."""
    for start in range(0, entry.size, STREAM_CHUNK):
        yield backend.read(key, start, start + STREAM_CHUNK, if_match=entry.etag)


def _hash(backend: Backend, key: str) -> tuple[str, str] | None:
    hashes = backend.ability(HashesContent)
    return None if hashes is None else hashes.content_hash(key)


def _can_stand_for(present: Entry, wanted: Entry) -> bool:
    """Whether what is there can become what is wanted; a link or a device is made anew."""
    return present.kind is wanted.kind and present.kind in {EntryKind.FILE, EntryKind.FOLDER}


def _remove(backend: Backend, key: str, entry: Entry) -> None:
    with contextlib.suppress(NotFound):
        if entry.is_folder:
            backend.remove_directory(key)
        else:
            backend.delete(key)


def _settle_folders_above(truth: Backend, target: Backend, key: str) -> None:
    """The folders that a file made on its way, which stay when it goes: in both, or in none."""
    for folder in paths.ancestors(key):
        wanted, present = found(truth, folder), found(target, folder)
        if (wanted is None) == (present is None):
            return
        if wanted is not None:
            target.make_directory(folder, attributes=_attributes(truth, folder, wanted))
            return
        try:
            target.remove_directory(folder)
        except DirectoryNotEmpty:
            return


def _make(truth: Backend, target: Backend, key: str, wanted: Entry, pieces_seen: Callable[[], None]) -> None:
    if wanted.is_file:
        _write(truth, target, key, wanted, pieces_seen)
    elif wanted.is_folder:
        with contextlib.suppress(AlreadyExists):
            target.make_directory(key, attributes=_attributes(truth, key, wanted))
    elif wanted.kind is EntryKind.SYMLINK:
        link = _able(truth, KeepsSymlinks, key).read_symlink(key)
        given = _attributes(truth, key, wanted)
        _able(target, KeepsSymlinks, key).make_symlink(key, link, attributes=given)
    else:
        specials = _able(target, KeepsSpecialFiles, key)
        given = _attributes(truth, key, wanted)
        specials.make_special(key, wanted.mode or 0, wanted.rdev, attributes=given)


def _write(truth: Backend, target: Backend, key: str, wanted: Entry, pieces_seen: Callable[[], None]) -> None:
    def pieces() -> Iterator[Buffer]:
        for piece in content(truth, key, wanted):
            pieces_seen()
            yield piece

    metadata = wanted.metadata if target.ability(KeepsMetadata) is not None else None
    target.write(key, pieces(), metadata=metadata, attributes=_attributes(truth, key, wanted))


def _settle_attributes(truth: Backend, target: Backend, key: str, wanted: Entry, present: Entry) -> None:
    keeps = target.ability(KeepsAttributes)
    given, kept = _attributes(truth, key, wanted), _attributes(target, key, present)
    if keeps is not None and _comparable(given) != _comparable(kept):
        keeps.set_attributes(key, given)
    metadata = target.ability(KeepsMetadata)
    if metadata is not None and wanted.is_file and dict(present.metadata) != dict(wanted.metadata):
        metadata.set_metadata(key, wanted.metadata)


def _comparable(attributes: Attributes) -> tuple[object, ...]:
    xattrs = dict(attributes.xattrs or {})
    return (attributes.mode, attributes.uid, attributes.gid, attributes.mtime_ns, xattrs)


def _attributes(backend: Backend, key: str, entry: Entry) -> Attributes:
    """All that is to be given to a copy; extended attributes too where entries do not tell them."""
    xattrs = entry.xattrs
    keeps = backend.ability(KeepsXattrs)
    if xattrs is None and keeps is not None:
        names = [name for name in keeps.list_xattrs(key) if name.startswith("user.")]
        xattrs = {name: keeps.get_xattr(key, name) for name in names}
    return replace(entry.attributes, xattrs=xattrs)


def _able(backend: Backend, wanted: type[AbilityT], key: str) -> AbilityT:
    able = backend.ability(wanted)
    if able is None:
        raise CapabilityNotSupported(f"a member of the mirror cannot do what {wanted.__name__} is for", key)
    return able
