"""What was written, and what was acknowledged: so what may be found."""

import hashlib
import random
import threading
from dataclasses import dataclass, field

ABSENT = ""
"""What stands for the digest of a file that is not there."""

_DELETIONS = 8
"""Of so many versions one is the file's absence."""


def content(slot: str, version: int) -> bytes | None:
    """What this version of this file holds: it follows from both, mostly little. None: there is no file."""
    source = random.Random(f"{slot}:{version}")
    if source.randrange(_DELETIONS) == 0:
        return None
    most = source.choices((4_000, 300_000, 12_000_000), (70, 27, 3))[0]
    return source.randbytes(source.randint(1, most))


def digest(data: bytes | None) -> str:
    return ABSENT if data is None else hashlib.sha256(data).hexdigest()


@dataclass(slots=True)
class _Slot:
    acknowledged: int | None = None
    begun: list[int] = field(default_factory=list)


class Ledger:
    """The versions of every file, in the order in which their one writer began them. Thread-safe."""

    def __init__(self) -> None:
        self._slots: dict[str, _Slot] = {}
        self._lock = threading.Lock()

    def begin(self, slot: str) -> int:
        """The number of the next version, which from now on may be found."""
        with self._lock:
            known = self._slots.setdefault(slot, _Slot())
            version = max([known.acknowledged or 0, *known.begun]) + 1
            known.begun.append(version)
            return version

    def acknowledge(self, slot: str, version: int) -> None:
        """The version is there: nothing older may be found any more."""
        with self._lock:
            known = self._slots[slot]
            known.acknowledged = version
            known.begun = [newer for newer in known.begun if newer > version]

    def allowed(self, slot: str) -> set[str]:
        """The digests that the file may have now."""
        with self._lock:
            known = self._slots.get(slot, _Slot())
            versions = [*known.begun]
            acknowledged = known.acknowledged
        last = ABSENT if acknowledged is None else digest(content(slot, acknowledged))
        return {last, *(digest(content(slot, version)) for version in versions)}

    def tell(self, slot: str, found: str) -> str:
        """Which version a digest is of, in words."""
        with self._lock:
            known = self._slots.get(slot, _Slot())
            acknowledged, begun = known.acknowledged or 0, list(known.begun)
        last = max([acknowledged, *begun])
        same = [number for number in range(1, last + 1) if digest(content(slot, number)) == found]
        which = f"version {same[-1]}" if same else "absent" if found == ABSENT else "none of its versions"
        return f"{which}, when {acknowledged} was acknowledged and {begun} had begun"

    def slots(self) -> list[str]:
        with self._lock:
            return list(self._slots)

    def count_acknowledged(self) -> int:
        """Files of which some version was acknowledged."""
        with self._lock:
            return sum(known.acknowledged is not None for known in self._slots.values())
