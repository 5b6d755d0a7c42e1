"""Asking a daemon about one of its mounts; its errors are told as our own mount's."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import partial

from vfs.control.trees import frames
from vfs.control.trees.connections import Connections, Giving
from vfs.control.trees.values import Said, heard_entry
from vfs.engine import paths
from vfs.engine.backend import Buffer
from vfs.engine.entries import Entry
from vfs.engine.errors import NotFound, StorageError


class Asking:
    """One mount of one daemon. Thread-safe."""

    def __init__(self, connections: Connections, mount: str, name: str) -> None:
        """`mount` is what the daemon calls it, `name` what we do."""
        self.connections = connections
        self.mount = mount
        self._name = name

    def ask(self, act: str, *, giving: Giving | None = None, **said: Said) -> Said:
        """Raises what the act does there, BackendUnavailable where the daemon is gone."""
        with self.named():
            return self.connections.call(act, giving=giving, mount=self.mount, **said)

    def entries(self, act: str, *, key: str, **said: Said) -> Iterator[tuple[str, Entry]]:
        """A listing of the folder at `key`, or a sweep, as it comes."""
        with self.named(), self.connections.lent() as connection:
            for frame in connection.stream(act, mount=self.mount, key=key, **said):
                for below, entry in frame.said["more"]:
                    at = paths.join(key, below) if act == "list" else below
                    yield below, heard_entry(entry, partial(self._metadata, at))

    def read(
        self, key: str, start: int, end: int | None, *, version: str | None, if_match: str | None
    ) -> Buffer:
        """A range of the present content or of a version, piece by piece."""
        data = bytearray()
        while end is None or start < end:
            to = start + frames.PIECE if end is None else min(end, start + frames.PIECE)
            with self.named(), self.connections.lent() as connection:
                which: dict[str, Said] = {"key": key, "version": version, "if_match": if_match}
                piece = connection.call("read", mount=self.mount, start=start, end=to, **which).data
            data += piece
            if len(piece) < to - start:
                break
            start = to
        return data

    @contextmanager
    def named(self) -> Iterator[None]:
        """What is raised inside and names the daemon's mount names ours."""
        try:
            yield
        except StorageError as error:
            if error.mount == self.mount:
                error.mount = self._name
            raise

    def _metadata(self, key: str, _: str) -> Mapping[str, str]:
        try:
            return heard_entry(self.ask("stat", key=key)).metadata
        except NotFound:
            return {}
