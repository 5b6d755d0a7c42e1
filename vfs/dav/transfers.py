"""COPY and MOVE, of files and trees, also between mounts: by the engine, inside the store where it can."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from wsgidav.dav_error import (
    HTTP_BAD_REQUEST,
    HTTP_CREATED,
    HTTP_FORBIDDEN,
    HTTP_NO_CONTENT,
    HTTP_NOT_FOUND,
    HTTP_PRECONDITION_FAILED,
    DAVError,
)

from vfs.dav import deleting, places
from vfs.dav.deleting import Failures
from vfs.dav.destinations import destination
from vfs.dav.places import Place
from vfs.dav.resources import File, Folder, Root
from vfs.dav.statuses import refusal, refusing
from vfs.engine import AlreadyExists, StorageError
from vfs.engine.copying import CopyOptions, CopySummary, copy
from vfs.engine.copying import Place as CopyPlace
from vfs.engine.copying.moving import move
from vfs.engine.retaking import newest

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse

    from vfs.dav.requests import Requests
    from vfs.dav.resources import Environ


def transfer(
    requests: "Requests", environ: "Environ", start_response: "StartResponse", *, is_move: bool
) -> Iterable[bytes]:
    """Answer a COPY or a MOVE."""
    act = _Transfer(requests, environ, is_move=is_move)
    failures = act.run()
    status = HTTP_CREATED if act.present is None else HTTP_NO_CONTENT
    return requests.answered(environ, start_response, act.source, status, failures)


class _Transfer:
    """One request: what it is about, whether it may be, and the act."""

    def __init__(self, requests: "Requests", environ: "Environ", *, is_move: bool) -> None:
        self._requests = requests
        self._provider = requests.provider
        self._environ = environ
        self._is_move = is_move
        self.source = self._source()
        self._depth = self._depth_asked()
        self._overwrites = self._overwrite_asked()
        self._path = destination(environ, self._provider.mount_path)
        self.present = self._provider.get_resource_inst(self._path, environ)
        self._check_ends()
        with refusing():
            place = self._provider.place(self._path)
        if place is None or not place.key:
            raise DAVError(HTTP_FORBIDDEN, "a mount is configured, and not made here")
        self._target = place

    def _source(self) -> Folder | File:
        found = self._provider.get_resource_inst(self._environ["PATH_INFO"], self._environ)
        if found is None:
            raise DAVError(HTTP_NOT_FOUND)
        if isinstance(found, Root) or (self._is_move and not found.place.key):
            raise DAVError(HTTP_FORBIDDEN, "a mount is configured, and not moved here")
        return found

    def _depth_asked(self) -> str:
        depth = str(self._environ.get("HTTP_DEPTH") or "infinity").lower()
        if depth not in {"0", "infinity"} or (
            self._is_move and self.source.is_collection and depth != "infinity"
        ):
            raise DAVError(HTTP_BAD_REQUEST, "no such Depth")
        return depth

    def _overwrite_asked(self) -> bool:
        told = str(self._environ.get("HTTP_OVERWRITE") or "T").upper()
        if told not in {"T", "F"}:
            raise DAVError(HTTP_BAD_REQUEST, "Overwrite is T or F")
        return told == "T"

    def _check_ends(self) -> None:
        """What the destination has to be, whatever is locked."""
        if self.source.path == self._path or places.is_within(self._path, self.source.path):
            raise DAVError(HTTP_FORBIDDEN, "nothing goes onto or into itself")
        self._provider.check_holds(self._path)
        if places.is_within(self.source.path, self._path):
            raise DAVError(HTTP_FORBIDDEN)

    def run(self) -> Failures:
        """What it failed at, by URL. Raises DAVError where nothing was done."""
        self._requests.check_conditions(self.source, self._environ)
        if (held := self._check_locks()) or (self.present is not None and not self._overwrites):
            if not held:
                raise DAVError(HTTP_PRECONDITION_FAILED)
            return held
        try:
            self._make_room()
            failures = self._move() if self._is_move else self._copy()
        except AlreadyExists as error:
            raise DAVError(HTTP_PRECONDITION_FAILED) from error
        except StorageError as error:
            return [(deleting.failed_at(self._provider, self.source, error), refusal(error))]
        if not failures:
            self._take_along()
        return failures

    def _check_locks(self) -> Failures:
        """What members are locked; raises 423 for what the request itself names."""
        provider, environ = self._provider, self._environ
        held: Failures = []
        if self._is_move:
            provider.check_writable(self.source.get_ref_url(), environ)
            above = provider.ref_url(places.parent(self.source.path), is_folder=True)
            provider.check_writable(above, environ)
            held += deleting.held_below(self.source)
        is_folder = self.present is not None and self.present.is_collection
        provider.check_writable(provider.ref_url(self._path, is_folder=is_folder), environ)
        if self.present is None:
            above = provider.ref_url(places.parent(self._path), is_folder=True)
            provider.check_writable(above, environ)
        elif isinstance(self.present, Folder):
            held += deleting.held_below(self.present)
        return held

    def _make_room(self) -> None:
        """Remove what cannot be replaced in one act: a folder, or what a folder is to replace.

        A file that a file replaces stays locked: programs save by a move over the file that they hold.
        """
        if not isinstance(self.present, Folder | File):
            return
        is_folder = self.present.is_collection
        if is_folder or self.source.is_collection:
            deleting.remove(self._target, is_folder=is_folder)
            self._provider.forget_locks(self._path, is_folder=is_folder)
        self._provider.forget_properties(self._path, is_folder=is_folder)

    def _copy(self) -> Failures:
        if self.source.is_collection and self._depth == "0":
            self._target.tree.make_directory(self._target.key)
            return []
        return self._copied() if self.source.is_collection else newest(self._copied)

    def _copied(self) -> Failures:
        ends = _ends(self.source.place), _ends(self._target)
        return self._failures_of(copy(*ends, CopyOptions(overwrite=self._overwrites)))

    def _failures_of(self, summary: CopySummary) -> Failures:
        mount = f"{self.source.place.tree.name}:"
        failures = []
        for failed in summary.failed:
            error = failed.error
            error.path = failed.path.removeprefix(mount)
            failures.append((deleting.failed_at(self._provider, self.source, error), refusal(error)))
        return failures

    def _move(self) -> Failures:
        move(_ends(self.source.place), _ends(self._target), CopyOptions(overwrite=self._overwrites))
        return []

    def _take_along(self) -> None:
        """Properties follow; locks stay where they were, and go with what stood there."""
        provider, is_folder = self._provider, self.source.is_collection
        if provider.prop_manager is not None:
            there = provider.ref_url(self._path, is_folder=is_folder)
            here = self.source.get_ref_url()
            if self._is_move:
                provider.prop_manager.move_properties(here, there, with_children=is_folder)
            else:
                with_children = is_folder and self._depth == "infinity"
                provider.prop_manager.copy_properties(here, there, with_children=with_children)
        if self._is_move:
            provider.forget_locks(self.source.path, is_folder=is_folder)
            provider.junk.moved(provider.whole(self.source.path), provider.whole(self._path))


def _ends(place: Place) -> CopyPlace:
    return CopyPlace(place.tree, place.key)
