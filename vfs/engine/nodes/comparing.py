"""Digests of a node's content, and comparing it with another's."""

import hmac

from vfs.engine import digests
from vfs.engine.nodes.live import LiveNode, telling_place
from vfs.engine.nodes.state import NodeState


class NodeComparing(NodeState):
    """A place whose file can be known by its content."""

    __slots__ = ()

    def md5hash(self) -> str:
        """The MD5 of the content, in hex: the storage's own if it has one, else of one pass over the file.

        An ETag that is no MD5 (of an upload in parts, say) is never taken for one.
        """
        return self.digest("md5")

    @telling_place
    def digest(self, algorithm: str = "sha256") -> str:
        """As `md5hash`, by any algorithm of `hashlib`; ValueError for another one."""
        return digests.digest(self._tree, self._key, algorithm)

    def verify(self, expected: str, algorithm: str = "sha256") -> bool:
        """Whether the content has this hex digest, in upper or lower case."""
        return hmac.compare_digest(self.digest(algorithm).encode(), expected.lower().encode())

    @telling_place
    def same_content(self, other: LiveNode) -> bool:
        """Whether both files hold the same bytes: told by sizes, then by the storages' hashes, else compared.

        Raises NotFound and IsADirectory for either.
        """
        return digests.same_content((self._tree, self._key), (other._tree, other._key))
