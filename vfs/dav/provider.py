"""MountsProvider: all mounts of a storage as one tree of resources."""

from collections.abc import Sequence
from typing import Any

from wsgidav.dav_error import HTTP_CONFLICT, HTTP_FORBIDDEN, DAVError

from vfs.dav import members, places
from vfs.dav.junk import Junk
from vfs.dav.library import DAVProvider
from vfs.dav.places import Place
from vfs.dav.resources import Environ, File, Folder, Root
from vfs.dav.statuses import refusing
from vfs.engine import (
    Entry,
    EntryKind,
    InvalidPath,
    NotADirectory,
    NotFound,
    PermissionDenied,
    StorageManager,
)

Resource = Root | Folder | File


class MountsProvider(DAVProvider):
    """The paths that clients know, from `root` on; "/" shows all mounts.

    Locks and properties are kept by whole paths, so that clients with other roots see the same ones.
    """

    def __init__(
        self,
        manager: StorageManager,
        *,
        base_path: str = "",
        root: str = "/",
        junk: Junk,
    ) -> None:
        """`base_path` is what URLs have before the paths, as "/dav"."""
        super().__init__()
        self.manager = manager
        self.junk = junk
        self._root = "" if root == "/" else root
        self.set_share_path("/")
        self.set_mount_path(base_path)

    def mount_names(self) -> Sequence[str]:
        return self.manager.mount_names()

    # Names

    def whole(self, path: str) -> str:
        """The path from the folder of all mounts."""
        return (self._root + path).rstrip("/") or "/"

    def href(self, path: str, *, is_folder: bool) -> str:
        """The path of a URL."""
        slash = "/" if is_folder and path != "/" else ""
        return places.quoted(f"{self.mount_path}{path}{slash}")

    def ref_url(self, path: str, *, is_folder: bool) -> str:
        """What locks and properties are kept by."""
        whole = self.whole(path)
        return places.quoted(f"{whole}/" if is_folder and whole != "/" else whole)

    def ref_url_to_path(self, ref_url: str) -> str:
        """As the client knows it; what lies above the client's root is the root to it."""
        whole = places.normal(places.unquoted(ref_url))
        if not places.is_within(whole, self._root or "/"):
            return "/"
        return whole[len(self._root) :] or "/"

    # Resources

    def place(self, path: str) -> Place | None:
        """Where a path leads; None for the folder of all mounts.

        Raises NotFound for an unknown mount, PermissionDenied for what nobody is to make.
        """
        whole = self.whole(path)
        mount, _, key = whole[1:].partition("/")
        if not key or self.junk.is_stored:
            return Place(self.manager.tree(mount), key) if mount else None
        if self.junk.hides(key):
            raise PermissionDenied("such files are not kept here", key)
        apart = self.junk.tree(key)
        return Place(self.manager.tree(mount), key) if apart is None else Place(apart, whole[1:])

    def present(self, path: str) -> Place | None:
        """As `place`, for who looks: what is hidden is not found."""
        if self.junk.hides(path):
            raise NotFound(path=path)
        return self.place(path)

    def get_resource_inst(self, path: str | None, environ: Environ) -> Resource | None:
        """None where nothing stands, or neither a file nor a folder; the library's parent of "/" is None."""
        path = places.normal(path or "/")
        with refusing():
            try:
                place = self.present(path)
                if place is None:
                    return Root(environ)
                entry = members.entry_at(place)
            except (NotFound, NotADirectory, InvalidPath):
                return None
        return self.resource(path, environ, place, entry)

    def check_holds(self, path: str) -> None:
        """Raise DAVError where nothing can be made at a path: 403 beside the mounts, 409 without a folder."""
        above = places.parent(path)
        with refusing():
            try:
                place = self.present(above)
                is_folder = place is None or not place.key or place.tree.kind(place.key) is EntryKind.FOLDER
            except (NotFound, InvalidPath):
                is_folder, place = False, None
        if not is_folder:
            raise DAVError(HTTP_CONFLICT, "there is no folder for it")
        if place is None:
            raise DAVError(HTTP_FORBIDDEN, "mounts are configured, and not made here")

    def resource(self, path: str, environ: Environ, place: Place, entry: Entry) -> Resource | None:
        """The resource of an entry; None for what is neither file nor folder."""
        if entry.is_folder:
            return Folder(path, environ, place, entry)
        return File(path, environ, place, entry) if entry.is_file else None

    # What stands beside the storage

    def check_writable(self, ref_url: str, environ: Environ, *, depth: str = "0") -> None:
        """Raise 423 where a lock, whose token the request does not have, stands in the way."""
        if self.lock_manager is not None:
            self.lock_manager.check_write_permission(
                url=ref_url,
                depth=depth,
                token_list=environ.get("wsgidav.ifLockTokenList") or [],
                principal=environ["wsgidav.user_name"],
            )

    def locks_below(self, ref_url: str) -> list[dict[str, Any]]:
        """The locks on what lies below a folder."""
        if self.lock_manager is None:
            return []
        url = ref_url.rstrip("/") or "/"
        return list(
            self.lock_manager.storage.get_lock_list(
                url, include_root=False, include_children=True, token_only=False
            )
        )

    def forget_locks(self, path: str, *, is_folder: bool) -> None:
        """Nothing stands at a path any more."""
        if self.lock_manager is not None:
            url = self.ref_url(path, is_folder=is_folder).rstrip("/")
            self.lock_manager.remove_all_locks_from_url(url, recursive=True)

    def forget_properties(self, path: str, *, is_folder: bool) -> None:
        """Something new stands at a path, or nothing."""
        if self.prop_manager is not None:
            self.prop_manager.remove_properties(self.ref_url(path, is_folder=is_folder))
