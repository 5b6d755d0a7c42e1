"""Resources: what stands at a path, as the protocol library sees it: the mounts, a folder, a file."""

import mimetypes
from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any, BinaryIO

from wsgidav.dav_error import HTTP_FORBIDDEN, DAVError

from vfs.dav import deleting, places, times
from vfs.dav.library import DAVCollection, DAVNonCollection
from vfs.dav.places import Place
from vfs.dav.statuses import refusing
from vfs.engine import Entry
from vfs.engine.serving.validators import validators_of

if TYPE_CHECKING:
    from vfs.dav.provider import MountsProvider

Environ = dict[str, Any]


class Located:
    """What all resources have in common: the path that clients know, and the one that locks are kept by."""

    provider: "MountsProvider"
    path: str
    is_collection: bool
    environ: Environ

    def get_href(self) -> str:
        return self.provider.href(self.path, is_folder=self.is_collection)

    def get_ref_url(self) -> str:
        return self.provider.ref_url(self.path, is_folder=self.is_collection)

    def get_preferred_path(self) -> str:
        return self.path

    def get_display_name(self) -> str:
        return places.name_of(self.path) or "/"

    def support_modified(self) -> bool:
        return self.get_last_modified() is not None

    def get_last_modified(self) -> float | None:
        return None


class Stored(Located):
    """What is stored in a mount."""

    place: Place
    entry: Entry | None

    def get_last_modified(self) -> float | None:
        mtime_ns = None if self.entry is None else self.entry.mtime_ns
        return None if mtime_ns is None else mtime_ns / 1e9

    def set_property_value(self, name: str, value: Any, *, dry_run: bool = False) -> None:
        """Times of change are set where they are kept; all else is a dead property, by the library."""
        if name in times.MODIFIED:
            kept = times.set_modified(self, value, dry_run=dry_run)  # type: ignore[arg-type] # see below
            if kept or name.startswith("{DAV:}"):
                return
        super().set_property_value(name, value, dry_run=dry_run)  # type: ignore[misc] # the library's

    def handle_delete(self) -> bool | list[tuple[str, DAVError]]:
        return deleting.delete(self)  # type: ignore[arg-type] # it is a resource of the library below


class Root(Located, DAVCollection):
    """The folder of all mounts; they are configured, and nobody makes or removes one here."""

    def __init__(self, environ: Environ) -> None:
        DAVCollection.__init__(self, "/", environ)

    def get_member_names(self) -> Sequence[str]:
        return self.provider.mount_names()

    def handle_delete(self) -> bool:
        raise DAVError(HTTP_FORBIDDEN)


class Folder(Stored, DAVCollection):
    """A folder of a mount; the mount's root is one."""

    def __init__(self, path: str, environ: Environ, place: Place, entry: Entry | None) -> None:
        DAVCollection.__init__(self, path, environ)
        self.place = place
        self.entry = entry

    def get_member_names(self) -> Sequence[str]:
        with refusing():
            return [entry.name for entry in self.place.tree.list(self.place.key)]

    def create_collection(self, name: str) -> None:
        made = self._below(name)
        with refusing():
            made.tree.make_directory(made.key)
        self.provider.forget_properties(places.child(self.path, name), is_folder=True)

    def create_empty_resource(self, name: str) -> "File":
        """A new file of no bytes, for who locks a name that nothing stands at."""
        made = self._below(name)
        new = File(places.child(self.path, name), self.environ, made, None)
        self.provider.check_writable(new.get_ref_url(), self.environ)
        with refusing():
            file = made.tree.create(made.key, exclusive=True)
            try:
                file.flush()
            finally:
                file.close()
            new.entry = made.tree.stat(made.key)
        self.provider.forget_properties(new.path, is_folder=False)
        return new

    def _below(self, name: str) -> Place:
        with refusing():
            place = self.provider.place(places.child(self.path, name))
        if place is None:
            raise DAVError(HTTP_FORBIDDEN)
        return place


class File(Stored, DAVNonCollection):
    """A file of a mount; without an entry, a name that a file is to have."""

    def __init__(self, path: str, environ: Environ, place: Place, entry: Entry | None) -> None:
        DAVNonCollection.__init__(self, path, environ)
        self.place = place
        self.entry = entry

    def get_content_length(self) -> int | None:
        return None if self.entry is None else self.entry.size

    def get_content_type(self) -> str:
        return type_of(places.name_of(self.path), self.entry)

    def get_content(self) -> BinaryIO:
        """The file to be read from its beginning; the library asks for it, GET does not come by here."""
        with refusing():
            return self.provider.manager.node(f"{self.place.tree.name}:", self.place.key).open("rb")

    def get_etag(self) -> str | None:
        """Without quotes; None where the storage has only a weak one, which no condition may stand on."""
        if self.entry is None:
            return None
        validators = validators_of(self.entry)
        return None if validators.is_weak else validators.tag

    def support_etag(self) -> bool:
        return True

    def support_ranges(self) -> bool:
        return True


def type_of(name: str, entry: Entry | None) -> str:
    """The content type: what the name says, else what the storage says."""
    guessed = guessed_type(name)
    stored = None if entry is None else entry.content_type
    return stored if stored and guessed == "application/octet-stream" else guessed


def guessed_type(name: str) -> str:
    """What the name says of the content; `application/octet-stream` where it says nothing."""
    return _by_suffix(name.rpartition(".")[2].lower()) if "." in name[1:] else "application/octet-stream"


@lru_cache(1024)
def _by_suffix(suffix: str) -> str:
    guessed, packing = mimetypes.guess_type(f"./x.{suffix}")
    if packing is not None:
        return {"gzip": "application/gzip", "bzip2": "application/x-bzip2", "xz": "application/x-xz"}.get(
            packing, "application/octet-stream"
        )
    return guessed or "application/octet-stream"
