"""Names that a blob cannot have, besides those that no store of objects takes."""

import errno
import re

from vfs.engine.backends.objects.keys import KeySpace
from vfs.engine.errors import InvalidPath

# Listings are XML, which has no way to write these; the service makes a slash of a backslash.
_LOST = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\\\\\ufffe\uffff]")


class BlobKeys(KeySpace):
    """Keys of the tree and names of blobs."""

    def __init__(self, prefix: str) -> None:
        super().__init__(prefix, "Azure")

    def object_key(self, key: str) -> str:
        """The blob of a file. Raises InvalidPath (EILSEQ) also for what would become another name."""
        if _LOST.search(key):
            raise InvalidPath(
                "Azure keeps no backslash or control character in a name", key, errno=errno.EILSEQ
            )
        return super().object_key(key)


def blob_of(object_key: str) -> str:
    """The blob of an object key: a folder's marker `folder/` is the blob `folder`."""
    return object_key.removesuffix("/")
