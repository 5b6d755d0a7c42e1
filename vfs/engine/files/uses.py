"""Uses: how many handles are open on a tree, and how a tree that is to go ends up with none."""

import threading
from types import TracebackType

from vfs.engine.errors import Conflict


class Uses:
    """A count of open handles. A `with` block around what opens one counts it, unless that raises.

    While paused, whoever wants to open something waits: until the tree is used again, or is gone.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._changed = threading.Condition(self._lock)
        self._open = 0
        self._is_paused = False
        self._is_over = False

    @property
    def count(self) -> int:
        return self._open

    def __enter__(self) -> None:
        with self._lock:
            if self._is_paused:
                self._changed.wait_for(lambda: not self._is_paused)
            if self._is_over:
                raise Conflict("the mount was removed or altered; look the path up again")
            self._open += 1

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is not None:
            self.end()

    def end(self) -> None:
        """A handle was closed."""
        with self._lock:
            self._open -= 1
            if not self._open:
                self._changed.notify_all()

    def pause(self, patience: float) -> int:
        """Let nobody open anything for now; how many handles are still open after `patience` seconds."""
        with self._lock:
            self._is_paused = True
            self._changed.wait_for(lambda: not self._open, patience)
            return self._open

    def resume(self) -> None:
        """Go on as before."""
        with self._lock:
            self._is_paused = False
            self._changed.notify_all()

    def retire(self) -> None:
        """The tree is gone: opening anything is Conflict from now on."""
        with self._lock:
            self._is_over = True
            self._is_paused = False
            self._changed.notify_all()
