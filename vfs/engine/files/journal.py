"""Journal: what was acknowledged on this machine and is not in the store yet, so that a crash loses nothing.

A folder for each mount and store holds one folder for each process that serves it, locked while that
lives. A record is the staging file of one file and, once that is on disk, a JSON file beside it that says
what it means; the rename that puts the JSON there is the moment from which the write is safe.
"""

import base64
import fcntl
import hashlib
import json
import logging
import os
import re
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field, fields
from typing import Any

from vfs.engine.entries import Attributes

log = logging.getLogger("vfs")

RECORD_SUFFIX = ".json"

_NAME = re.compile(r"(?P<mount>.+)-[0-9a-f]{12}", re.DOTALL)


def journals_in(state: str) -> str:
    """Where a state folder has the journals of all mounts."""
    return os.path.join(state, "journal")


def journal_folder(state: str, mount: str, location: str) -> str:
    """The journal of a mount on this store: what was meant for another store stays where it is."""
    store = hashlib.sha256(location.encode()).hexdigest()[:12]
    return os.path.join(journals_in(state), f"{mount}-{store}")


def mount_of(folder: str) -> str | None:
    """The mount whose journal a folder is, by its name; None for a folder that is none."""
    found = _NAME.fullmatch(os.path.basename(folder))
    return found and found["mount"]


@dataclass(frozen=True, slots=True)
class Record:
    """One unsent file: its staging file, the ranges written in it, the object that it edits."""

    staging: str
    key: str
    size: int
    dirty: list[tuple[int, int]]
    base_etag: str | None
    base_version: str | None
    base_size: int
    base_limit: int
    is_new: bool
    attributes: Attributes = field(default_factory=Attributes)
    metadata: dict[str, str] = field(default_factory=dict)
    attempts: list[tuple[int, int]] = field(default_factory=list)
    """Size and time of each state that the store may have without anybody's knowing, this one among them."""
    replaced: list[str] = field(default_factory=list)
    """Staging files whose records, should they still be there, this one takes the place of."""


class Journal:
    """The records of this process, and those that dead processes left for the same mount."""

    def __init__(self, mount_directory: str) -> None:
        """Raises OSError where the folder cannot be made."""
        os.makedirs(mount_directory, mode=0o700, exist_ok=True)
        self._mount_directory = mount_directory
        self.directory, lock = _folder_of_our_own(mount_directory)
        self._locks = [lock]

    def put(self, record: Record) -> None:
        """Make the record last; the staging file must be synced already."""
        path = record.staging + RECORD_SUFFIX
        content = json.dumps(_packed(record)).encode()
        temporary = path + ".new"
        with open(temporary, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
        _sync_folder(os.path.dirname(path))

    def drop(self, staging: str) -> None:
        """The store has it."""
        path = staging + RECORD_SUFFIX
        if os.path.exists(path):
            os.unlink(path)

    def left_behind(self) -> list[Record]:
        """Take over the records of processes that are gone; staging files without a record are removed."""
        records = [record for folder in self._abandoned() for record in _records_in(folder)]
        void = {path for record in records for path in record.replaced}
        for record in records:
            if record.staging in void:
                self.drop(record.staging)
                os.unlink(record.staging)
        for folder in {os.path.dirname(record.staging) for record in records}:
            _remove_if_done(folder)
        return [record for record in records if record.staging not in void]

    def _abandoned(self) -> Iterator[str]:
        """The folders of processes that are gone, locked for this one; empty ones are removed."""
        for name in sorted(os.listdir(self._mount_directory)):
            folder = os.path.join(self._mount_directory, name)
            if folder == self.directory or not os.path.isdir(folder):
                continue
            lock = _locked(folder)
            if lock < 0:
                continue
            self._locks.append(lock)
            if not _remove_if_done(folder):
                yield folder

    def close(self) -> None:
        """Let go; folders with nothing unsent in them are removed."""
        for lock in self._locks:
            os.close(lock)
        self._locks.clear()
        for name in os.listdir(self._mount_directory):
            folder = os.path.join(self._mount_directory, name)
            lock = _locked(folder)
            if lock >= 0:
                _remove_if_done(folder)
                os.close(lock)


def _folder_of_our_own(mount_directory: str) -> tuple[str, int]:
    """A new folder, locked. One that another process takes for abandoned before it is locked is given up."""
    while True:
        folder = tempfile.mkdtemp(prefix="process-", dir=mount_directory)
        lock = _locked(folder)
        if lock >= 0:
            return folder, lock


def _locked(folder: str) -> int:
    """A descriptor that holds the folder's lock until it is closed; -1 where somebody alive has it, or had it
    and removed the folder."""
    try:
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except FileNotFoundError:
        return -1
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        return -1
    if not os.path.isdir(folder):
        os.close(descriptor)
        return -1
    return descriptor


def _records_in(folder: str) -> Iterator[Record]:
    names = set(os.listdir(folder))
    for name in sorted(names):
        path = os.path.join(folder, name)
        if name.endswith(RECORD_SUFFIX):
            try:
                yield parse_record(_content(path), folder)
            except ValueError as error:
                # One damaged record must not keep a whole mount from being served.
                log.error("%s: left alone, since it %s", path, error)
        elif name + RECORD_SUFFIX not in names:
            os.unlink(path)


def _content(path: str) -> bytes:
    with open(path, "rb") as file:
        return file.read()


def _packed(record: Record) -> dict[str, Any]:
    """A record as JSON can hold it: staging files by names that a moved folder keeps, bytes in base64."""
    packed = {field.name: getattr(record, field.name) for field in fields(record)}
    given = {field.name: getattr(record.attributes, field.name) for field in fields(Attributes)}
    if record.attributes.xattrs is not None:
        given["xattrs"] = {
            name: base64.b64encode(value).decode("ascii") for name, value in record.attributes.xattrs.items()
        }
    mount_directory = os.path.dirname(os.path.dirname(record.staging))
    replaced = [os.path.relpath(path, mount_directory) for path in record.replaced]
    return packed | {
        "staging": os.path.basename(record.staging),
        "attributes": given,
        "replaced": replaced,
    }


def _attributes(packed: dict[str, Any]) -> Attributes:
    xattrs = packed.pop("xattrs", None)
    if xattrs is not None:
        xattrs = {name: base64.b64decode(value) for name, value in xattrs.items()}
    return Attributes(**packed, xattrs=xattrs)


def parse_record(content: bytes, folder: str) -> Record:
    """What a JSON file in a folder of a journal says. Raises ValueError for what is no record."""
    found = json.loads(content)
    try:
        found["staging"] = os.path.join(folder, found["staging"])
        found["replaced"] = [os.path.join(os.path.dirname(folder), name) for name in found["replaced"]]
        found["dirty"] = [(start, end) for start, end in found["dirty"]]
        found["attempts"] = [(size, mtime_ns) for size, mtime_ns in found.get("attempts", ())]
        found["attributes"] = _attributes(found["attributes"])
        return Record(**found)
    except (AttributeError, KeyError, TypeError) as error:
        raise ValueError(f"is no record of a journal: {error!r}") from error


def _remove_if_done(folder: str) -> bool:
    """Remove a folder without any record; False when there is one."""
    names = os.listdir(folder)
    if any(name.endswith(RECORD_SUFFIX) for name in names):
        return False
    for name in names:
        os.unlink(os.path.join(folder, name))
    os.rmdir(folder)
    return True


def _sync_folder(folder: str) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
