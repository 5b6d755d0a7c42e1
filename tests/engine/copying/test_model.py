"""Random trees copied between two kinds with random options agree with a model in dicts."""

import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from unittest import mock

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.engine.copying.trees import files, found, put
from tests.engine.nodes import storage_in
from vfs.engine import paths
from vfs.engine.copying import plan
from vfs.engine.nodes import StorageNode
from vfs.storage import StorageManager

FILES = ["a", "b*.txt", "[1].txt", "ü \n"]
FOLDERS = ["d", "e?", "d/f", "d/g", "e?/f"]

paths_of_files = st.one_of(
    st.sampled_from(FILES), st.builds(paths.join, st.sampled_from(FOLDERS), st.sampled_from(FILES))
)
trees = st.builds(
    lambda content, folders: {**dict.fromkeys(folders), **content},
    st.dictionaries(paths_of_files, st.sampled_from([b"", b"x", b"y", b"long"]), max_size=6),
    st.lists(st.sampled_from(FOLDERS), max_size=2),
)


@dataclass(frozen=True)
class Patterns:
    """A choice of patterns, and which paths they mean."""

    include: tuple[str, ...]
    exclude: tuple[str, ...]
    means: Callable[[str], bool]


PATTERNS = [
    Patterns((), (), lambda path: True),
    Patterns(("*.txt",), (), lambda path: path.endswith(".txt")),
    Patterns((), ("*.txt",), lambda path: not path.endswith(".txt")),
    Patterns((), ("d",), lambda path: path != "d" and not path.startswith("d/")),
    Patterns((), ("d/*",), lambda path: not path.startswith("d/")),
    Patterns(("d/**/a", "e[?]"), ("f",), lambda path: _is_picked(path)),
]


def _is_picked(path: str) -> bool:
    parts = path.split("/")
    included = parts[0] == "e?" or (parts[0] == "d" and parts[-1] == "a")
    return included and "f" not in parts


SKIPS: dict[str, Callable[[bytes, bytes], bool]] = {
    "never": lambda ours, theirs: False,
    "exists": lambda ours, theirs: True,
    "size": lambda ours, theirs: len(ours) == len(theirs),
    "hash": lambda ours, theirs: ours == theirs,
}


@dataclass(frozen=True)
class Outcome:
    """What the model says will be there, and the numbers."""

    files: dict[str, bytes]
    copied: int
    skipped: int
    excluded: int
    deleted: int


def model(
    source: dict[str, bytes], target: dict[str, bytes], patterns: Patterns, skip: str, delete: bool
) -> Outcome:
    meant = {path: content for path, content in source.items() if patterns.means(path)}
    skipped = {path for path in meant if path in target and SKIPS[skip](meant[path], target[path])}
    gone = {path for path in target if delete and patterns.means(path) and path not in source}
    kept = {path: content for path, content in target.items() if path not in gone}
    copied = {path: content for path, content in meant.items() if path not in skipped}
    return Outcome(kept | copied, len(copied), len(skipped), len(source) - len(meant), len(gone))


@pytest.fixture(scope="module")
def mounts(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StorageManager]:
    folder: Path = tmp_path_factory.mktemp("model")
    with storage_in(folder) as storage:
        yield storage


numbers = itertools.count()


@pytest.mark.parametrize(
    ("here", "there"),
    [("memory", "local"), ("local", "sqlite"), ("sqlite", "sqlite"), ("journalled", "memory")],
)
@settings(max_examples=60, deadline=None)
@given(
    trees,
    trees,
    st.sampled_from(PATTERNS),
    st.sampled_from(sorted(SKIPS)),
    st.booleans(),
    st.sampled_from([1, 5]),
    st.sampled_from([0, 3, plan.SWEPT_AT_MOST]),
)
def test_copies_agree_with_the_model(
    mounts: StorageManager,
    here: str,
    there: str,
    source: dict[str, bytes | None],
    target: dict[str, bytes | None],
    patterns: Patterns,
    skip: str,
    delete: bool,
    workers: int,
    swept: int,
) -> None:
    """The files afterwards, the summary's numbers, and what a dry run and a second run say."""
    number = next(numbers)
    top, other = mounts.node(f"{here}:source{number}"), mounts.node(f"{there}:target{number}")
    top.mkdir()
    put(top, source)
    put(other, target)
    expected = model(files(source), files(target), patterns, skip, delete)

    def copied(*, dry_run: bool) -> Outcome:
        summary = top.copy_to(
            other,
            include=patterns.include,
            exclude=patterns.exclude,
            skip=skip,  # type: ignore[arg-type]
            delete=delete,
            workers=workers,
            dry_run=dry_run,
        )
        assert summary.ok
        numbers = (summary.copied, summary.skipped, summary.excluded, summary.deleted)
        return Outcome(files(found(other)), *numbers)

    patched = mock.patch.object(plan, "SWEPT_AT_MOST", swept)
    with patched:
        dry = copied(dry_run=True)
    assert dry.files == files(target)
    assert (dry.copied, dry.skipped, dry.deleted) == (expected.copied, expected.skipped, expected.deleted)
    with patched:
        assert copied(dry_run=False) == expected
    assert files(found(top)) == files(source)
    again = copied(dry_run=False)
    assert again.files == expected.files
    assert (again.copied, again.deleted) == (0 if skip != "never" else expected.copied, 0)
    _check_folders(top, other, patterns, delete)


def _check_folders(top: StorageNode, other: StorageNode, patterns: Patterns, delete: bool) -> None:
    """A mirror of everything has the same folders; a copy has them at least, unless patterns pick files."""
    ours = {path for path, content in found(top).items() if content is None}
    theirs = {path for path, content in found(other).items() if content is None}
    if patterns is PATTERNS[0]:
        assert ours == theirs if delete else ours <= theirs
