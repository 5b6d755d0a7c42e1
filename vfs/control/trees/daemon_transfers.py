"""Whole files and trees in and out of a daemon's mount: what can be done there is done there."""

from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import TYPE_CHECKING, Any

from vfs.control.trees import frames
from vfs.control.trees.arriving import giving
from vfs.control.trees.connections import Giving
from vfs.control.trees.daemon_files import DaemonOutgoing
from vfs.control.trees.values import (
    heard_original,
    heard_result,
    say_entry,
    say_replacement,
)
from vfs.engine.backend import Buffer, Source
from vfs.engine.entries import Entry, WriteResult
from vfs.engine.files.drafts import Replacement
from vfs.engine.files.outgoing import Outgoing
from vfs.engine.files.transfers import Transfers
from vfs.engine.originals import Original
from vfs.engine.sources import pieces

if TYPE_CHECKING:
    from vfs.control.trees.daemon_tree import DaemonTree

REMOVED_AT_ONCE = 1000
"""Keys in one call; a store takes as many in one request."""


class DaemonTransfers(Transfers):
    """Of one mount. Between two mounts of one daemon no byte comes here."""

    def __init__(self, tree: "DaemonTree") -> None:
        super().__init__(tree)
        self._asking = tree.asking

    def sweep(self, folder: str, *, remembering: bool = False) -> Iterator[tuple[str, Entry]]:
        return self._asking.entries("sweep", key=folder, remembering=remembering)

    def take_out(self, key: str, listed: Entry) -> Outgoing:
        with self._asking.named():
            return DaemonOutgoing(self._asking.connections, self._asking.mount, key, say_entry(listed))

    def put_in(self, wanted: Replacement, file: Outgoing, *, replacing: bool) -> WriteResult:
        asking, said = self._asking, say_replacement(wanted)
        if isinstance(file, DaemonOutgoing) and file.connections is asking.connections:
            with asking.named():
                return heard_result(file.put_in(asking.mount, replacing, **said))
        said = {**said, "source": file.key, "entry": say_entry(file.entry), "replacing": replacing}
        return heard_result(asking.ask("put_in", giving=lambda what: ({}, giving(what, file)), **said))

    def original(self, key: str) -> Original | None:
        return heard_original(self._asking.ask("original", key=key))

    def copy_inside(
        self, source: Transfers, key: str, listed: Entry, target: str, *, replacing: bool, overwrite: bool
    ) -> WriteResult | None:
        if not isinstance(source, DaemonTransfers):
            return None
        theirs, ours = source._asking, self._asking
        if theirs.connections is not ours.connections:
            return None
        said = {"from": theirs.mount, "key": key, "listed": say_entry(listed)}
        result = ours.ask("copy_inside", target=target, replacing=replacing, overwrite=overwrite, **said)
        return None if result is None else heard_result(result)

    def content_hash(self, key: str) -> tuple[str, str] | None:
        told = self._asking.ask("content_hash", key=key)
        return None if told is None else (told[0], told[1])

    def restore_version(self, key: str, version: str) -> WriteResult:
        return heard_result(self._asking.ask("restore_version", key=key, version=version))

    def remove(self, keys: Iterable[str]) -> None:
        rest = iter(keys)
        while batch := list(islice(rest, REMOVED_AT_ONCE)):
            self._asking.ask("remove", keys=batch)


def given_pieces(source: Source) -> Giving:
    """A stream, given piece by piece as the daemon wants it."""
    cut = _cut(source)

    def give(_: Mapping[str, Any]) -> tuple[Mapping[str, Any], Buffer]:
        piece = next(cut, None)
        return {"more": piece is not None}, b"" if piece is None else piece

    return give


def _cut(source: Source) -> Iterator[memoryview]:
    for piece in pieces(source):
        for at in range(0, len(piece), frames.PIECE):
            yield piece[at : at + frames.PIECE]
