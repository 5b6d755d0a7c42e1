"""Opening a node's file as a file object of the standard library, typed by its mode."""

from io import BufferedRandom, BufferedReader, BufferedWriter, TextIOWrapper
from typing import IO, TYPE_CHECKING, Any, overload

from vfs.engine.mount_errors import naming_mount
from vfs.engine.nodes.live import LiveNode
from vfs.engine.nodes.streams import open_stream

if TYPE_CHECKING:
    from _typeshed import (
        OpenBinaryModeReading,
        OpenBinaryModeUpdating,
        OpenBinaryModeWriting,
        OpenTextMode,
    )


class NodeOpening(LiveNode):
    """A place whose file can be opened."""

    __slots__ = ()

    @overload
    def open(
        self,
        mode: "OpenTextMode" = "r",
        *,
        encoding: str | None = None,
        errors: str | None = None,
        newline: str | None = None,
    ) -> TextIOWrapper: ...

    @overload
    def open(self, mode: "OpenBinaryModeReading") -> BufferedReader: ...

    @overload
    def open(self, mode: "OpenBinaryModeWriting") -> BufferedWriter: ...

    @overload
    def open(self, mode: "OpenBinaryModeUpdating") -> BufferedRandom: ...

    @overload
    def open(
        self,
        mode: str,
        *,
        encoding: str | None = None,
        errors: str | None = None,
        newline: str | None = None,
    ) -> IO[Any]: ...

    def open(
        self,
        mode: str = "r",
        *,
        encoding: str | None = None,
        errors: str | None = None,
        newline: str | None = None,
    ) -> IO[Any]:
        """A file object of the standard library; text is UTF-8 unless told otherwise.

        `w` and `x` fill a new file that takes its place when it is closed, and does not when the `with` block
        fails. `a` and `r+` change the file where it is. Closing raises what saving runs into.
        """
        with naming_mount(self._mount, self._key):
            return open_stream(self._tree, self._key, mode, encoding, errors, newline)
