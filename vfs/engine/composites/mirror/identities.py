"""Which ETags of a mirror's members stand for one content, so that it has one name whoever answers.

The name is the ETag of the member that told it first, with the member's own name before it. Which ETags of
the others mean the same is known of what was written here, and remembered within limits; where it is not
known, only the member that is named can tell whether a file is still the one that was meant.
"""

import threading
from collections.abc import Mapping
from dataclasses import dataclass

from cachetools import LRUCache

REMEMBERED = 65_536
"""Files whose members' ETags are kept in memory, a few hundred bytes each."""

NO_ETAG = "vfs-no-such-etag"
"""What no content has: asked of a member that cannot know whether a file is the one that is meant."""


@dataclass(frozen=True, slots=True)
class _Identity:
    name: str
    etags: Mapping[str, str]


class Identities:
    """The newest known content of each key. Thread-safe; nothing here asks a member."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._by_key: LRUCache[str, _Identity] = LRUCache(REMEMBERED)

    def name_of(self, key: str, member: str, etag: str | None) -> str | None:
        """What the mirror calls the content that has this ETag at a member."""
        if etag is None:
            return None
        known = self._known(key)
        same = known is not None and known.etags.get(member) == etag
        return known.name if known is not None and same else f"{member}:{etag}"

    def etag_at(self, key: str, name: str, member: str) -> str | None:
        """The ETag that a content of the mirror has at a member; None where that is not known."""
        known = self._known(key)
        if known is not None and known.name == name and member in known.etags:
            return known.etags[member]
        named, colon, etag = name.partition(":")
        return etag if colon and named == member else None

    def learn(self, key: str, leader: str, etags: Mapping[str, str | None]) -> str | None:
        """All these ETags stand for one content, which the leader's names; the name."""
        etag = etags.get(leader)
        if etag is None:
            return None
        told = {member: other for member, other in etags.items() if other is not None}
        with self._lock:
            known = self._by_key.get(key)
            if known is not None and known.etags.get(leader) == etag:
                told = {**known.etags, **told}
                self._by_key[key] = _Identity(known.name, told)
            else:
                self._by_key[key] = _Identity(f"{leader}:{etag}", told)
            return self._by_key[key].name

    def _known(self, key: str) -> _Identity | None:
        with self._lock:
            return self._by_key.get(key)
