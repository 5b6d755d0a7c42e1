"""Attributes of any backend: mode, owner and times, user metadata, extended attributes."""

import errno
import stat
import time

import pytest

from vfs.engine.backend import (
    Backend,
    Copies,
    KeepsAttributes,
    KeepsMetadata,
    KeepsSpecialFiles,
    KeepsSymlinks,
    KeepsXattrs,
    Moves,
    UploadsParts,
)
from vfs.engine.entries import Attributes
from vfs.engine.errors import AlreadyExists, InvalidPath, IsADirectory, NotFound
from vfs.testing.limits import Limits, ability, content

MTIME = 1_600_000_000_123_456_789
ATIME = 1_500_000_000_987_654_321
YEAR_2038 = (1 << 31) * 10**9
YEAR_2514 = (1 << 34) * 10**9


class AttributeContract(Limits):
    """Promises of `KeepsAttributes`, `KeepsMetadata` and `KeepsXattrs`."""

    def stored(self, time_ns: int) -> int:
        """A time as this storage keeps it."""
        return time_ns - time_ns % self.mtime_resolution_ns

    def test_a_written_file_has_the_attributes_given(self, backend: Backend) -> None:
        """`write` stores mode and times exactly, whatever the process's umask says."""
        ability(backend, KeepsAttributes)
        for mode in (0o644, 0o600, 0o777, 0, 0o4755, 0o1777):
            key = f"{mode:o}"
            backend.write(key, b"x", attributes=Attributes(mode=mode, mtime_ns=MTIME, atime_ns=ATIME))
            entry = backend.stat(key)
            assert entry.mode == mode
            assert (entry.mtime_ns, entry.atime_ns) == (self.stored(MTIME), self.stored(ATIME))

    def test_a_made_folder_has_the_attributes_given(self, backend: Backend) -> None:
        """`make_directory` stores mode and times exactly, and its entry tells them."""
        ability(backend, KeepsAttributes)
        made = backend.make_directory("d", attributes=Attributes(mode=0o1753, mtime_ns=MTIME))
        for entry in (made, backend.stat("d")):
            assert (entry.mode, entry.mtime_ns) == (0o1753, self.stored(MTIME))

    def test_owners_are_kept(self, backend: Backend) -> None:
        """Owner and group are stored for files and folders, when made and when changed."""
        keeps = ability(backend, KeepsAttributes)
        if not self.owners_can_change:
            pytest.skip("not allowed to give files away here")
        backend.write("f", b"x", attributes=Attributes(uid=1234, gid=2345))
        backend.make_directory("d", attributes=Attributes(uid=65534, gid=1))
        assert (backend.stat("f").uid, backend.stat("f").gid) == (1234, 2345)
        assert (backend.stat("d").uid, backend.stat("d").gid) == (65534, 1)
        keeps.set_attributes("f", Attributes(gid=77))
        assert (backend.stat("f").uid, backend.stat("f").gid) == (1234, 77)
        assert keeps.set_attributes("d", Attributes(uid=5)).uid == 5

    def test_attributes_change_one_by_one(self, backend: Backend) -> None:
        """What a change leaves None stays as it was; the entry afterwards comes back."""
        keeps = ability(backend, KeepsAttributes)
        backend.write("f", b"x", attributes=Attributes(mode=0o640, mtime_ns=MTIME, atime_ns=ATIME))
        assert keeps.set_attributes("f", Attributes(mode=0o711)).mode == 0o711
        later = MTIME + 1_000_000_001
        changed = keeps.set_attributes("f", Attributes(mtime_ns=later))
        assert changed == backend.stat("f")
        assert (changed.mode, changed.mtime_ns) == (0o711, self.stored(later))
        assert changed.atime_ns == self.stored(ATIME)
        changed = keeps.set_attributes("f", Attributes(atime_ns=MTIME))
        assert (changed.mtime_ns, changed.atime_ns) == (self.stored(later), self.stored(MTIME))
        assert content(backend, "f") == b"x"

    def test_times_are_exact(self, backend: Backend) -> None:
        """Times are kept to the storage's own step, from 1970 to far beyond 2038."""
        keeps = ability(backend, KeepsAttributes)
        backend.write("f", b"x")
        for time_ns in (0, 1, 999_999_999, 1_700_000_000_000_000_000, 4_294_967_296 * 10**9):
            changed = keeps.set_attributes("f", Attributes(mtime_ns=time_ns, atime_ns=time_ns))
            assert (changed.mtime_ns, changed.atime_ns) == (self.stored(time_ns), self.stored(time_ns))

    def test_times_that_cannot_be_kept_become_the_nearest_that_can(self, backend: Backend) -> None:
        """As on Linux file systems: no error, and of two times beyond the limit none is before the other."""
        keeps = ability(backend, KeepsAttributes)
        backend.write("f", b"x", attributes=Attributes(mtime_ns=YEAR_2514))
        written = backend.stat("f")
        changed = keeps.set_attributes("f", Attributes(mtime_ns=100 * YEAR_2514, atime_ns=100 * YEAR_2514))
        assert changed == backend.stat("f")
        assert YEAR_2038 < (written.mtime_ns or 0) <= (changed.mtime_ns or 0)

    def test_a_write_tells_the_times_that_stat_tells(self, backend: Backend) -> None:
        """So nothing moves when what is remembered of a new file is asked for again."""
        ability(backend, KeepsAttributes)
        for attributes in (None, Attributes(mtime_ns=MTIME, ctime_ns=ATIME)):
            told, entry = backend.write("f", b"x", attributes=attributes), backend.stat("f")
            assert told.mtime_ns in (None, entry.mtime_ns)
            assert told.ctime_ns in (None, entry.ctime_ns)

    def test_folders_and_the_root_have_attributes(self, backend: Backend) -> None:
        """A folder, one that only a file's key made, and the root can be changed."""
        keeps = ability(backend, KeepsAttributes)
        backend.write("implied/f", b"x")
        for key in ("implied", ""):
            assert keeps.set_attributes(key, Attributes(mode=0o750)).mode == 0o750
            assert backend.stat(key).mode == 0o750
        assert content(backend, "implied/f") == b"x"

    def test_attributes_of_nothing_are_not_found(self, backend: Backend) -> None:
        """There is nothing to change where nothing is."""
        keeps = ability(backend, KeepsAttributes)
        with pytest.raises(NotFound):
            keeps.set_attributes("absent", Attributes(mode=0o600))

    def test_a_new_file_has_none_of_the_old_attributes(self, backend: Backend) -> None:
        """Replacing a file starts afresh: its mode, its times and its metadata are not inherited."""
        ability(backend, KeepsAttributes)
        before = time.time_ns()
        backend.write("f", b"old", attributes=Attributes(mode=0o4711, mtime_ns=MTIME))
        backend.write("f", b"new")
        entry = backend.stat("f")
        assert entry.mode != 0o4711
        assert entry.mtime_ns is not None
        # Clocks of stores and file systems tick in steps and stand a little apart.
        assert entry.mtime_ns > before - 5_000_000_000

    def test_attributes_leave_the_etag(self, backend: Backend) -> None:
        """An ETag is about content, where the storage can tell."""
        keeps = ability(backend, KeepsAttributes)
        if not self.etag_survives_attribute_changes:
            pytest.skip("a documented limit of this storage")
        etag = backend.write("f", b"x").etag
        assert keeps.set_attributes("f", Attributes(mode=0o600, mtime_ns=MTIME)).etag == etag
        assert backend.stat("f").etag == etag

    def test_attributes_go_along_with_copies_and_moves(self, backend: Backend) -> None:
        """Mode and time of the content are the target's."""
        ability(backend, KeepsAttributes)
        backend.write("f", b"x", attributes=Attributes(mode=0o741, mtime_ns=MTIME))
        targets = []
        if copies := backend.ability(Copies):
            copies.copy("f", "copied")
            targets.append("copied")
        if moves := backend.ability(Moves):
            moves.move("f", "moved")
            targets.append("moved")
        for key in targets:
            entry = backend.stat(key)
            assert (entry.mode, entry.mtime_ns) == (0o741, self.stored(MTIME))

    def test_metadata_are_written_and_told(self, backend: Backend) -> None:
        """User metadata come with a write and are told by `stat`; a write without has none."""
        ability(backend, KeepsMetadata)
        backend.write("f", b"x", metadata={"colour": "red", "shape": "round"})
        assert backend.stat("f").metadata == {"colour": "red", "shape": "round"}
        backend.write("f", b"y")
        assert backend.stat("f").metadata == {}

    def test_metadata_are_replaced_as_a_whole(self, backend: Backend) -> None:
        """`set_metadata` leaves content and drops what it does not name."""
        keeps = ability(backend, KeepsMetadata)
        backend.write("f", b"content", metadata={"colour": "red", "shape": "round"})
        assert keeps.set_metadata("f", {"colour": "blue"}).metadata == {"colour": "blue"}
        assert backend.stat("f").metadata == {"colour": "blue"}
        assert keeps.set_metadata("f", {}).metadata == {}
        assert content(backend, "f") == b"content"

    def test_metadata_hold_any_text(self, backend: Backend) -> None:
        """Values come back exactly as given."""
        keeps = ability(backend, KeepsMetadata)
        for number, value in enumerate(("", "naïve ☃ 🦊", "spaces  and = % + &", " ends ")):
            key = f"f{number}"
            backend.write(key, b"x", metadata={"text": value})
            assert backend.stat(key).metadata == {"text": value}
            assert keeps.set_metadata(key, {"other": value}).metadata == {"other": value}

    def test_metadata_are_kept_beside_attributes(self, backend: Backend) -> None:
        """Changing one leaves the other."""
        keeps = ability(backend, KeepsMetadata)
        attributes = ability(backend, KeepsAttributes)
        backend.write("f", b"x", metadata={"colour": "red"}, attributes=Attributes(mode=0o640))
        attributes.set_attributes("f", Attributes(mode=0o600))
        assert backend.stat("f").metadata == {"colour": "red"}
        keeps.set_metadata("f", {"colour": "blue"})
        assert backend.stat("f").mode == 0o600

    def test_metadata_belong_to_files(self, backend: Backend) -> None:
        """A folder is IsADirectory, nothing is NotFound."""
        keeps = ability(backend, KeepsMetadata)
        backend.make_directory("d")
        with pytest.raises(IsADirectory):
            keeps.set_metadata("d", {})
        with pytest.raises(NotFound):
            keeps.set_metadata("absent", {})

    def test_xattrs_are_kept(self, backend: Backend) -> None:
        """Values of any bytes are set, read, listed, replaced and removed, on files and on folders."""
        xattrs = ability(backend, KeepsXattrs)
        backend.write("f", b"content")
        backend.make_directory("d")
        for key in ("f", "d"):
            for value in (b"value", b"", bytes(range(256))):
                xattrs.set_xattr(key, self.settable_xattr, value)
                assert xattrs.get_xattr(key, self.settable_xattr) == value
            assert self.settable_xattr in xattrs.list_xattrs(key)
            xattrs.remove_xattr(key, self.settable_xattr)
            assert self.settable_xattr not in xattrs.list_xattrs(key)
        assert content(backend, "f") == b"content"

    def test_an_absent_xattr_says_so(self, backend: Backend) -> None:
        """Reading, replacing or removing it is NotFound with ENODATA, so that it is no missing file."""
        xattrs = ability(backend, KeepsXattrs)
        backend.write("f", b"x")
        acts = (
            lambda: xattrs.get_xattr("f", self.settable_xattr),
            lambda: xattrs.remove_xattr("f", self.settable_xattr),
            lambda: xattrs.set_xattr("f", self.settable_xattr, b"x", replace=True),
        )
        for act in acts:
            with pytest.raises(NotFound) as caught:
                act()
            assert caught.value.errno == errno.ENODATA
        with pytest.raises(NotFound) as caught:
            xattrs.get_xattr("absent", self.settable_xattr)
        assert caught.value.errno == errno.ENOENT

    def test_setting_an_xattr_can_be_conditional(self, backend: Backend) -> None:
        """`create` refuses a name that is there, `replace` takes only such a one."""
        xattrs = ability(backend, KeepsXattrs)
        backend.write("f", b"x")
        xattrs.set_xattr("f", self.settable_xattr, b"one", create=True)
        with pytest.raises(AlreadyExists):
            xattrs.set_xattr("f", self.settable_xattr, b"two", create=True)
        xattrs.set_xattr("f", self.settable_xattr, b"three", replace=True)
        assert xattrs.get_xattr("f", self.settable_xattr) == b"three"

    def test_xattrs_come_with_what_is_made(self, backend: Backend) -> None:
        """A new file or folder has those in its attributes; a file written over it without has none."""
        xattrs = ability(backend, KeepsXattrs)
        given = Attributes(xattrs={self.settable_xattr: b"\0red\xff"})
        backend.write("f", b"x", attributes=given)
        backend.make_directory("d", attributes=given)
        for key in ("f", "d"):
            assert xattrs.get_xattr(key, self.settable_xattr) == b"\0red\xff"
        backend.write("f", b"y")
        assert self.settable_xattr not in xattrs.list_xattrs("f")

    def test_an_upload_in_parts_brings_its_xattrs(self, backend: Backend) -> None:
        """What was given when it began is there when it is complete."""
        xattrs = ability(backend, KeepsXattrs)
        uploads = ability(backend, UploadsParts)
        given = Attributes(xattrs={self.settable_xattr: b"red"})
        upload = uploads.begin_upload("f", attributes=given)
        upload.put(1, b"content")
        upload.complete()
        assert xattrs.get_xattr("f", self.settable_xattr) == b"red"

    def test_xattrs_change_as_a_whole(self, backend: Backend) -> None:
        """A change without them leaves them alone; one with them drops those that it does not name."""
        xattrs = ability(backend, KeepsXattrs)
        keeps = ability(backend, KeepsAttributes)
        other = f"{self.settable_xattr}-other"
        backend.write("f", b"x", attributes=Attributes(xattrs={self.settable_xattr: b"red"}))
        keeps.set_attributes("f", Attributes(mode=0o600))
        assert xattrs.get_xattr("f", self.settable_xattr) == b"red"
        keeps.set_attributes("f", Attributes(xattrs={other: b"blue"}))
        listed = xattrs.list_xattrs("f")
        assert self.settable_xattr not in listed
        assert xattrs.get_xattr("f", other) == b"blue"
        keeps.set_attributes("f", Attributes(xattrs={}))
        assert other not in xattrs.list_xattrs("f")
        assert (backend.stat("f").mode, content(backend, "f")) == (0o600, b"x")

    def _telling_xattrs(self, backend: Backend) -> dict[str, bytes]:
        """A file `d/f` with two extended attributes, in a storage whose entries tell them."""
        ability(backend, KeepsXattrs)
        given = {self.settable_xattr: b"red", f"{self.settable_xattr}-other": b""}
        backend.write("d/f", b"x", attributes=Attributes(xattrs=given))
        if backend.stat("d/f").xattrs is None:
            pytest.skip("extended attributes are asked for one by one here")
        return given

    def test_entries_tell_all_xattrs(self, backend: Backend) -> None:
        """`stat` and complete entries of a listing tell the same, and that there are none; changes too."""
        given = self._telling_xattrs(backend)
        xattrs = ability(backend, KeepsXattrs)
        backend.write("d/plain", b"x")
        listed = {entry.name: entry for entry in backend.list("d") if entry.complete}
        assert {name: entry.xattrs for name, entry in listed.items()} == {"f": given, "plain": {}}
        assert (backend.stat("d/f").xattrs, backend.stat("d/plain").xattrs) == (given, {})
        assert (backend.stat("d").xattrs, backend.stat("").xattrs) == ({}, {})
        xattrs.set_xattr("d/f", self.settable_xattr, b"blue")
        xattrs.remove_xattr("d/f", f"{self.settable_xattr}-other")
        assert backend.stat("d/f").xattrs == {self.settable_xattr: b"blue"}

    def test_xattrs_go_along_with_copies(self, backend: Backend) -> None:
        """The target has the source's, and each its own from then on."""
        given = self._telling_xattrs(backend)
        xattrs = ability(backend, KeepsXattrs)
        ability(backend, Copies).copy("d/f", "g")
        xattrs.remove_xattr("d/f", self.settable_xattr)
        assert backend.stat("g").xattrs == given

    def test_links_and_special_files_are_made_with_xattrs(self, backend: Backend) -> None:
        """As files are."""
        given = self._telling_xattrs(backend)
        ability(backend, KeepsSymlinks).make_symlink("link", "d/f", attributes=Attributes(xattrs=given))
        specials = ability(backend, KeepsSpecialFiles)
        specials.make_special("fifo", stat.S_IFIFO | 0o600, 0, attributes=Attributes(xattrs=given))
        assert (backend.stat("link").xattrs, backend.stat("fifo").xattrs) == (given, given)

    def test_attributes_take_no_impossible_key(self, backend: Backend) -> None:
        """Keys are checked before anything else."""
        keeps = ability(backend, KeepsAttributes)
        with pytest.raises(InvalidPath):
            keeps.set_attributes("../out", Attributes(mode=0o600))
