"""Clients that write versions of a few files of their own, and look whether what they find may be so."""

import random
import threading
from collections import Counter
from collections.abc import Sequence

from tests.soak.doors import Door, Refused
from tests.soak.ledger import Ledger, content, digest

_PAUSE = 0.2
"""Seconds before the next act, after one that was refused."""


class Worker(threading.Thread):
    """The one writer of its files: writes at one door, reads at any."""

    def __init__(
        self, name: str, ledger: Ledger, files: Sequence[str], door: Door, readers: Sequence[Door]
    ) -> None:
        super().__init__(name=name, daemon=True)
        self.acts: Counter[str] = Counter()
        self.broken: list[str] = []
        """Promises that were, in words."""
        self._ledger = ledger
        self._files = files
        self._door = door
        self._readers = readers
        self._source = random.Random(name)
        self._over = threading.Event()

    def stop(self) -> None:
        self._over.set()

    def run(self) -> None:
        while not self._over.is_set():
            path = self._source.choice(self._files)
            act = self._write if self._source.random() < 0.5 else self._read
            try:
                act(path)
                self.acts[act.__name__.strip("_")] += 1
            except Refused:
                self.acts["refused"] += 1
                self._over.wait(_PAUSE)
            except Exception as error:
                self.broken.append(f"{self.name}: {path}: {error!r}")
                raise

    def _write(self, path: str) -> None:
        version = self._ledger.begin(path)
        data = content(path, version)
        if data is None:
            self._door.delete(path)
        else:
            self._door.write(path, data)
        self._ledger.acknowledge(path, version)

    def _read(self, path: str) -> None:
        door = self._source.choice(self._readers)
        found = digest(door.read(path))
        if found not in self._ledger.allowed(path):
            self.broken.append(
                f"{self.name}: {path} is read by {type(door).__name__} as {self._ledger.tell(path, found)}"
            )
