"""The daemon's end of a conversation: the calls of one connection on its trees, one after another."""

import logging
import socket
from collections.abc import Callable, Iterable, Mapping
from contextlib import closing
from itertools import islice
from typing import NamedTuple

from vfs.control.trees import frames
from vfs.control.trees.acts import CHANGING, FILE_ACTS, LOOKING, Heard, about, copy_inside
from vfs.control.trees.arriving import ArrivingFile, Giver, WatchedFile
from vfs.control.trees.values import (
    Said,
    heard_attributes,
    heard_entry,
    heard_replacement,
    say_entry,
    say_error,
    say_result,
)
from vfs.engine.backend import Buffer, OpenFile
from vfs.engine.copying.options import Place
from vfs.engine.entries import Entry
from vfs.engine.errors import BackendUnavailable, StorageError
from vfs.engine.files.outgoing import Outgoing
from vfs.engine.files.tree import FileTree
from vfs.engine.layers.readonly import ReadOnlyFile, refuse
from vfs.engine.manager import StorageManager
from vfs.engine.nodes import StorageNode
from vfs.engine.nodes.writing import store
from vfs.engine.request_ids import begin_request

log = logging.getLogger(__name__)

ENTRIES_AT_ONCE = 500
"""Entries of a listing in one frame."""


class _Answer(NamedTuple):
    said: Said = None
    data: Buffer = b""


