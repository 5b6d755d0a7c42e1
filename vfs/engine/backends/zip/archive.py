"""An archive as it was at one moment: an open file, its members, and the tree that their names make."""

import os
import struct
import weakref
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import replace

from vfs.engine import paths
from vfs.engine.backends.zip.member import Member, Span, key_of, without_zip64
from vfs.engine.entries import Entry, EntryKind
from vfs.engine.errors import InvalidPath, IsADirectory, NotADirectory, NotFound, StorageError, from_os_error

LOCAL_HEADER = struct.Struct("<4s5H3L2H")


class Tree:
    """The folders and files that members stand for.

    Of two members with one key the later counts; a key that has others below it is a folder, whatever a
    member of that name says.
    """

    def __init__(self, members: Iterable[Member]) -> None:
        self.members = list(members)
        self._by_key: dict[str, Member] = {}
        self._children: dict[str, dict[str, None]] = {"": {}}
        for member in self.members:
            if member.key is not None:
                self._by_key[member.key] = member
                self._add(member.key, member.is_folder)

    def _add(self, key: str, is_folder: bool) -> None:
        if is_folder:
            self._children.setdefault(key, {})
        while key:
            folder, _, name = key.rpartition("/")
            known = folder in self._children
            self._children.setdefault(folder, {})[name] = None
            if known and folder:
                return
            key = folder

    def find(self, key: str) -> Entry | None:
        """The entry at a key, None where nothing is."""
        member = self._by_key.get(key)
        if key in self._children:
            return (
                member.entry() if member and member.is_folder else Entry(paths.name_of(key), EntryKind.FOLDER)
            )
        return None if member is None else member.entry()

    def existing(self, key: str) -> Entry:
        """The entry at a key. Raises NotFound."""
        entry = self.find(key)
        if entry is None:
            raise NotFound(path=key)
        return entry

    def file(self, key: str) -> Member:
        """The regular file at a key. Raises NotFound, IsADirectory, InvalidPath."""
        entry = self.existing(key)
        if entry.is_folder:
            raise IsADirectory(path=key)
        if not entry.is_file:
            raise InvalidPath("not a regular file", key)
        return self._by_key[key]

    def symlink(self, key: str) -> Member:
        """The symlink at a key. Raises NotFound, InvalidPath."""
        if self.existing(key).kind is not EntryKind.SYMLINK:
            raise InvalidPath("not a symlink", key)
        return self._by_key[key]

    def names(self, key: str) -> list[str]:
        """The names in a folder. Raises NotFound, NotADirectory."""
        if not self.existing(key).is_folder:
            raise NotADirectory(path=key)
        return list(self._children[key])

    def has_folder_member(self, key: str) -> bool:
        """Whether the archive itself tells of this folder, or only of what lies below it."""
        member = self._by_key.get(key)
        return member is not None and member.is_folder

    def below(self, key: str) -> Iterator[tuple[str, Entry]]:
        """Everything under a folder but folders that only longer names show."""
        folders = [key]
        while folders:
            above = folders.pop()
            for name in self._children[above]:
                child = paths.join(above, name)
                if child in self._children:
                    folders.append(child)
                if child in self._by_key:
                    yield child, self.existing(child)

    def check_above(self, key: str) -> None:
        """NotADirectory where something other than a folder stands above a key."""
        for above in paths.ancestors(key):
            if above in self._by_key and above not in self._children:
                raise NotADirectory(f"{above} is not a folder", key)


class Archive:
    """An open archive file that nobody changes any more; the descriptor goes with the last user."""

    def __init__(self, descriptor: int, tree: Tree, comment: bytes = b"", start: int = 0) -> None:
        self.descriptor = descriptor
        self.tree = tree
        self.comment = comment
        self.start = start
        """What lies before the first member, such as the program of a self-extracting archive."""
        self.status = os.fstat(descriptor)
        weakref.finalize(self, os.close, descriptor)

    def is_now(self, status: os.stat_result) -> bool:
        """Whether a file's status is that of this archive, unchanged."""
        mine = self.status
        return (mine.st_dev, mine.st_ino, mine.st_size, mine.st_mtime_ns) == (
            status.st_dev,
            status.st_ino,
            status.st_size,
            status.st_mtime_ns,
        )


def read_archive(path: str, encoding: str | None, members_limit: int) -> Archive:
    """Open an archive and read its directory; raises StorageError for what is none.

    `encoding` is that of names which are not marked as UTF-8.
    """
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        with (
            os.fdopen(descriptor, "rb", closefd=False) as file,
            zipfile.ZipFile(file, metadata_encoding=encoding) as archive,
        ):
            infos, comment, end = archive.infolist(), archive.comment, archive.start_dir
        if len(infos) > members_limit:
            raise StorageError(f"{path} has {len(infos)} members; see the option `members_limit`")
        members = _members(infos, descriptor, end, encoding or "cp437")
        start = min((member.span.start for member in members), default=0)
        return Archive(descriptor, Tree(members), comment, start)
    except (zipfile.BadZipFile, ValueError, NotImplementedError, struct.error, OverflowError) as error:
        os.close(descriptor)
        raise StorageError(f"{path} is not a readable ZIP archive ({error})") from error
    except OSError as error:
        os.close(descriptor)
        raise from_os_error(error, "") from error


def content_start(span: Span, key: str) -> int:
    """Where the packed content begins, behind the local header."""
    header = os.pread(span.descriptor, LOCAL_HEADER.size, span.start)
    if len(header) < LOCAL_HEADER.size or header[:4] != b"PK\3\4":
        raise StorageError("the archive is damaged: there is no member where its directory says", key)
    name_size, extra_size = struct.unpack_from("<HH", header, 26)
    return int(span.start + LOCAL_HEADER.size + name_size + extra_size)


def _members(infos: list[zipfile.ZipInfo], descriptor: int, end: int, encoding: str) -> list[Member]:
    """The records with the room that each has: up to the next member, or to the directory."""
    starts = sorted({info.header_offset for info in infos})
    ends = dict(zip(starts, [*starts[1:], end], strict=False))
    return [
        _member(info, Span(descriptor, info.header_offset, ends[info.header_offset]), encoding)
        for info in infos
    ]


def _member(info: zipfile.ZipInfo, span: Span, encoding: str) -> Member:
    year, month, day, hour, minute, second = info.date_time
    name = info.orig_filename
    member = Member(
        key_of(name),
        name.encode("utf-8" if info.flag_bits & 0x800 else encoding),
        span,
        flags=info.flag_bits,
        method=info.compress_type,
        checksum=info.CRC,
        packed_size=info.compress_size,
        size=info.file_size,
        dos_time=((year - 1980) << 9 | month << 5 | day) << 16 | hour << 11 | minute << 5 | second // 2,
        made_by=info.create_system << 8 | info.create_version,
        needs=info.extract_version,
        internal=info.internal_attr,
        external=info.external_attr,
        extra=without_zip64(info.extra),
        comment=info.comment,
    )
    # The root itself may have a member, for its attributes; a file of no name leads nowhere.
    return member if member.key or member.is_folder else replace(member, key=None)
