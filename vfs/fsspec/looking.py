"""Looking: details, listings, trees, times. One question an answer, and none for each entry of a listing."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from datetime import datetime
from glob import has_magic
from typing import Any

from vfs.engine import CapabilityNotSupported, Entry, FileTree, NotADirectory, NotFound, naming_mount
from vfs.engine.dates import utc
from vfs.fsspec.details import Details, details, folder_details
from vfs.fsspec.places import MountPaths

OnError = Callable[[OSError], None]


class Looking(MountPaths):
    """What can be asked of the mounts without changing anything.

    `exists`, `isfile` and `isdir` say no of what is not there, and raise what keeps them from knowing.
    """

    def info(self, path: str, **_: Any) -> Details:
        """Raises NotFound."""
        path = self._strip_protocol(path)
        if not path:
            return folder_details("")
        return details(path, self._node(path).stat())

    def ls(self, path: str, detail: bool = True, **_: Any) -> list[Any]:
        """The entries of a folder, sorted by name; of a file, itself. Raises NotFound."""
        path = self._strip_protocol(path)
        found = self._mounts() if not path else self._entries(path)
        return found if detail else [child["name"] for child in found]

    def _mounts(self) -> list[Details]:
        return [folder_details(name) for name in sorted(self.storage)]

    def _entries(self, path: str) -> list[Details]:
        tree, key = self._place(path)
        path = f"{tree.name}/{key}".rstrip("/")
        with naming_mount(tree.name, key):
            try:
                entries = sorted(tree.list(key), key=lambda entry: entry.name)
            except NotADirectory:
                return [details(path, tree.stat(key))]
            return [
                details(f"{path}/{entry.name}", sized)
                for entry in entries
                if (sized := _sized(tree, f"{key}/{entry.name}".lstrip("/"), entry)) is not None
            ]

    def _kind(self, path: str) -> str | None:
        try:
            return str(self.info(path)["type"])
        except (NotFound, NotADirectory):
            return None

    def exists(self, path: str, **_: Any) -> bool:
        return self._kind(path) is not None

    def lexists(self, path: str, **_: Any) -> bool:
        return self.exists(path)

    def isfile(self, path: str) -> bool:
        return self._kind(path) == "file"

    def isdir(self, path: str) -> bool:
        return self._kind(path) == "directory"

    def modified(self, path: str) -> datetime:
        """Raises CapabilityNotSupported where the storage keeps no time."""
        seconds = self.info(path).get("mtime")
        if seconds is None:
            raise CapabilityNotSupported("this storage keeps no time of change here", path)
        return utc(int(seconds * 1e9))

    def walk(
        self,
        path: str,
        maxdepth: int | None = None,
        topdown: bool = True,
        on_error: str | OnError = "omit",
        **kwargs: Any,
    ) -> Iterator[Any]:
        """As fsspec's; "omit" leaves out what is not there, and raises what else goes wrong."""
        handler = _leave_out_absent if on_error == "omit" else on_error
        return super().walk(path, maxdepth, topdown, handler, **kwargs)  # type: ignore[no-any-return] # untyped

    def du(
        self,
        path: str,
        total: bool = True,
        maxdepth: int | None = None,
        withdirs: bool = False,
        **kwargs: Any,
    ) -> int | dict[str, int]:
        """The sizes that the listings tell."""
        found = self._found(path, maxdepth, withdirs, kwargs)
        sizes = {name: int(known["size"]) for name, known in found.items()}
        return sum(sizes.values()) if total else sizes

    def find(
        self,
        path: str,
        maxdepth: int | None = None,
        withdirs: bool = False,
        detail: bool = False,
        **kwargs: Any,
    ) -> list[str] | dict[str, Details]:
        """All files below a path, with `withdirs` the folders too; a file is found at its own path."""
        found = self._found(path, maxdepth, withdirs, kwargs)
        return found if detail else list(found)

    def _found(
        self, path: str, maxdepth: int | None, withdirs: bool, kwargs: dict[str, Any]
    ) -> dict[str, Details]:
        if maxdepth is None and self._strip_protocol(path).partition("/")[0] in self.storage:
            tree, key = self._place(path)
            if tree.backend.lists_sizes:
                return self._swept(tree, key, withdirs)
        found = super().find(path, maxdepth, withdirs, detail=True, **kwargs)
        return {name: known or self.info(name) for name, known in found.items()}

    def _swept(self, tree: FileTree, key: str, withdirs: bool) -> dict[str, Details]:
        """All below a key, in one sweep where the store has one; folders, itself too, if asked for."""
        top = f"{tree.name}/{key}".rstrip("/")
        files: dict[str, Details] = {}
        folders: dict[str, Details] = {}
        try:
            with naming_mount(tree.name, key):
                for below, entry in tree.transfers.sweep(key):
                    path = f"{tree.name}/{below}"
                    (folders if entry.is_folder else files)[path] = details(path, entry)
        except NotADirectory:
            return {top: self.info(top)}
        except NotFound:
            return {}
        if withdirs:
            folders[top] = self.info(top)
            _add_folders_above(files, folders)
            files |= folders
        return dict(sorted(files.items()))

    def expand_path(
        self,
        path: str | list[str],
        recursive: bool = False,
        maxdepth: int | None = None,
        assume_literal: bool = False,
        **kwargs: Any,
    ) -> list[str]:
        """As fsspec's, but a path that is there as it is written is no pattern."""
        written = [self._strip_protocol(one) for one in (path if isinstance(path, list) else [path])]
        patterns = {one for one in written if not assume_literal and has_magic(one) and not self.exists(one)}
        found: set[str] = set()
        for literal in (True, False):
            group = [one for one in written if (one in patterns) is not literal]
            with suppress(FileNotFoundError):
                found.update(super().expand_path(group, recursive, maxdepth, literal, **kwargs))
        if not found:
            raise NotFound("nothing is there, and nothing matches", ", ".join(written))
        return sorted(found)


def _sized(tree: FileTree, key: str, entry: Entry) -> Entry | None:
    """A listed entry with the size that the file has; None when it is gone meanwhile."""
    if entry.complete or entry.is_folder or tree.backend.lists_sizes:
        return entry
    try:
        return tree.stat(key)
    except NotFound:
        return None


def _leave_out_absent(error: OSError) -> None:
    if not isinstance(error, FileNotFoundError):
        raise error


def _add_folders_above(files: Iterable[str], folders: dict[str, Details]) -> None:
    """Folders that only the paths of files show, up to one that is there."""
    for path in files:
        while (path := path.rpartition("/")[0]) not in folders:
            folders[path] = folder_details(path)
