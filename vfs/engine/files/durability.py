"""When an acknowledged write is safe: once the store has it, or once this machine's journal has it."""

import threading
from abc import ABC, abstractmethod
from typing import TYPE_CHECKING

from vfs.engine.backend import UploadsParts
from vfs.engine.entries import WriteResult
from vfs.engine.files.journal import Journal
from vfs.engine.files.outbox import Outbox
from vfs.engine.files.publishing import publish, publish_on_condition
from vfs.engine.files.shared import SharedFile
from vfs.engine.files.streaming import STREAM_FROM, PartStream

if TYPE_CHECKING:
    from vfs.engine.files.store_tree import StoreTree


class Durability(ABC):
    """What settles a file's writes. Called with the file at rest (`settle`, where it `is_deferred`: under its
    commit lock) unless said otherwise.

    Whatever is promised now, what an earlier process left in the journal is sent.
    """

    tree: "StoreTree"
    outbox: Outbox

    is_deferred = False
    """True when the store gets to see a settled file only later."""

    def __init__(self, journal: Journal, *, recovers: bool = True) -> None:
        """A read-only mount does not recover: it could not send what it found."""
        self.journal = journal
        self._recovers = recovers

    def start(self, tree: "StoreTree") -> None:
        """The tree is ready; take up what earlier processes left."""
        self.tree = tree
        self.outbox = Outbox(tree, self.journal)
        if self._recovers:
            self.outbox.take_up_left_behind()

    @abstractmethod
    def settle(self, file: SharedFile) -> None:
        """Make what was written safe, or raise why not."""

    @abstractmethod
    def place(self, file: SharedFile, over: SharedFile | None, *, over_any: bool) -> WriteResult:
        """Make a draft safe, or raise what the store has against it and keep nothing of it.

        It takes the name of `over`, the file that is open at its key, if one is; with `over_any` also that of
        a file which nobody here knew of.
        """

    def publish_now(self, file: SharedFile) -> None:
        """Bring it to the store itself, whatever was promised; raises why that failed."""
        publish(self.tree, file)
        self.outbox.sent(file)

    def written(self, file: SharedFile) -> None:  # noqa: B027 - most need not know
        """Bytes were written; called without any lock."""

    def renamed(self, file: SharedFile, over: SharedFile | None) -> None:
        """An unsent file has another key now, that of `over` if such a file was open."""
        self.outbox.renamed(file, over)

    def forget(self, file: SharedFile) -> None:
        """The file was unlinked: nothing of it is to be sent any more."""
        self.outbox.sent(file)

    def stop(self) -> None:
        """End background work; what is queued stays in the journal."""
        self.outbox.stop()


class JournalDurability(Durability):
    """close and fsync return when the journal has it; the outbox sends it."""

    is_deferred = True

    def settle(self, file: SharedFile) -> None:
        self.outbox.put(file)

    def place(self, file: SharedFile, over: SharedFile | None, *, over_any: bool) -> WriteResult:
        self.outbox.put(file, over)
        return WriteResult(file.key, file.size, mtime_ns=file.stat().mtime_ns)


class StoreDurability(Durability):
    """close and fsync return when the store has it; a big new file leaves in parts before that."""

    def __init__(self, journal: Journal, *, recovers: bool = True) -> None:
        super().__init__(journal, recovers=recovers)
        self._lock = threading.Lock()
        self._streams: dict[SharedFile, PartStream] = {}

    def settle(self, file: SharedFile) -> None:
        publish(self.tree, file, self._taken_from(file))
        self.outbox.sent(file)

    publish_now = settle

    def place(self, file: SharedFile, over: SharedFile | None, *, over_any: bool) -> WriteResult:
        return publish_on_condition(self.tree, file, self._taken_from(file), over_any=over_any)

    def _taken_from(self, file: SharedFile) -> PartStream | None:
        with self._lock:
            stream = self._streams.pop(file, None)
        file.observer = None
        return stream

    def written(self, file: SharedFile) -> None:
        uploads = self._uploads
        if uploads is None or file.observer is not None:
            return
        if not file.is_written_whole_to(STREAM_FROM * uploads.part_limits.preferred):
            return
        stream = PartStream(file, self.tree.context, uploads)
        with self._lock:
            if self._streams.setdefault(file, stream) is stream:
                file.observer = stream.advance

    def start(self, tree: "StoreTree") -> None:
        self._uploads = tree.backend.ability(UploadsParts)
        super().start(tree)

    def forget(self, file: SharedFile) -> None:
        stream = self._taken_from(file)
        if stream is not None:
            stream.abort()
        super().forget(file)

    def stop(self) -> None:
        with self._lock:
            streams, self._streams = list(self._streams.values()), {}
        for stream in streams:
            stream.abort()
        super().stop()
