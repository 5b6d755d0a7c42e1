"""Keys: the paths by which locks and properties are kept, as bytes whose order has each tree in one piece.

A key ends with a slash: `/a/b/` and all below it are those from `/a/b/` to before `/a/b0`; `/a/bc/` is not.
"""

_AFTER_SLASH = b"/"[0] + 1


def key_of(url: str) -> bytes:
    """The key of a path, whether it is written as a folder's or not. Text may hold surrogate escapes."""
    inner = url.strip("/").encode("utf-8", "surrogateescape")
    return b"/%b/" % inner if inner else b"/"


def url_of(key: bytes) -> str:
    """The path that a key was made of, without a slash at its end."""
    return key.decode("utf-8", "surrogateescape").rstrip("/") or "/"


def end_of_tree(key: bytes) -> bytes:
    """The first key that is greater than this one and all below it."""
    return key[:-1] + bytes([_AFTER_SLASH])


def parent_of(key: bytes) -> bytes:
    """The key of the folder that holds this; empty for the root."""
    return key[: key.rstrip(b"/").rfind(b"/") + 1]
