"""Who changed what: the bus on which one front door's change reaches the others."""

import contextlib
import threading
from collections.abc import Callable, Iterator
from contextvars import ContextVar
from dataclasses import dataclass
from enum import StrEnum

_origin: ContextVar[object] = ContextVar("vfs_change_origin", default=None)


class ChangeKind(StrEnum):
    """What happened at a key."""

    CONTENT = "content"
    ATTRIBUTES = "attributes"
    CREATED = "created"
    DELETED = "deleted"
    REPLACED = "replaced"
    """Somebody else's file stands there now; open handles keep the old one."""


@dataclass(frozen=True, slots=True)
class Change:
    """One change of one mount's tree; `origin` is the front door that made it, None for the engine itself."""

    mount: str
    key: str
    kind: ChangeKind
    origin: object
    counterpart: str | None = None
    """Of an entry that was renamed, its other key: where a deleted one is now, or a created one was."""


Listener = Callable[[Change], None]


@contextlib.contextmanager
def acting_as(origin: object) -> Iterator[None]:
    """Changes made inside carry this origin; threads and tasks started inside inherit it."""
    token = _origin.set(origin)
    try:
        yield
    finally:
        _origin.reset(token)


class ChangeBus:
    """Calls every listener, in the thread that made the change; listeners must not block."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._listeners: tuple[Listener, ...] = ()

    def subscribe(self, listener: Listener) -> Callable[[], None]:
        """Start calling `listener`; calling the result stops it."""
        with self._lock:
            self._listeners = (*self._listeners, listener)

        def unsubscribe() -> None:
            with self._lock:
                self._listeners = tuple(other for other in self._listeners if other is not listener)

        return unsubscribe

    def publish(self, mount: str, key: str, kind: ChangeKind, counterpart: str | None = None) -> None:
        listeners = self._listeners
        if listeners:
            change = Change(mount, key, kind, _origin.get(), counterpart)
            for listener in listeners:
                listener(change)
