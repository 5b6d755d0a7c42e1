"""Finding out whether a write whose reply was lost did happen."""

from collections.abc import Callable

from vfs.engine.backends.objects.stored import NewObject, Stored, StoredObject
from vfs.engine.errors import Conflict, NotFound, StorageError


def settled(
    error: StorageError, look: Callable[[], tuple[StoredObject, bool]], new: NewObject, size: int
) -> Stored:
    """What was stored, if what is there is ours: a later attempt may fail because an earlier one did happen.

    `look` tells what is there, and whether its bytes are known to be ours. Ours is what has our metadata,
    which hold the moment of writing in nanoseconds, or else our bytes. Raises `error` if it is not.
    """
    if not isinstance(error, Conflict | NotFound):
        raise error
    try:
        found, same_bytes = look()
    except NotFound:
        raise error from None
    same_metadata = dict(found.metadata) == dict(new.metadata)
    if found.size == size and same_metadata and ("mtime" in new.metadata or same_bytes):
        return Stored(found.etag, found.version_id)
    raise error
