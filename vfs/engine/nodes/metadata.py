"""What a storage keeps and gives beside a file's bytes: user metadata, URLs."""

from collections.abc import Mapping

from vfs.engine.backend import SignsUrls
from vfs.engine.errors import CapabilityNotSupported
from vfs.engine.nodes.live import telling_place
from vfs.engine.nodes.state import NodeState


class NodeMetadata(NodeState):
    """A place whose file has metadata, and perhaps a URL."""

    __slots__ = ()

    def get_metadata(self) -> dict[str, str]:
        """The user metadata of the file."""
        return dict(self.stat().metadata)

    @telling_place
    def set_metadata(self, metadata: Mapping[str, str]) -> None:
        """Replace all user metadata. Raises CapabilityNotSupported."""
        self._tree.set_metadata(self._key, metadata)

    @telling_place
    def url(self, expires_in: int = 3600) -> str:
        """A URL that reads the file without credentials for a while, in seconds.

        Raises CapabilityNotSupported.
        """
        signs = self._tree.backend.ability(SignsUrls)
        if signs is None:
            raise CapabilityNotSupported("this storage gives out no URLs", self._key)
        return signs.url(self._key, expires_in)
