"""Symlinks, hard links and special files of any backend that has them."""

import os
import stat as stat_bits

import pytest

from vfs.engine.backend import (
    Backend,
    KeepsAttributes,
    KeepsHardLinks,
    KeepsSpecialFiles,
    KeepsSymlinks,
    Moves,
)
from vfs.engine.entries import Attributes, EntryKind
from vfs.engine.errors import AlreadyExists, InvalidPath, IsADirectory, NotADirectory, NotFound
from vfs.testing.limits import Limits, ability, content, names

MTIME = 1_600_000_000_000_000_000

TARGETS = ("f", "no/such/file", "../outside", "/absolute", "sp ace ☃", "x" * 1000)


class LinkContract(Limits):
    """Promises of `KeepsSymlinks`, `KeepsHardLinks` and `KeepsSpecialFiles`."""

    def test_a_symlink_keeps_its_text(self, backend: Backend) -> None:
        """The target is any text, kept exactly, and resolved by nobody here."""
        symlinks = ability(backend, KeepsSymlinks)
        for number, target in enumerate(TARGETS):
            folder = f"d{number}"
            made = symlinks.make_symlink(f"{folder}/link", target)
            assert symlinks.read_symlink(f"{folder}/link") == target
            for entry in (made, backend.stat(f"{folder}/link"), *backend.list(folder)):
                assert entry.name == "link"
                if entry.complete:
                    assert (entry.kind, entry.size) == (EntryKind.SYMLINK, len(target.encode()))

    def test_a_symlink_target_need_not_be_utf8(self, backend: Backend) -> None:
        """Bytes of another encoding come back."""
        symlinks = ability(backend, KeepsSymlinks)
        if not self.invalid_utf8_names:
            pytest.skip("a documented limit of this storage")
        target = os.fsdecode(b"caf\xe9")
        symlinks.make_symlink("link", target)
        assert symlinks.read_symlink("link") == target

    def test_a_symlink_is_an_entry_of_its_own(self, backend: Backend) -> None:
        """Deleting or moving it leaves what it points to."""
        symlinks = ability(backend, KeepsSymlinks)
        backend.write("f", b"content")
        symlinks.make_symlink("link", "f")
        if moves := backend.ability(Moves):
            moves.move("link", "moved")
            moves.move("moved", "link")
        assert symlinks.read_symlink("link") == "f"
        backend.delete("link")
        assert names(backend) == ["f"]
        assert content(backend, "f") == b"content"

    def test_making_a_symlink_tells_what_is_wrong(self, backend: Backend) -> None:
        """A taken name, or a file above."""
        symlinks = ability(backend, KeepsSymlinks)
        backend.write("f", b"x")
        backend.make_directory("d")
        for key in ("f", "d", ""):
            with pytest.raises(AlreadyExists):
                symlinks.make_symlink(key, "target")
        if self.refuses_writes_below_files:
            with pytest.raises(NotADirectory):
                symlinks.make_symlink("f/below", "target")

    def test_reading_a_symlink_tells_what_is_wrong(self, backend: Backend) -> None:
        """What is no symlink is InvalidPath, nothing is NotFound."""
        symlinks = ability(backend, KeepsSymlinks)
        backend.write("f", b"x")
        backend.make_directory("d")
        for key in ("f", "d", ""):
            with pytest.raises(InvalidPath):
                symlinks.read_symlink(key)
        with pytest.raises(NotFound):
            symlinks.read_symlink("absent")

    def test_a_symlink_has_times_of_its_own(self, backend: Backend) -> None:
        """Changing a symlink's attributes leaves its target's."""
        symlinks = ability(backend, KeepsSymlinks)
        keeps = ability(backend, KeepsAttributes)
        backend.write("f", b"x")
        before = backend.stat("f").mtime_ns
        symlinks.make_symlink("link", "f")
        assert keeps.set_attributes("link", Attributes(mtime_ns=MTIME)).mtime_ns == MTIME
        assert backend.stat("link").mtime_ns == MTIME
        assert backend.stat("f").mtime_ns == before
        assert symlinks.read_symlink("link") == "f"

    def test_hard_links_are_one_file(self, backend: Backend) -> None:
        """Two names, one identity, one content; it lives until the last name goes."""
        links = ability(backend, KeepsHardLinks)
        backend.write("one", b"content")
        made = links.make_link("one", "d/two")
        first, second = backend.stat("one"), backend.stat("d/two")
        assert (made.name, made.nlink) == ("two", 2)
        assert first.file_id == second.file_id is not None
        assert first.nlink == second.nlink == 2
        backend.delete("one")
        assert content(backend, "d/two") == b"content"
        assert backend.stat("d/two").nlink == 1

    def test_making_a_hard_link_tells_what_is_wrong(self, backend: Backend) -> None:
        """A missing source comes first; a taken name is not replaced; folders have one name."""
        links = ability(backend, KeepsHardLinks)
        backend.write("f", b"f")
        backend.write("g", b"g")
        backend.make_directory("d")
        with pytest.raises(NotFound):
            links.make_link("absent", "f/below")
        with pytest.raises(AlreadyExists):
            links.make_link("f", "g")
        with pytest.raises(NotADirectory):
            links.make_link("f", "g/below")
        with pytest.raises(IsADirectory):
            links.make_link("d", "new")
        assert content(backend, "g") == b"g"

    @pytest.mark.parametrize("kind", [stat_bits.S_IFIFO, stat_bits.S_IFSOCK])
    def test_special_files_are_kept(self, backend: Backend, kind: int) -> None:
        """A fifo or socket is there with its type and permissions, and can be changed and deleted."""
        specials = ability(backend, KeepsSpecialFiles)
        made = specials.make_special("d/special", kind | 0o640, 0)
        for entry in (made, backend.stat("d/special")):
            assert (entry.kind, entry.mode) == (EntryKind.SPECIAL, kind | 0o640)
        if keeps := backend.ability(KeepsAttributes):
            changed = keeps.set_attributes("d/special", Attributes(mode=0o600, mtime_ns=MTIME))
            assert (changed.mode, changed.mtime_ns) == (kind | 0o600, MTIME)
        with pytest.raises(AlreadyExists):
            specials.make_special("d/special", kind | 0o640, 0)
        backend.delete("d/special")
        assert names(backend, "d") == []

    def test_device_nodes_keep_their_numbers(self, backend: Backend) -> None:
        """`rdev` comes back."""
        specials = ability(backend, KeepsSpecialFiles)
        if not self.owners_can_change:
            pytest.skip("not allowed to make device nodes here")
        device = os.makedev(1, 3)
        specials.make_special("null", stat_bits.S_IFCHR | 0o666, device)
        entry = backend.stat("null")
        assert (entry.kind, entry.mode, entry.rdev) == (
            EntryKind.SPECIAL,
            stat_bits.S_IFCHR | 0o666,
            device,
        )

    def test_a_special_file_has_a_special_type(self, backend: Backend) -> None:
        """Files, folders and symlinks are made by their own calls."""
        specials = ability(backend, KeepsSpecialFiles)
        for kind in (0, stat_bits.S_IFREG, stat_bits.S_IFDIR, stat_bits.S_IFLNK):
            with pytest.raises(InvalidPath):
                specials.make_special("f", kind | 0o644, 0)
        assert names(backend) == []
