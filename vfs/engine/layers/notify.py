"""Functions that are called after a change: what was done, and to which keys."""

import logging
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypeVar

from pydantic import BaseModel, Field, ImportString

from vfs.engine.backend import Backend
from vfs.engine.layers.acts import Act
from vfs.engine.layers.interception import InterceptingLayer

ResultT = TypeVar("ResultT")

Kind = Literal["write", "make", "change", "move", "delete"]

_KINDS: Mapping[Act, Kind] = {
    Act.WRITE: "write",
    Act.COMPLETE_UPLOAD: "write",
    Act.COPY: "write",
    Act.COPY_FROM: "write",
    Act.RESTORE_VERSION: "write",
    Act.CREATE_FILE: "make",
    Act.MAKE_DIRECTORY: "make",
    Act.MAKE_SYMLINK: "make",
    Act.MAKE_LINK: "make",
    Act.MAKE_SPECIAL: "make",
    Act.SET_METADATA: "change",
    Act.SET_ATTRIBUTES: "change",
    Act.FILE_SET_ATTRIBUTES: "change",
    Act.SET_XATTR: "change",
    Act.REMOVE_XATTR: "change",
    Act.MOVE: "move",
    Act.EXCHANGE: "move",
    Act.DELETE: "delete",
    Act.DELETE_MANY: "delete",
    Act.DELETE_VERSION: "delete",
    Act.REMOVE_DIRECTORY: "delete",
}

_WRITES_IN_PLACE = frozenset({Act.FILE_WRITE, Act.FILE_TRUNCATE, Act.OPEN_TRUNCATED})

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Notification:
    """A change that has happened. Of a move, a copy or a link, `keys` are source and target."""

    kind: Kind
    act: Act
    keys: tuple[str, ...]


class NotifyOptions(BaseModel, frozen=True, extra="forbid"):
    """Whom to call, and for what."""

    handlers: tuple[ImportString[Callable[[Notification], Any]], ...] = Field(min_length=1)
    """`package.module:function` each, or functions; called in this order, in the thread of the change."""
    on: frozenset[Kind] = frozenset({"write", "make", "change", "move", "delete"})


class NotifyLayer(InterceptingLayer):
    """Calls the handlers after each change that succeeded, however it was made.

    A file written in place is told of when it is closed. What a handler raises is logged: the change has
    happened, and its caller did nothing wrong.
    """

    def __init__(self, inner: Backend, options: NotifyOptions) -> None:
        super().__init__(inner)
        self._options = options
        self._lock = threading.Lock()
        self._written_in_place: set[str] = set()

    def around(self, act: Act, keys: tuple[str, ...], run: Callable[..., ResultT]) -> ResultT:
        result = run(*keys)
        if act in _WRITES_IN_PLACE:
            with self._lock:
                self._written_in_place.add(keys[0])
        elif act is Act.FILE_CLOSE and self._was_written(keys[0]):
            self._notify("write", act, keys)
        elif kind := _KINDS.get(act):
            self._notify(kind, act, keys)
        return result

    def _was_written(self, key: str) -> bool:
        with self._lock:
            known = key in self._written_in_place
            self._written_in_place.discard(key)
            return known

    def _notify(self, kind: Kind, act: Act, keys: tuple[str, ...]) -> None:
        if kind not in self._options.on:
            return
        for handler in self._options.handlers:
            try:
                handler(Notification(kind, act, keys))
            except Exception:  # noqa: BLE001 - whatever it raises is its own, and is logged
                _log.exception("the handler %r failed after %s %r", handler, act, keys)
