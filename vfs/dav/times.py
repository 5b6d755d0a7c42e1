"""Times that clients set: what Windows, sync tools and KDE say of when a file was changed."""

from datetime import UTC
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any

from wsgidav.dav_error import HTTP_CONFLICT, HTTP_FORBIDDEN, DAVError

from vfs.dav.statuses import refusing
from vfs.engine import Attributes, CapabilityNotSupported

if TYPE_CHECKING:
    from vfs.dav.resources import File, Folder

MODIFIED = frozenset({"{DAV:}getlastmodified", "{urn:schemas-microsoft-com:}Win32LastModifiedTime"})
"""Properties that are the time of change, by other names."""


def set_modified(resource: "File | Folder", value: Any, *, dry_run: bool) -> bool:
    """Set the time of change from a property's element; whether the storage keeps such times.

    Raises DAVError: 403 for removing it, 409 for what is no date.
    """
    if value is None:
        raise DAVError(HTTP_FORBIDDEN)
    mtime_ns = _nanoseconds(value.text or "")
    if dry_run:
        return True
    place = resource.place
    with refusing():
        try:
            resource.entry = place.tree.set_attributes(place.key, Attributes(mtime_ns=mtime_ns))
        except CapabilityNotSupported:
            return False
    return True


def _nanoseconds(date: str) -> int:
    try:
        told = parsedate_to_datetime(date.strip())
    except (ValueError, IndexError, TypeError) as error:
        raise DAVError(HTTP_CONFLICT, "no date") from error
    return int((told if told.tzinfo else told.replace(tzinfo=UTC)).timestamp()) * 10**9
