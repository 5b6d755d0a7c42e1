"""Errors of any backend: whatever is asked of whatever key, only the errors of vfs come out."""

import random
import stat
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import TypeVar

import pytest

from vfs.engine.backend import (
    Backend,
    CompletesEntries,
    Copies,
    DeletesMany,
    HashesContent,
    KeepsAttributes,
    KeepsHardLinks,
    KeepsMetadata,
    KeepsSpecialFiles,
    KeepsSymlinks,
    KeepsVersions,
    KeepsXattrs,
    Moves,
    OpensInPlace,
    ReadsBeginning,
    ReadsRanges,
    SignsUrls,
    SweepsTree,
    UploadsParts,
)
from vfs.engine.entries import Attributes, Entry, EntryKind
from vfs.engine.errors import StorageError
from vfs.engine.histories import SweepsVersions
from vfs.testing.limits import Limits

ChoiceT = TypeVar("ChoiceT")

ACTS = 150

KEYS = [
    "",
    "file",
    "folder",
    "folder/inner",
    "folder/absent",
    "absent",
    "absent/below",
    "file/below",
    "file/below/far",
    ".",
    "..",
    "../outside",
    "folder/../file",
    "/absolute",
    "trailing/",
    "double//slash",
    "/",
    "nul\0inside",
    "*",
    "[",
    "{file,folder}",
    "line\nbreak",
    "%2e%2e",
    "%",
    "file?query",
    "file#fragment",
    "🦊",
    "n" * 256,
    "k/" * 40_000 + "k",
    ("k" * 100 + "/") * 11 + "k",
    "\udcff",
    "\ud800",
]
"""Present, absent, of the wrong kind, odd, too long, and what can be no key at all."""


@dataclass(frozen=True, slots=True)
class Asked:
    """One act to try: the keys and words it is about are drawn anew each time."""

    backend: Backend
    source: random.Random
    drawn: list[object] = field(default_factory=list)

    @property
    def key(self) -> str:
        return self._drawn(KEYS)

    @property
    def etag(self) -> str | None:
        return self._drawn([None, '"no such etag"', "unquoted", ""])

    @property
    def flag(self) -> bool:
        return self._drawn([False, True])

    @property
    def word(self) -> str:
        return self._drawn(["word", "", "two words", "line\nbreak", "ключ", "\0", "w" * 300])

    def _drawn(self, choices: Sequence[ChoiceT]) -> ChoiceT:
        choice = self.source.choice(choices)
        self.drawn.append(choice)
        return choice


Act = Callable[[Asked], object]


def _upload(asked: Asked, uploads: UploadsParts) -> None:
    upload = uploads.begin_upload(asked.key, metadata={asked.word: asked.word})
    try:
        upload.put(1, b"part")
        upload.complete(overwrite=asked.flag, if_match=asked.etag)
    except BaseException:
        upload.abort()
        raise


def _open(asked: Asked, opens: OpensInPlace) -> None:
    if asked.flag:
        opens.open_file(asked.key, write=asked.flag, truncate=False).close()
    else:
        opens.create_file(asked.key, exclusive=asked.flag).close()


REQUIRED: dict[str, Act] = {
    "stat": lambda asked: asked.backend.stat(asked.key),
    "list": lambda asked: list(asked.backend.list(asked.key)),
    "read": lambda asked: asked.backend.read(asked.key, 1, 9, if_match=asked.etag),
    "read a version": lambda asked: asked.backend.read(asked.key, version=asked.word),
    "write": lambda asked: asked.backend.write(
        asked.key, b"new", overwrite=asked.flag, if_match=asked.etag, metadata={asked.word: asked.word}
    ),
    "delete": lambda asked: asked.backend.delete(asked.key, if_match=asked.etag),
    "make_directory": lambda asked: asked.backend.make_directory(asked.key),
    "remove_directory": lambda asked: asked.backend.remove_directory(asked.key),
    "check_key": lambda asked: asked.backend.check_key(asked.key),
}