class Conversation:
    """Answers until the other side goes away; what it had open is closed then."""

    def __init__(self, connection: socket.socket, manager: StorageManager, *, readonly: bool) -> None:
        """With `readonly`, every change is refused, as in the mount that the daemon shows."""
        self._connection = connection
        self._manager = manager
        self._readonly = readonly
        self._giver = Giver(connection)
        self._file: OpenFile | None = None
        self._outgoing: Outgoing | None = None
        self._own: Mapping[str, Callable[[Heard, Buffer], _Answer]] = {
            "list": self._list,
            "sweep": self._sweep,
            "read": self._read,
            "about": self._about,
            "native_path": self._native_path,
            "open": self._open,
            "create": self._create,
            "file.read": self._read_file,
            "file.write": self._write_file,
            "take_out": self._take_out,
            "outgoing.range": self._range,
            "outgoing.pieces": self._pieces,
            "outgoing.check": self._check,
            "outgoing.put_in": self._bring,
            "let_go": self._let_go,
            "put_in": self._put_in,
            "replace": self._replace,
            "copy_inside": self._copy_inside,
        }

    def run(self) -> None:
        try:
            while True:
                call = frames.receive(self._connection)
                begin_request()
                self._answer(call)
        except BackendUnavailable as error:
            log.debug("a conversation is over: %s", error)
        finally:
            self._let_go({}, b"")

    def _answer(self, call: frames.Frame) -> None:
        self._giver = Giver(self._connection)
        try:
            answer = self._act(call.said, call.data)
            said = {"done": answer.said}
        except StorageError as error:
            answer, said = _Answer(), {"error": say_error(error)}
        except Exception as error:
            log.exception("%s failed", call.said.get("act"))
            told = StorageError(f"unexpected {type(error).__name__}; the daemon's log has the traceback")
            answer, said = _Answer(), {"error": say_error(told)}
        finally:
            self._giver.end()
        frames.send(self._connection, said, answer.data)

    def _act(self, heard: Heard, data: Buffer) -> _Answer:
        act = heard["act"]
        if act in self._own:
            return self._own[act](heard, data)
        if act in FILE_ACTS:
            return _Answer(FILE_ACTS[act](self._opened(), heard))
        tree = self._tree(heard)
        if act in LOOKING:
            return _Answer(LOOKING[act](tree, heard))
        if act not in CHANGING:
            raise StorageError(f"the daemon does not know {act!r}: it is of another version of vfs")
        self._refuse_if_readonly(tree, heard.get("key", heard.get("target", "")))
        return _Answer(CHANGING[act](tree, heard))

    def _tree(self, heard: Heard) -> FileTree:
        return self._manager.tree(heard["mount"])

    def _can_only_be_read(self, tree: FileTree) -> bool:
        return self._readonly or tree.readonly

    def _refuse_if_readonly(self, tree: FileTree, key: str) -> None:
        if self._can_only_be_read(tree):
            refuse(key)

    def _about(self, heard: Heard, _: Buffer) -> _Answer:
        tree = self._tree(heard)
        return _Answer(about(tree, readonly=self._can_only_be_read(tree)))

    # Listings

    def _list(self, heard: Heard, _: Buffer) -> _Answer:
        found = self._tree(heard).list(heard["key"])
        return self._told(((entry.name, entry) for entry in found), heard)

    def _sweep(self, heard: Heard, _: Buffer) -> _Answer:
        transfers = self._tree(heard).transfers
        return self._told(transfers.sweep(heard["key"], remembering=heard["remembering"]), heard)

    def _told(self, found: Iterable[tuple[str, Entry]], heard: Heard) -> _Answer:
        """The first one at once: whoever asked may want no more than that."""
        rest = iter(found)
        count = 1
        while batch := [[key, say_entry(entry)] for key, entry in islice(rest, count)]:
            frames.send(self._connection, {"more": batch})
            count = ENTRIES_AT_ONCE
        return _Answer()

    # Bytes out

    def _read(self, heard: Heard, _: Buffer) -> _Answer:
        backend = self._tree(heard).backend
        data = backend.read(
            heard["key"],
            heard["start"],
            heard["end"],
            version=heard["version"],
            if_match=heard["if_match"],
        )
        return _Answer(None, data)

    def _native_path(self, heard: Heard, _: Buffer) -> _Answer:
        return _Answer(StorageNode(self._manager, heard["mount"], heard["key"]).native_path())

    def _open(self, heard: Heard, _: Buffer) -> _Answer:
        tree = self._tree(heard)
        if heard["write"] or heard["truncate"]:
            self._refuse_if_readonly(tree, heard["key"])
        file = tree.open(heard["key"], write=heard["write"], truncate=heard["truncate"])
        # A file that is open for reading takes other attributes, as fchmod(2) gives them.
        self._file = ReadOnlyFile(file, heard["key"]) if self._can_only_be_read(tree) else file
        return _Answer()

    def _create(self, heard: Heard, _: Buffer) -> _Answer:
        tree = self._tree(heard)
        self._refuse_if_readonly(tree, heard["key"])
        attributes = heard_attributes(heard["attributes"])
        self._file = tree.create(heard["key"], exclusive=heard["exclusive"], attributes=attributes)
        return _Answer()

    def _opened(self) -> OpenFile:
        if self._file is None:
            raise StorageError("nothing is open in this conversation")
        return self._file

    def _read_file(self, heard: Heard, _: Buffer) -> _Answer:
        return _Answer(None, self._opened().read(heard["offset"], min(heard["size"], frames.PIECE)))

    def _write_file(self, heard: Heard, data: Buffer) -> _Answer:
        return _Answer(self._opened().write(heard["offset"], data))

    def _take_out(self, heard: Heard, _: Buffer) -> _Answer:
        self._outgoing = self._tree(heard).transfers.take_out(heard["key"], heard_entry(heard["listed"]))
        return _Answer(say_entry(self._outgoing.entry))

    def _taken_out(self) -> Outgoing:
        if self._outgoing is None:
            raise StorageError("nothing was taken out in this conversation")
        return self._outgoing

    def _range(self, heard: Heard, _: Buffer) -> _Answer:
        return _Answer(None, self._taken_out().read(heard["start"], heard["end"]))

    def _pieces(self, heard: Heard, _: Buffer) -> _Answer:
        for piece in self._taken_out().pieces():
            view = memoryview(piece).cast("B")
            for at in range(0, len(view), frames.PIECE):
                frames.send(self._connection, {"more": None}, view[at : at + frames.PIECE])
        return _Answer()

    def _check(self, heard: Heard, _: Buffer) -> _Answer:
        self._taken_out().check()
        return _Answer()

    def _let_go(self, heard: Heard, _: Buffer) -> _Answer:
        file, outgoing = self._file, self._outgoing
        self._file = self._outgoing = None
        if file is not None:
            file.close()
        if outgoing is not None:
            outgoing.close()
        return _Answer()

    # Bytes in

    def _put_in(self, heard: Heard, _: Buffer) -> _Answer:
        entry = heard_entry(heard["entry"])
        with closing(ArrivingFile(heard["source"], entry, self._giver)) as file:
            return self._stored(heard, file)

    def _bring(self, heard: Heard, _: Buffer) -> _Answer:
        """What this conversation took out of one mount goes into another."""
        return self._stored(heard, WatchedFile(self._taken_out(), self._giver))

    def _stored(self, heard: Heard, file: Outgoing) -> _Answer:
        tree, wanted = self._tree(heard), heard_replacement(heard)
        self._refuse_if_readonly(tree, wanted.key)
        return _Answer(say_result(tree.transfers.put_in(wanted, file, replacing=heard["replacing"])))

    def _replace(self, heard: Heard, _: Buffer) -> _Answer:
        tree, wanted = self._tree(heard), heard_replacement(heard)
        self._refuse_if_readonly(tree, wanted.key)
        return _Answer(say_result(store(tree, wanted, self._giver.pieces(), skip_if_unchanged=False)))

    def _copy_inside(self, heard: Heard, _: Buffer) -> _Answer:
        target = self._tree(heard)
        self._refuse_if_readonly(target, heard["target"])
        source = Place(self._manager.tree(heard["from"]), heard["key"])
        return _Answer(copy_inside(source, Place(target, heard["target"]), heard))
