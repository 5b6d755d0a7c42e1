"""Keys of the tree and keys of a bucket: one to the other, and which cannot be."""

import errno
import re

from vfs.engine import paths
from vfs.engine.errors import InvalidPath

MAX_OBJECT_KEY_BYTES = 1024
"""What S3 and GCS take, the prefix included."""

_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


class KeySpace:
    """The part of a bucket below a prefix, as a tree.

    A file `a/b` is the object `prefix/a/b`; the folder `a/b` has the marker `prefix/a/b/`, an empty object,
    or is shown by keys that begin with it.
    """

    def __init__(self, prefix: str, store: str = "S3", *, reserved: str | None = None) -> None:
        """`store` is what messages call the kind of storage; `reserved` names a folder that is not shown."""
        self._prefix = f"{prefix}/" if prefix else ""
        self._store = store
        self._reserved = None if reserved is None else f"{self._prefix}{reserved}/"

    def object_key(self, key: str) -> str:
        """The object of a file.

        Raises InvalidPath, with errno EILSEQ for what is not UTF-8 and ENAMETOOLONG for what is too long.
        """
        paths.check_key(key)
        whole = self._prefix + key
        try:
            length = len(whole.encode())
        except UnicodeEncodeError as error:
            raise InvalidPath(f"{self._store} keeps UTF-8 names only", key, errno=errno.EILSEQ) from error
        if length >= MAX_OBJECT_KEY_BYTES:
            raise InvalidPath(
                f"{self._store} keeps keys of less than {MAX_OBJECT_KEY_BYTES} bytes",
                key,
                errno=errno.ENAMETOOLONG,
            )
        if self.is_reserved(f"{whole}/"):
            raise InvalidPath("this name is kept for parts of files on their way", key)
        return whole

    def is_reserved(self, object_key: str) -> bool:
        """True in the folder that the store's own backend keeps for itself."""
        return self._reserved is not None and object_key.startswith(self._reserved)

    def marker_key(self, key: str) -> str:
        """The marker of a folder, which is also the prefix of everything below; "" for a bucket's root."""
        return f"{self.object_key(key)}/" if key else self._prefix

    def key_below(self, folder: str, object_key: str) -> str | None:
        """The tree's key of an object below a folder; None for one that has no place in a tree.

        Such are keys with an empty segment, `.` or `..` in them, or a name too long. A marker gives the key
        of its folder, with the slash at its end.
        """
        key = object_key.removeprefix(self._prefix)
        inside = key.removeprefix(f"{folder}/") if folder else key
        try:
            for name in inside.removesuffix("/").split("/"):
                paths.check_name(name)
        except InvalidPath:
            return None
        return key


def is_plain(object_key: str) -> bool:
    """True for a key that obstore sends as it is; it drops a last slash and refuses control characters."""
    return not object_key.endswith("/") and not _CONTROL.search(object_key)