_ABILITIES: list[tuple[type[object], str, Callable[..., object]]] = [
    (Copies, "copy", lambda asked, can: can.copy(asked.key, asked.key, overwrite=asked.flag)),
    (Moves, "move", lambda asked, can: can.move(asked.key, asked.key, overwrite=asked.flag)),
    (Moves, "exchange", lambda asked, can: can.move(asked.key, asked.key, exchange=True)),
    (ReadsBeginning, "read_beginning", lambda asked, can: can.read_beginning(asked.key, 4)),
    (ReadsRanges, "read_ranges", lambda asked, can: list(can.read_ranges(asked.key, [(0, 2), (3, 4)]))),
    (SweepsTree, "sweep", lambda asked, can: list(can.sweep(asked.key))),
    (
        CompletesEntries,
        "complete_entries",
        lambda asked, can: can.complete_entries(
            asked.key, [Entry("inner", EntryKind.FILE, complete=False), Entry("gone", EntryKind.FILE)]
        ),
    ),
    (DeletesMany, "delete_many", lambda asked, can: can.delete_many([asked.key, asked.key])),
    (UploadsParts, "upload", _upload),
    (KeepsVersions, "list_versions", lambda asked, can: can.list_versions(asked.key)),
    (
        SweepsVersions,
        "sweep_versions",
        lambda asked, can: list(can.sweep_versions(asked.key, deep=asked.flag)),
    ),
    (KeepsVersions, "restore_version", lambda asked, can: can.restore_version(asked.key, asked.word)),
    (KeepsVersions, "delete_version", lambda asked, can: can.delete_version(asked.key, asked.word)),
    (KeepsMetadata, "set_metadata", lambda asked, can: can.set_metadata(asked.key, {asked.word: asked.word})),
    (SignsUrls, "url", lambda asked, can: can.url(asked.key, 60)),
    (
        KeepsAttributes,
        "set_attributes",
        lambda asked, can: can.set_attributes(asked.key, Attributes(mode=0o640, mtime_ns=10**18)),
    ),
    (KeepsSymlinks, "make_symlink", lambda asked, can: can.make_symlink(asked.key, asked.key)),
    (KeepsSymlinks, "read_symlink", lambda asked, can: can.read_symlink(asked.key)),
    (KeepsHardLinks, "make_link", lambda asked, can: can.make_link(asked.key, asked.key)),
    (KeepsSpecialFiles, "make_special", lambda asked, can: can.make_special(asked.key, stat.S_IFIFO, 0)),
    (KeepsXattrs, "get_xattr", lambda asked, can: can.get_xattr(asked.key, f"user.{asked.word}")),
    (KeepsXattrs, "list_xattrs", lambda asked, can: can.list_xattrs(asked.key)),
    (KeepsXattrs, "set_xattr", lambda asked, can: can.set_xattr(asked.key, f"user.{asked.word}", b"x")),
    (KeepsXattrs, "remove_xattr", lambda asked, can: can.remove_xattr(asked.key, f"user.{asked.word}")),
    (OpensInPlace, "open", _open),
    (HashesContent, "content_hash", lambda asked, can: can.content_hash(asked.key)),
]


class ErrorContract(Limits):
    """Promises about what a backend raises."""

    @pytest.mark.parametrize("seed", [1, 2])
    def test_only_our_errors_come_out(self, backend: Backend, seed: int) -> None:
        """Any act on any key, however odd, succeeds or raises an error of ours that says something."""
        acts: dict[str, Act] = dict(REQUIRED)
        for wanted, name, act in _ABILITIES:
            can = backend.ability(wanted)
            if can is not None:
                acts[name] = partial(_asked_of, act, can)
        source = random.Random(seed)
        for number in range(ACTS):
            if number % 25 == 0:
                _set_the_scene(backend)
            name, asked = source.choice(sorted(acts)), Asked(backend, source)
            try:
                raised = _outcome(partial(acts[name], asked))
            except Exception as error:
                raise AssertionError(f"{name} of {asked.drawn!r:.500} let {error!r} out") from error
            assert raised is None or str(raised)


def _asked_of(act: Callable[..., object], can: object, asked: Asked) -> object:
    return act(asked, can)


def _outcome(act: Callable[[], object]) -> StorageError | None:
    """Our error, if one was raised."""
    try:
        act()
    except StorageError as error:
        return error
    return None


def _set_the_scene(backend: Backend) -> None:
    """A file, a folder and a file in it are there, as far as earlier acts left them their places."""
    for key in ("file", "folder/inner"):
        _outcome(partial(backend.write, key, b"content"))
