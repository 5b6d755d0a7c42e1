"""The storage of a daemon's mount, as far as who has its tree wants to know of it."""

from collections.abc import Iterator

from vfs.control.trees.asking import Asking
from vfs.control.trees.values import heard_entry
from vfs.engine.backend import Backend, Buffer
from vfs.engine.capabilities import Capability
from vfs.engine.entries import Entry


class DaemonStorage(Backend):
    """Looks and reads; changes go through the tree. The connections are another's to close."""

    def __init__(self, asking: Asking) -> None:
        """Raises NotFound where the daemon has no such mount, BackendUnavailable where it is gone."""
        self._asking = asking
        about = asking.ask("about")
        self.is_readonly = bool(about["readonly"])
        self.largest_file = about["largest_file"]
        self.is_remote = about["is_remote"]
        self.lists_cheaply = about["lists_cheaply"]
        self.lists_sizes = about["lists_sizes"]
        self._capabilities = frozenset(map(Capability, about["capabilities"]))

    @property
    def capabilities(self) -> frozenset[Capability]:
        return self._capabilities

    def stat(self, key: str) -> Entry:
        return heard_entry(self._asking.ask("stat", key=key))

    def list(self, key: str) -> Iterator[Entry]:
        return (entry for _, entry in self._asking.entries("list", key=key))

    def read(
        self,
        key: str,
        start: int = 0,
        end: int | None = None,
        *,
        version: str | None = None,
        if_match: str | None = None,
    ) -> Buffer:
        return self._asking.read(key, start, end, version=version, if_match=if_match)

    def ping(self) -> None:
        """As `ChecksHealth`: the daemon asks its store."""
        self._asking.ask("ping")

    def native_path(self, key: str) -> str:
        """As `HasNativePaths`."""
        return str(self._asking.ask("native_path", key=key))
