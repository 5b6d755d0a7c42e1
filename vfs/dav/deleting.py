"""DELETE: a file, or a folder with all that is in it, by the engine."""

from typing import TYPE_CHECKING

from wsgidav.dav_error import HTTP_FORBIDDEN, HTTP_LOCKED, DAVError

from vfs.dav import places
from vfs.dav.places import Place
from vfs.dav.statuses import refusal
from vfs.engine import StorageError
from vfs.engine.subtrees import delete_tree

if TYPE_CHECKING:
    from vfs.dav.provider import MountsProvider
    from vfs.dav.resources import File, Folder

Failures = list[tuple[str, DAVError]]
"""URLs, and what stood in the way there."""


def delete(resource: "Folder | File") -> bool | Failures:
    """Remove what stands there, with its locks and properties; True, or what it failed at.

    While somebody's lock holds anything in a folder, nothing of it is removed. Raises DAVError.
    """
    provider = resource.provider
    if not resource.place.key:
        raise DAVError(HTTP_FORBIDDEN, "a mount is configured, and not deleted here")
    ref_url = resource.get_ref_url()
    provider.check_writable(ref_url, resource.environ)
    if held := held_below(resource):
        return held
    try:
        remove(resource.place, is_folder=resource.is_collection)
    except StorageError as error:
        return [(failed_at(provider, resource, error), refusal(error))]
    provider.forget_locks(resource.path, is_folder=resource.is_collection)
    provider.forget_properties(resource.path, is_folder=resource.is_collection)
    provider.junk.forget(provider.whole(resource.path))
    return True


def remove(place: Place, *, is_folder: bool) -> None:
    """Raises what the tree does."""
    if is_folder:
        delete_tree(place.tree, place.key)
    else:
        place.tree.delete(place.key)


def held_below(resource: "Folder | File") -> Failures:
    """What below a folder is locked, by tokens that the request does not have."""
    provider, environ = resource.provider, resource.environ
    if not resource.is_collection:
        return []
    tokens = environ.get("wsgidav.ifLockTokenList") or []
    return [
        (provider.href(provider.ref_url_to_path(lock["root"]), is_folder=False), DAVError(HTTP_LOCKED))
        for lock in provider.locks_below(resource.get_ref_url())
        if lock["token"] not in tokens or lock["principal"] != environ["wsgidav.user_name"]
    ]


def failed_at(provider: "MountsProvider", resource: "Folder | File", error: StorageError) -> str:
    """The URL of what an act on a resource failed at: the resource itself, or what lies below it."""
    key = resource.place.key
    failed = error.path or ""
    if failed.startswith(f"{key}/"):
        return provider.href(places.child(resource.path, failed[len(key) + 1 :]), is_folder=False)
    return resource.get_href()
