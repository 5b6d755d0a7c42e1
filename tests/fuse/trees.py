"""A tree that answers from a dict: what the FUSE front asks of one, without an engine."""

from collections.abc import Iterator

from vfs.engine.entries import Entry
from vfs.engine.errors import NotFound


class DictTree:
    """Entries by key; `asked` and `steps` tell how often it was bothered."""

    readonly = False

    def __init__(
        self, name: str = "m", entries: dict[str, Entry] | None = None, *, ttl: float = 60.0
    ) -> None:
        self.name = name
        self.ttl = ttl
        self.entries = entries or {}
        self.asked: list[str] = []
        self.steps = 0
        """Entries that were taken from listings."""

    def remembered(self, key: str) -> None:
        """Nothing is known without asking."""

    def beside(self, key: str) -> tuple[Entry, ...]:
        """Listings show what is stored, and no more."""
        return ()

    def stat(self, key: str) -> Entry:
        self.asked.append(key)
        if key not in self.entries:
            raise NotFound("gone", key)
        return self.entries[key]

    def list(self, key: str) -> Iterator[Entry]:
        prefix = f"{key}/" if key else ""
        for found, entry in list(self.entries.items()):
            if found.startswith(prefix) and found != key and "/" not in found[len(prefix) :]:
                self.steps += 1
                yield entry

    def delete(self, key: str) -> None:
        del self.entries[key]
