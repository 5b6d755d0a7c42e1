"""Opening a node's file as a file object of the standard library, typed by its mode."""

from datetime import datetime
from io import BufferedRandom, BufferedReader, BufferedWriter, TextIOWrapper
from typing import IO, TYPE_CHECKING, Any, overload

from vfs.engine.capabilities import Capability
from vfs.engine.mount_errors import naming_mount
from vfs.engine.nodes.past import PastFile, VersionChoice
from vfs.engine.nodes.streams import open_stream, open_unchanging
from vfs.engine.nodes.versions import NodeVersions

if TYPE_CHECKING:
    from _typeshed import (
        OpenBinaryModeReading,
        OpenBinaryModeUpdating,
        OpenBinaryModeWriting,
        OpenTextMode,
    )


class NodeOpening(NodeVersions):
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
        version: VersionChoice | None = None,
        as_of: datetime | None = None,
    ) -> TextIOWrapper: ...

    @overload
    def open(
        self,
        mode: "OpenBinaryModeReading",
        *,
        version: VersionChoice | None = None,
        as_of: datetime | None = None,
    ) -> BufferedReader: ...

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
        version: VersionChoice | None = None,
        as_of: datetime | None = None,
    ) -> IO[Any]: ...

    def open(
        self,
        mode: str = "r",
        *,
        encoding: str | None = None,
        errors: str | None = None,
        newline: str | None = None,
        version: VersionChoice | None = None,
        as_of: datetime | None = None,
    ) -> IO[Any]:
        """A file object of the standard library; text is UTF-8 unless told otherwise.

        `w` and `x` fill a new file that takes its place when it is closed, and does not when the `with` block
        fails. `a` and `r+` change the file where it is. Closing raises what saving runs into. `version` or
        `as_of`, as in `rollback`, opens an old version, to be read only.
        """
        with naming_mount(self._mount, self._key):
            if version is None and as_of is None:
                return open_stream(self._tree, self._key, mode, encoding, errors, newline)
            past = PastFile(self._tree.backend, self._key, self._version(version, as_of))
            return open_unchanging(past, (self._mount, self._key), mode, encoding, errors, newline)

    def open_atomic(self, *, overwrite: bool = False) -> BufferedWriter:
        """`open("wb")`, or `open("xb")` unless `overwrite`, where the storage replaces files in one act.

        Raises CapabilityNotSupported elsewhere, before anything is written.
        """
        self._require(Capability.ATOMIC_WRITE, "replace a file in one act")
        return self.open("wb") if overwrite else self.open("xb")
