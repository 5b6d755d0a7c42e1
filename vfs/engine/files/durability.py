"""When an acknowledged write is safe: once the store has it, or once this machine's journal has it."""

import threading
from abc import ABC, abstractmethod
from typing import TYPE_CHECKING

from vfs.engine.backend import UploadsParts
from vfs.engine.entries import WriteResult
from vfs.engine.files.journal import Journal
from vfs.engine.files.publishing import publish, publish_on_condition
from vfs.engine.files.shared import SharedFile
from vfs.engine.files.streaming import STREAM_FROM, PartStream

if TYPE_CHECKING:
    from vfs.engine.files.store_tree import StoreTree


class Durability(ABC):
    """What settles a file's writes. Called under the file's commit lock unless said otherwise."""

    tree: "StoreTree"

    is_deferred = False
    """True when the store gets to see a settled file only later."""

    def __init__(self, journal: Journal) -> None:
        self.journal = journal

    def start(self, tree: "StoreTree") -> None:
        """The tree is ready; take up what an earlier process left."""
        self.tree = tree

    @abstractmethod
    def settle(self, file: SharedFile) -> None:
        """Make what was written safe, or raise why not."""

    @abstractmethod
    def place(self, file: SharedFile) -> WriteResult:
        """Make a draft safe, or raise what the store has against it and keep nothing of it."""

    @abstractmethod
    def publish_now(self, file: SharedFile) -> None:
        """Bring it to the store itself, whatever was promised; raises why that failed."""

    @abstractmethod
    def written(self, file: SharedFile) -> None:
        """Bytes were written; called without any lock."""

    @abstractmethod
    def renamed(self, file: SharedFile) -> None:
        """An unsent file has another key now."""

    @abstractmethod
    def forget(self, file: SharedFile) -> None:
        """The file was unlinked: nothing of it is to be sent any more."""

    @abstractmethod
    def failure_of(self, file: SharedFile) -> str | None:
        """What the last try to send ran into."""

    @abstractmethod
    def wait_until_sent(self) -> None:
        """Block until nothing is queued."""

    @abstractmethod
    def stop(self) -> None:
        """End background work; what is queued stays where it is."""


class StoreDurability(Durability):
    """close and fsync return when the store has it; a big new file leaves in parts before that."""

    def __init__(self, journal: Journal) -> None:
        super().__init__(journal)
        self._lock = threading.Lock()
        self._streams: dict[SharedFile, PartStream] = {}

    def settle(self, file: SharedFile) -> None:
        publish(self.tree, file, self._end_stream(file))

    publish_now = settle

    def place(self, file: SharedFile) -> WriteResult:
        return publish_on_condition(self.tree, file, self._end_stream(file))

    def _end_stream(self, file: SharedFile) -> PartStream | None:
        with self._lock:
            stream = self._streams.pop(file, None)
        file.observer = None
        return stream

    def written(self, file: SharedFile) -> None:
        if file.observer is not None or file.size < (8 << 20):
            return
        uploads = self.tree.backend.ability(UploadsParts)
        if uploads is None or not file.is_written_whole_to(STREAM_FROM * uploads.part_limits.preferred):
            return
        stream = PartStream(file, self.tree.backend, uploads, self.tree.context.workers)
        with self._lock:
            if self._streams.setdefault(file, stream) is stream:
                file.observer = stream.advance

    def renamed(self, file: SharedFile) -> None:
        """A stream under way sees by itself that its key is no longer right."""

    def forget(self, file: SharedFile) -> None:
        with self._lock:
            stream = self._streams.pop(file, None)
        if stream is not None:
            file.observer = None
            stream.abort()

    def failure_of(self, file: SharedFile) -> str | None:
        return None

    def wait_until_sent(self) -> None:
        """Nothing is ever queued."""

    def stop(self) -> None:
        with self._lock:
            streams, self._streams = list(self._streams.values()), {}
        for stream in streams:
            stream.abort()
