"""What stands at a key: the one order of requests that finds out, and the checks made before writing."""

import builtins
import logging
from collections.abc import Iterator, Sequence

from vfs.engine import paths
from vfs.engine.backends.objects.attributes import entry_of, plain_entry_of
from vfs.engine.backends.objects.bucket import Bucket
from vfs.engine.backends.objects.folders import ROOT_MARKER, Folders, is_implied
from vfs.engine.backends.objects.stored import ListedObject, Page, StoredObject
from vfs.engine.entries import NO_XATTRS, Entry, EntryKind
from vfs.engine.errors import InvalidPath, IsADirectory, NotADirectory, NotFound

_log = logging.getLogger(__name__)


class Places:
    """Looks at files and folders, and remembers what it saw."""

    def __init__(self, bucket: Bucket, folders: Folders) -> None:
        self._bucket = bucket
        self._folders = folders
        self._keys = bucket.keys
        self._known = bucket.known
        self._tells_everything = bucket.listing.tells_everything
        self._warned = False

    def stat(self, key: str) -> Entry:
        """The entry at a key: a HEAD for a file; for a folder, a listing and a HEAD of its marker too."""
        if not key:
            return self._folders.entry(key)
        object_key = self.object_key(key)
        try:
            stored = self._bucket.objects.head(object_key, key)
        except NotFound:
            self._known.forget(key)
            return self._folders.entry(key)
        return self.saw(key, stored)

    def saw(self, key: str, stored: StoredObject) -> Entry:
        """Remember a file that the store told everything about."""
        entry = self.entry_of(key, stored)
        self._known.saw_file(key, entry, stored.modified_ns)
        return entry

    def entry_of(self, key: str, stored: StoredObject) -> Entry:
        told = entry_of if self._bucket.keeps_attributes else plain_entry_of
        return told(paths.name_of(key), stored)

    def file(self, key: str) -> Entry:
        """The entry of a file of any kind, from memory if it is known. Raises IsADirectory, NotFound."""
        entry = self._known.file(key) or self.stat(key)
        if entry.is_folder:
            raise IsADirectory(path=key)
        return entry

    def object_key(self, key: str) -> str:
        """The object of a file. Raises IsADirectory for the root, InvalidPath for a name that is ours."""
        if not key:
            raise IsADirectory("the root is a folder", key)
        object_key = self._keys.object_key(key)
        if object_key == ROOT_MARKER:
            raise InvalidPath("this name is kept for the attributes of the root", key)
        return object_key

    def missing(self, key: str) -> NotFound | IsADirectory:
        """The error for a key with no file: it may be a folder."""
        try:
            self._folders.entry(key)
        except NotFound as error:
            return error
        return IsADirectory(path=key)

    def refuse_folder(self, key: str) -> None:
        """Raises IsADirectory for a folder we know of; asks the store only if we do."""
        if self._known.is_folder(key) and self.stat(key).is_folder:
            raise IsADirectory(path=key)

    def refuse_below_file(self, key: str) -> None:
        """Raises NotADirectory below a file we know of; asks the store only if we do."""
        above = self._known.file_above(key)
        if above is not None and self._is_file(above):
            raise NotADirectory(f"{above} is not a folder", key)

    def _is_file(self, key: str) -> bool:
        try:
            return not self.stat(key).is_folder
        except NotFound:
            return False

    def list(self, key: str) -> Iterator[Entry]:
        """The entries of a folder, a request for every thousand."""
        files: set[str] = set()
        markers: dict[str, ListedObject] = {}
        for page in self._pages_of_folder(key, delimiter="/"):
            yield from self._entries_of(key, page, files, markers)
            last = max([listed.object_key for listed in page.objects[-1:]] + page.prefixes[-1:], default="")
            files = {file for file in files if last.startswith(file)}

    def sweep(self, key: str) -> Iterator[tuple[str, Entry]]:
        """Everything below a folder, a request for every thousand; nothing below a file."""
        files: list[str] = []
        for page in self._pages_of_folder(key, delimiter=""):
            for listed in page.objects:
                files = [file for file in files if listed.object_key.startswith(file)]
                below = self.key_below(key, listed.object_key)
                if below is None or any(listed.object_key.startswith(f"{file}/") for file in files):
                    continue
                if below.endswith("/"):
                    yield below[:-1], self._listed_folder(below[:-1], listed, complete=True)
                else:
                    files.append(listed.object_key)
                    yield below, self._listed_file(below, listed)

    def _pages_of_folder(self, key: str, delimiter: str) -> Iterator[Page]:
        prefix = self._keys.marker_key(key)
        if self._known.file(key) is not None:
            self._folders.refuse_file(key)
            self._known.forget(key)
        pages = self._bucket.listing.pages(prefix, key, delimiter=delimiter)
        first = next(pages)
        if key:
            self._check_folder(key, prefix, first)
        yield first
        yield from pages

    def _check_folder(self, key: str, prefix: str, first: Page) -> None:
        has_marker = any(o.object_key == prefix and not is_implied(o.etag) for o in first.objects)
        if not has_marker and not first.prefixes and all(o.object_key == prefix for o in first.objects):
            self._folders.refuse_file(key)
            raise NotFound(path=key)
        self._known.saw_folder(key, marker=has_marker)

    def _entries_of(
        self, folder: str, page: Page, files: set[str], markers: dict[str, ListedObject]
    ) -> Iterator[Entry]:
        """Those of one page. A file and a folder of one name are the file, whose key comes first.

        `files` holds the object keys of files whose folders may still come, and gets those of this page;
        `markers` those of folders, where listings tell them.
        """
        for listed in page.objects:
            key = self.key_below(folder, listed.object_key)
            if listed.object_key.endswith("/"):
                markers[listed.object_key] = listed
            elif key is not None:
                files.add(listed.object_key)
                yield self._listed_file(key, listed)
        last = max(page.prefixes, default="")
        for prefix in page.prefixes:
            key = self.key_below(folder, prefix)
            marker = markers.pop(prefix, None)
            if key is not None and prefix[:-1] not in files:
                # The marker of a page's last folder may be on the next one.
                told = marker is not None or prefix != last or page.next_token is None
                yield self._listed_folder(key[:-1], marker, complete=told)

    def key_below(self, folder: str, object_key: str) -> str | None:
        """The key of an object below a folder, a marker's with its slash; None for what is not shown."""
        if object_key in (self._keys.marker_key(folder), ROOT_MARKER) or self._keys.is_reserved(object_key):
            return None
        key = self._keys.key_below(folder, object_key)
        if key is None and not self._warned:
            self._warned = True
            _log.warning("keys with no place in a tree are not shown, such as %r", object_key)
        return key

    def _listed_file(self, key: str, listed: ListedObject) -> Entry:
        if listed.stored is not None:
            return self.saw(key, listed.stored)
        entry = Entry(
            paths.name_of(key),
            EntryKind.FILE,
            size=listed.size,
            mtime_ns=listed.modified_ns,
            ctime_ns=listed.modified_ns,
            etag=listed.etag,
            complete=not self._bucket.keeps_attributes,
        )
        if entry.complete:
            return entry
        return self._known.complete(key, entry, listed.modified_ns) or entry

    def _listed_folder(self, key: str, marker: ListedObject | None, *, complete: bool) -> Entry:
        """The folder that a listing shows; `complete` where its marker would have been listed too."""
        self._known.saw_folder(key, marker=marker is not None and not is_implied(marker.etag))
        if not self._bucket.keeps_attributes or not self._tells_everything:
            return Entry(paths.name_of(key), EntryKind.FOLDER, complete=not self._bucket.keeps_attributes)
        if marker is not None and marker.stored is not None:
            return self._folders.entry_of(key, marker.stored)
        return Entry(paths.name_of(key), EntryKind.FOLDER, xattrs=NO_XATTRS, complete=complete)

    def complete(self, folder: str, entries: Sequence[Entry]) -> builtins.list[Entry]:
        """The entries with what `stat` would tell, many requests at once, without those gone meanwhile."""

        def completed(entry: Entry) -> Entry | None:
            key = paths.join(folder, entry.name)
            if entry.complete:
                return entry
            try:
                return self._folders.completed(key) if entry.is_folder else self.stat(key)
            except NotFound:
                return None

        if sum(not entry.complete for entry in entries) <= 1:
            found: Iterator[Entry | None] = map(completed, entries)
        else:
            found = self._bucket.threads.map(completed, entries)
        return [entry for entry in found if entry is not None]
