"""A folder under test: where it is, what is declared impossible in it, and the store behind it."""

import os
from dataclasses import dataclass, field

from tests.mounts import digests
from tests.mounts.daemon import Daemon
from tests.mounts.samples import MEBIBYTE
from tests.mounts.stores import Store, sha256_in_store


@dataclass(frozen=True)
class Limits:
    """What a kind of storage cannot do; each is checked to be refused, and docs/SEMANTICS.md lists it."""

    hard_links: bool = True
    """False: link(2) fails with EPERM."""
    invalid_utf8_names: bool = True
    """False: a name that is not UTF-8 fails with EILSEQ."""
    max_path_bytes: int = 4095
    """Longer paths below the mount fail with ENAMETOOLONG."""
    characters_lost_by_the_server: str = ""
    """Characters that the server under test itself, and not the mount, takes for others."""
    characters_refused: str = ""
    """Names with any of these fail with EILSEQ."""
    atomic_exchange: bool = True
    """False: RENAME_EXCHANGE fails with EINVAL."""
    gibibytes: bool = True
    """False: the server under test, and not the mount, keeps files in memory and copies them to and fro."""
    many_files: int = 400
    """Fewer where the server under test takes its time for each, or another kind shows the same."""
    big_file: int = 256 * MEBIBYTE
    """Less where another kind shows the same; several parts everywhere."""
    folder_links_counted: bool = True
    """False: a folder's link count is constant, as on btrfs, and does not count its sub-folders."""


@dataclass
class Folder:
    """A fresh, empty folder for one test. `kind` names what it stands on."""

    kind: str
    path: str
    store: Store | None = None
    limits: Limits = field(default_factory=Limits)
    daemon: Daemon | None = None

    def at(self, *names: str) -> str:
        """The path of something in the folder."""
        return os.path.join(self.path, *names)

    def write(self, name: str, data: bytes = b"") -> str:
        """Make a file with this content, closed; its path comes back."""
        path = self.at(name)
        with open(path, "wb") as file:
            file.write(data)
        return path

    def read(self, name: str) -> bytes:
        """The content as the mount gives it, past the page cache."""
        return b"".join(digests.uncached_chunks(self.at(name)))

    def names(self, folder: str = "") -> set[str]:
        return set(os.listdir(self.at(folder) if folder else self.path))

    def assert_holds(self, name: str, content: bytes | bytearray | str) -> None:
        """The file has this content (bytes, or their SHA-256), through the mount and in the store."""
        wanted = content if isinstance(content, str) else digests.sha256_of_bytes(content)
        assert digests.sha256_of_file(self.at(name)) == wanted, f"{name!r} through the mount"
        if self.store is not None:
            assert sha256_in_store(self.store, name) == wanted, f"{name!r} in the store"

    def assert_store_holds_tree(self, folder: str) -> None:
        """Every file below `folder` is in the store with the bytes that the mount shows, and no other."""
        if self.store is None:
            return
        shown = digests.sha256_of_tree(self.at(folder))
        files = {name: digest for name, digest in shown.items() if digests.is_sha256(digest)}
        stored = self.store.below(folder)
        names = stored.files()
        assert names <= shown.keys()
        assert {name: sha256_in_store(stored, name) for name in names & files.keys()} == files
