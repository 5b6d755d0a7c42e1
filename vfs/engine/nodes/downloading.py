"""A node's file filled with what a URL gives."""

from typing import Self, Unpack

from vfs.engine.mount_errors import naming_mount
from vfs.engine.nodes.content import NodeContent
from vfs.engine.nodes.results import NodeWriteResult, WriteOptions
from vfs.engine.tools.downloads import Limits, download

SIZE_LIMIT = 1 << 30
"""Bytes that are downloaded unless more are allowed."""

TIME_LIMIT = 3600.0
"""Seconds that a download may take unless more are allowed."""


class NodeDownloading(NodeContent):
    """A place whose file may come from elsewhere."""

    __slots__ = ()

    def fill_from_url(
        self,
        url: str,
        timeout: float = 30,
        *,
        allow_private: bool = False,
        size_limit: int | None = SIZE_LIMIT,
        time_limit: float | None = TIME_LIMIT,
        **options: Unpack[WriteOptions],
    ) -> NodeWriteResult[Self]:
        """Store what an http or https URL gives, in one act; nothing is stored unless all of it came.

        `timeout` is for the connection and for each wait, `time_limit` for all together, in seconds;
        `size_limit` is in bytes; None lifts a limit. Hosts that are not on the public Internet are refused
        unless `allow_private`, wherever a redirect leads. The other options are those of `write_bytes`.

        Raises ValueError for another URL, NotFound and PermissionDenied as the server says, StorageError with
        errno EFBIG, BackendUnavailable (ETIMEDOUT when time was up), and what writing does.
        """
        limits = Limits(timeout, size_limit, time_limit, allow_private)
        with naming_mount(self._mount, self._key), download(url, limits) as pieces:
            return self.write_bytes(pieces, **options)
