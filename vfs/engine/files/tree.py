"""FileTree: one mount as every front door sees it.

What FUSE, WebDAV and nodes do to a mount goes through here, so that what one wrote the others see at once.
Every call blocks, may be made from any thread, takes keys and raises `vfs.engine.errors`.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass

from vfs.engine import paths
from vfs.engine.aside import ShowsAside
from vfs.engine.backend import (
    AbilityT,
    Backend,
    KeepsHardLinks,
    KeepsMetadata,
    KeepsSpecialFiles,
    KeepsSymlinks,
    KeepsXattrs,
    OpenFile,
    ReportsSpace,
    Source,
)
from vfs.engine.cache.entries import Absent, EntryStatistics
from vfs.engine.capabilities import Capability
from vfs.engine.changes import ChangeBus, ChangeKind
from vfs.engine.entries import Attributes, Entry, EntryKind, SpaceUsage, WriteResult
from vfs.engine.errors import AlreadyExists, CapabilityNotSupported, NotADirectory, NotFound
from vfs.engine.files.drafts import Draft, Replacement
from vfs.engine.files.present_state import PresentFile
from vfs.engine.files.progress import SENT, SendProgress
from vfs.engine.files.transfers import Transfers
from vfs.engine.files.uses import Uses
from vfs.engine.sources import pieces
from vfs.engine.traffic import Traffic


@dataclass(frozen=True, slots=True)
class Unsent:
    """A file whose newest bytes are not in the store yet."""

    mount: str
    key: str
    size: int
    failure: str | None = None
    """What the last try to send it ran into."""


class FileTree(ABC):
    """The live tree of one mount: what is stored, under what is open and unsent."""

    readonly = False
    """Whether every change is refused."""

    traffic: Traffic | None = None
    """What is counted of the storage; told by whoever opened the mount."""

    def __init__(self, name: str, backend: Backend, *, ttl: float, changes: ChangeBus) -> None:
        self.name = name
        self.backend = backend
        self.ttl = ttl
        """Seconds for which what was once seen of the store may be believed, here and in the kernel."""
        self.changes = changes
        self.uses = Uses()
        """The open handles and drafts."""

    @property
    def capabilities(self) -> frozenset[Capability]:
        return self.backend.capabilities

    @property
    def transfers(self) -> Transfers:
        """Whole files in and out, for who copies many."""
        return Transfers(self)

    def remembered(self, key: str) -> Entry | Absent | None:
        """What is known of a key without asking anyone; None: `stat` must ask. Never blocks."""
        return None

    @abstractmethod
    def stat(self, key: str) -> Entry:
        """The entry as it is now, complete; a file open for writing has its present size. Raises NotFound."""

    def listed(self, key: str) -> Entry:
        """As `stat`, but what only a listing told is good enough: an entry that may be not `complete`."""
        return self.stat(key)

    def kind(self, key: str) -> EntryKind | None:
        """What stands at a key, None for nothing; cheaper than `stat` where that can be."""
        try:
            return self.listed(key).kind
        except (NotFound, NotADirectory):
            return None

    @abstractmethod
    def list(self, key: str) -> Iterator[Entry]:
        """The entries of a folder, lazily. Raises NotFound, NotADirectory."""

    def beside(self, key: str) -> Sequence[Entry]:
        """What people are to see in a folder besides its entries; who walks a tree never falls into it."""
        aside = self.backend.ability(ShowsAside)
        return () if aside is None else aside.beside(key)

    @abstractmethod
    def open(self, key: str, *, write: bool = False, truncate: bool = False) -> OpenFile:
        """A handle on an existing file. Raises NotFound, IsADirectory."""

    def open_present(self, key: str) -> PresentFile:
        """The file as it is now, to be read: changes that come later may show, or not. Raises as `open`."""
        return self.open(key)

    @abstractmethod
    def create(self, key: str, *, exclusive: bool = False, attributes: Attributes | None = None) -> OpenFile:
        """A handle for writing on a file, made if it is not there. Raises AlreadyExists when exclusive."""

    @abstractmethod
    def draft(self, wanted: Replacement) -> Draft:
        """A whole new file, to be filled and committed. What stands in its way already is raised at once.

        Others see the old file or the new one, whatever happens; handles open on the old one keep its bytes.
        """

    def replace(self, wanted: Replacement, source: Source) -> WriteResult:
        """Store a whole file as a draft is. Raises what `Replacement.check` and the store raise."""
        draft = self.draft(wanted)
        try:
            for piece in pieces(source):
                draft.write(draft.size, piece)
            return draft.commit()
        finally:
            draft.discard()

    @abstractmethod
    def delete(self, key: str) -> None:
        """Remove a file or symlink; handles open on it keep working. Raises NotFound, IsADirectory."""

    @abstractmethod
    def rename(self, source: str, target: str, *, overwrite: bool = True, exchange: bool = False) -> None:
        """Give a file or folder another key, as rename(2) does; handles open on it keep working."""

    @abstractmethod
    def make_directory(self, key: str, *, attributes: Attributes | None = None) -> Entry:
        """Raises AlreadyExists, NotFound for a missing parent."""

    def make_folders_above(self, key: str) -> None:
        """Make the folders that are missing on the way to a key. Raises NotADirectory."""
        missing = []
        for folder in paths.ancestors(key):
            try:
                if not self.stat(folder).is_folder:
                    raise NotADirectory(path=key)
                break
            except NotFound:
                missing.append(folder)
        for folder in reversed(missing):
            with suppress(AlreadyExists):
                self.make_directory(folder)

    @abstractmethod
    def remove_directory(self, key: str) -> None:
        """Raises NotFound, NotADirectory, DirectoryNotEmpty."""

    @abstractmethod
    def set_attributes(self, key: str, change: Attributes) -> Entry:
        """Change mode, owner or times; the entry as it is then. Raises NotFound, CapabilityNotSupported."""

    def set_metadata(self, key: str, metadata: Mapping[str, str]) -> Entry:
        """Give a file other user metadata, all of it. Raises NotFound, CapabilityNotSupported."""
        entry = self.required(KeepsMetadata, "user metadata", key).set_metadata(key, metadata)
        self._attributes_changed(key)
        return entry

    def truncate(self, key: str, size: int) -> Entry:
        """Cut or extend a file to `size` bytes; the entry as it is then."""
        handle = self.open(key, write=True, truncate=size == 0)
        try:
            handle.truncate(size)
            handle.flush()
            return handle.stat()
        finally:
            handle.close()

    def make_symlink(self, key: str, target: str, *, attributes: Attributes | None = None) -> Entry:
        entry = self.required(KeepsSymlinks, "symlinks", key).make_symlink(key, target, attributes=attributes)
        self._appeared(key, entry)
        return entry

    def read_symlink(self, key: str) -> str:
        return self.required(KeepsSymlinks, "symlinks", key).read_symlink(key)

    def make_link(self, source: str, target: str) -> Entry:
        entry = self.required(KeepsHardLinks, "hard links", target).make_link(source, target)
        self._appeared(target, entry)
        return entry

    def make_special(self, key: str, mode: int, rdev: int, *, attributes: Attributes | None = None) -> Entry:
        specials = self.required(KeepsSpecialFiles, "fifos, sockets and devices", key)
        entry = specials.make_special(key, mode, rdev, attributes=attributes)
        self._appeared(key, entry)
        return entry

    def get_xattr(self, key: str, name: str) -> bytes:
        return self.required(KeepsXattrs, "extended attributes", key).get_xattr(key, name)

    def list_xattrs(self, key: str) -> Sequence[str]:
        xattrs = self.backend.ability(KeepsXattrs)
        return xattrs.list_xattrs(key) if xattrs else []

    def set_xattr(
        self, key: str, name: str, value: bytes, *, create: bool = False, replace: bool = False
    ) -> None:
        xattrs = self.required(KeepsXattrs, "extended attributes", key)
        xattrs.set_xattr(key, name, value, create=create, replace=replace)
        self._attributes_changed(key)

    def remove_xattr(self, key: str, name: str) -> None:
        self.required(KeepsXattrs, "extended attributes", key).remove_xattr(key, name)
        self._attributes_changed(key)

    def space(self) -> SpaceUsage:
        reporting = self.backend.ability(ReportsSpace)
        return reporting.space() if reporting else SpaceUsage(None, None)

    @abstractmethod
    def flush(self) -> None:
        """Wait until the store has everything that was written. Raises the first failure."""

    def stored_elsewhere(self, key: str, kind: ChangeKind) -> None:
        """What is stored at a key was changed, but not by this tree: believe nothing of it, and tell so."""
        self.announce(key, kind)

    def unsent(self) -> Sequence[Unsent]:
        """The files whose newest bytes the store does not have yet."""
        return []

    def send_now(self) -> None:  # noqa: B027 - most send at once
        """Try at once to send what waits for its next try."""

    def forget_entries(self) -> None:  # noqa: B027 - most remember none
        """Believe nothing of what was seen of the store; what is open stays as it is."""

    def entry_statistics(self) -> EntryStatistics | None:
        """How the memory of entries does; None for a tree that remembers none."""
        return None

    def progress(self, key: str) -> SendProgress:
        """How far the newest bytes of a file are on their way to the store. Asks nobody."""
        return SENT

    def close(self) -> None:
        """Stop background work and close the backend; unsent files stay in the journal."""
        self.backend.close()

    def required(self, wanted: type[AbilityT], what: str, key: str) -> AbilityT:
        found = self.backend.ability(wanted)
        if found is None:
            raise CapabilityNotSupported(f"this storage keeps no {what}", key, mount=self.name)
        return found

    def _appeared(self, key: str, entry: Entry) -> None:
        """An entry was made by a call of this tree."""
        self.announce(key, ChangeKind.CREATED)

    def _attributes_changed(self, key: str) -> None:
        """Attributes that the entry may not show were changed by a call of this tree."""
        self.announce(key, ChangeKind.ATTRIBUTES)

    def announce(self, key: str, kind: ChangeKind, counterpart: str | None = None) -> None:
        self.changes.publish(self.name, key, kind, counterpart)
