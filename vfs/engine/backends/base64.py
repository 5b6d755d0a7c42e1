"""The backend without a store: a file's path is its content, in Base64."""

import base64
import binascii
import errno
import hashlib
import re
from collections.abc import Iterator, Mapping

from pydantic import BaseModel

from vfs.engine import paths
from vfs.engine.backend import Backend, Buffer, Source
from vfs.engine.capabilities import Capability
from vfs.engine.entries import Attributes, Entry, EntryKind, WriteResult
from vfs.engine.errors import (
    AlreadyExists,
    CapabilityNotSupported,
    Conflict,
    IsADirectory,
    NotADirectory,
    NotFound,
    StorageError,
)
from vfs.engine.sources import pieces

_TEXT = re.compile(r"[A-Za-z0-9+_-]*={0,2}")
_MARK = ";base64,"

_NAME_CHARACTERS = 252
"""Base64 in one name: whole groups of four, below NAME_MAX with the `~` that says that more follows."""
_NAME_BYTES = _NAME_CHARACTERS // 4 * 3
_NAMES = paths.MAX_KEY_BYTES // (_NAME_CHARACTERS + len("~/"))


class Base64Options(BaseModel, frozen=True, extra="forbid"):
    """There is nothing to set."""


class Base64Backend(Backend):
    """Files whose key is their content: `SGVsbG8` holds "Hello".

    A key is Base64 in the URL-safe alphabet, with or without padding; `+` counts as `-`. The `/` of the
    standard alphabet cannot be one here, since it ends a name: a key that has it is NotFound, never other
    bytes. Content too long for one name goes on in the next, after `~/`. A data URI
    (`data:text/plain;base64,SGVsbG8`) is a key too, and tells the content type.

    What stands at a key never changes, so that trees of files take this for read-only; `write` itself, at any
    key, answers with the key of what was written. Nothing can be listed or deleted.
    """

    largest_file = _NAMES * _NAME_BYTES

    def __init__(self, options: Base64Options | None = None) -> None:
        self.location = "base64:"

    @property
    def capabilities(self) -> frozenset[Capability]:
        return frozenset(
            {
                Capability.READ,
                Capability.READONLY,
                Capability.METADATA,
                Capability.SEEKABLE_READ,
                Capability.LAZY_READ,
            }
        )

    def stat(self, key: str) -> Entry:
        paths.check_key(key)
        name = paths.name_of(key)
        if _is_folder(key):
            return Entry(name, EntryKind.FOLDER)
        content = _content(key)
        header = key.removeprefix("data:").partition(_MARK)[0] if _MARK in key else ""
        return Entry(
            name,
            EntryKind.FILE,
            size=len(content),
            etag=_etag(content),
            content_type=header or None,
        )

    def list(self, key: str) -> Iterator[Entry]:
        if not self.stat(key).is_folder:
            raise NotADirectory(path=key)
        raise CapabilityNotSupported("every content there is would be in this folder", key)

    def read(
        self,
        key: str,
        start: int = 0,
        end: int | None = None,
        *,
        version: str | None = None,
        if_match: str | None = None,
    ) -> Buffer:
        paths.check_key(key)
        if _is_folder(key):
            raise IsADirectory(path=key)
        content = _content(key)
        if version is not None:
            raise CapabilityNotSupported("a content that is its own name has one version", key)
        if if_match is not None and if_match != _etag(content):
            raise Conflict("this was never another content", key)
        return content[start:end]

    def write(
        self,
        key: str,
        source: Source,
        *,
        overwrite: bool = True,
        if_match: str | None = None,
        metadata: Mapping[str, str] | None = None,
        attributes: Attributes | None = None,
    ) -> WriteResult:
        """Give the content a name: the result's `path`, which is seldom `key`. Attributes are not kept."""
        return self.write_named(key, source, overwrite=overwrite, if_match=if_match, metadata=metadata)

    def write_named(
        self,
        key: str,
        source: Source,
        *,
        overwrite: bool = True,
        if_match: str | None = None,
        metadata: Mapping[str, str] | None = None,
    ) -> WriteResult:
        self._check_writable(key, overwrite, if_match)
        if metadata:
            raise CapabilityNotSupported("a content that is its own name has no metadata", key)
        content = bytearray()
        for piece in pieces(source):
            content += piece
            if len(content) > self.largest_file:
                raise StorageError("no path is long enough for this content", key, errno=errno.EFBIG)
        return WriteResult(_key_for(content), len(content), _etag(content))

    def _check_writable(self, key: str, overwrite: bool, if_match: str | None) -> None:
        paths.check_key(key)
        if _is_folder(key):
            raise IsADirectory(path=key)
        content = _decoded(key)
        if not overwrite and content is not None:
            raise AlreadyExists(path=key)
        if if_match is not None and (content is None or if_match != _etag(content)):
            raise Conflict("the file is another one", key)


def _is_folder(key: str) -> bool:
    """Whether a key is the way to longer ones: the root, a name that goes on, a data URI cut off."""
    return not key or key.endswith("~") or (key.startswith("data:") and _MARK not in key)


def _content(key: str) -> bytes:
    content = _decoded(key)
    if content is None:
        raise NotFound("not Base64 in the URL-safe alphabet", key)
    return content


def _decoded(key: str) -> bytes | None:
    text = key.partition(_MARK)[2] if _MARK in key else key
    text = text.replace("~/", "")
    digits = text.rstrip("=")
    padded = digits + "=" * (-len(digits) % 4)
    if not _TEXT.fullmatch(text) or (text != digits and text != padded):
        return None
    try:
        return base64.b64decode(padded.replace("+", "-"), altchars=b"-_", validate=True)
    except binascii.Error:
        return None


def _key_for(content: bytearray) -> str:
    """The key of a content; the empty one is a data URI, since no path is empty but the root's."""
    text = base64.urlsafe_b64encode(content).decode().rstrip("=")
    names = [text[start : start + _NAME_CHARACTERS] for start in range(0, len(text), _NAME_CHARACTERS)]
    return "~/".join(names) or "data:" + _MARK


def _etag(content: bytes | bytearray) -> str:
    return hashlib.sha256(content).hexdigest()
