"""What a storage keeps and gives beside a file's bytes: user metadata, tags, URLs."""

import base64
import os
from collections.abc import Mapping
from urllib.parse import quote

from vfs.engine.backend import SignsUrls
from vfs.engine.errors import CapabilityNotSupported
from vfs.engine.node_abilities import KeepsTags
from vfs.engine.nodes.content import NodeContent
from vfs.engine.nodes.live import telling_place
from vfs.engine.nodes.state import NodeState


class NodeMetadata(NodeState, NodeContent):
    """A place whose file has metadata, and perhaps tags and a URL."""

    __slots__ = ()

    def get_metadata(self) -> dict[str, str]:
        """The user metadata of the file."""
        return dict(self.stat().metadata)

    @telling_place
    def set_metadata(self, metadata: Mapping[str, str]) -> None:
        """Replace all user metadata. Raises CapabilityNotSupported."""
        self._tree.set_metadata(self._key, metadata)

    @telling_place
    def get_tags(self) -> dict[str, str]:
        """The tags that the storage keeps with the file. Raises CapabilityNotSupported."""
        return self._tags().get_tags(self._key)

    @telling_place
    def set_tags(self, tags: Mapping[str, str]) -> None:
        """Replace all tags; the file stays the one it is. Raises CapabilityNotSupported."""
        self._tags().set_tags(self._key, tags)

    def _tags(self) -> KeepsTags:
        keeps = self._tree.backend.ability(KeepsTags)
        if keeps is None:
            raise CapabilityNotSupported("this storage keeps no tags", self._key)
        return keeps

    @telling_place
    def url(self, expires_in: int = 3600) -> str:
        """A URL that reads the file without credentials for a while, in seconds.

        Raises CapabilityNotSupported.
        """
        signs = self._tree.backend.ability(SignsUrls)
        if signs is None:
            raise CapabilityNotSupported("this storage gives out no URLs", self._key)
        return signs.url(self._key, expires_in)

    def internal_url(self, nocache: bool = False) -> str:
        """`/mount/path`, quoted: where a server of this storage's mounts shows the place, below its root.

        With `nocache`, a query is added that changes whenever the file does; the file must be there then.
        """
        path = quote(os.fsencode(f"/{self.mount}/{self.path}"))
        if not nocache:
            return path
        entry = self.stat()
        return f"{path}?v={quote((entry.etag or str(entry.mtime_ns)).strip(chr(34)), safe='')}"

    def to_base64(self, mime: str | None = None, include_uri: bool = True) -> str:
        """The content in Base64, as a data URI unless `include_uri` is false; `mime` is that of the name.

        The whole file is held in memory.
        """
        text = base64.b64encode(self.read_bytes()).decode("ascii")
        return f"data:{mime or self.mimetype};base64,{text}" if include_uri else text
