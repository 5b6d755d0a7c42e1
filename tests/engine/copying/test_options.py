"""What a caller can ask of a copy: what to leave out, what to skip, what to be told, how to try it first."""

from collections.abc import Callable
from typing import Any

import pytest

import vfs
from tests.engine.copying.trees import files, found, put
from tests.stacks import stack_of
from vfs.engine.nodes import StorageNode
from vfs.storage import StorageManager

TREE = {"a.txt": b"1", "b.jpg": b"22", "sub/c.txt": b"333", "sub/[x]*": b"4444", "empty": None}


@pytest.fixture
def source(storage: StorageManager) -> StorageNode:
    node = storage.node("memory:source")
    put(node, TREE)
    return node


def test_a_strategy_by_either_name(source: StorageNode, storage: StorageManager) -> None:
    """`skip` and `skip_if` are one option; names, members of the enum, or a function."""
    source.copy_to("local:there")
    asked: list[tuple[str, str]] = []

    def asks(ours: StorageNode, theirs: StorageNode) -> bool:
        asked.append((ours.fullpath, theirs.fullpath))
        return theirs.exists() and theirs.size() == ours.size()

    choices: list[dict[str, Any]] = [
        {"skip": "size"},
        {"skip_if": "hash"},
        {"skip": vfs.SkipStrategy.EXISTS},
        {"skip": asks},
        {"skip_if": asks},
        {"skip": "custom", "skip_fn": asks},
    ]
    for choice in choices:
        summary = source.copy_to("local:there", **choice)
        assert (summary.copied, summary.skipped, summary.ok) == (0, 4, True)
    assert ("memory:source/sub/[x]*", "local:there/sub/[x]*") in asked
    assert source.copy_to("local:there", skip="never").copied == 4


def test_a_function_is_asked_of_what_is_not_there_too(source: StorageNode) -> None:
    """Its target may not exist, as the strategies of other libraries have it."""
    summary = source.copy_to("local:there", skip=lambda ours, theirs: ours.suffix == ".txt")
    assert (summary.copied, summary.skipped) == (2, 2)


def test_choices_that_contradict_each_other(source: StorageNode) -> None:
    """They are errors of the caller, before anything is done."""
    wrong: list[tuple[type[Exception], dict[str, Any]]] = [
        (TypeError, {"skip": "size", "skip_if": "hash"}),
        (TypeError, {"skip": "custom"}),
        (TypeError, {"skip": "size", "skip_fn": lambda ours, theirs: True}),
        (TypeError, {"skip": lambda ours, theirs: True, "skip_fn": lambda ours, theirs: True}),
        (ValueError, {"skip": "sise"}),
        (ValueError, {"workers": 0}),
    ]
    for error, choice in wrong:
        with pytest.raises(error):
            source.copy_to("local:there", **choice)
    with pytest.raises(ValueError, match="size"):
        source.copy_to("local:there", skip="sise")  # type: ignore[arg-type]


def test_patterns_and_a_filter(source: StorageNode, storage: StorageManager) -> None:
    """Patterns first; the filter is given a node of what they let through, and its path from the top."""
    there, asked = storage.node("local:there"), []

    def small(node: StorageNode, path: str) -> bool:
        asked.append(path)
        return node.size() < 3

    summary = source.copy_to(there, include="*.txt", filter=small)
    assert files(found(there)) == {"a.txt": b"1"}
    assert sorted(asked) == ["a.txt", "sub/c.txt"]
    assert (summary.copied, summary.excluded) == (1, 3)
    source.copy_to(there, exclude=["sub", "*.jpg"], delete=True)
    assert files(found(there)) == {"a.txt": b"1"}


def test_a_filter_that_raises_is_heard(source: StorageNode) -> None:
    """Nothing is copied or left out because of a mistake in a function."""
    with pytest.raises(ZeroDivisionError):
        source.copy_to("local:there", filter=lambda node, path: 1 // 0 == 1)


def test_what_a_callback_raises_ends_the_copy(source: StorageNode) -> None:
    """An error of a storage is no exception: it is not taken for one of the copy."""

    def fails(node: StorageNode) -> None:
        node.child("below").read_text()

    with pytest.raises((vfs.NotFound, vfs.NotADirectory)):
        source.copy_to("local:there", on_file=fails)


def test_everything_is_told(source: StorageNode) -> None:
    """Each file once, in the thread that copies, with numbers that a bar can show."""
    steps: list[tuple[int, int]] = []
    copied: list[StorageNode] = []
    skipped: list[tuple[StorageNode, str]] = []
    (source / "a.txt").copy_to("local:there/a.txt")
    source.copy_to(
        "local:there",
        exclude="*.jpg",
        skip="exists",
        progress=lambda done, total: steps.append((done, total)),
        on_file=copied.append,
        on_skip=lambda node, reason: skipped.append((node, reason)),
    )
    assert steps == [(1, 3), (2, 3), (3, 3)]
    assert sorted(copied) == [source / "sub/[x]*", source / "sub/c.txt"]
    assert sorted(skipped) == [(source / "a.txt", "exists"), (source / "b.jpg", "excluded")]


def test_a_single_file_is_told_too(source: StorageNode) -> None:
    """One of one."""
    steps: list[tuple[int, int]] = []
    (source / "a.txt").copy_to("local:a", progress=lambda done, total: steps.append((done, total)))
    assert steps == [(1, 1)]


def test_a_dry_run_changes_nothing(source: StorageNode, storage: StorageManager) -> None:
    """The numbers and the callbacks are those of the run, also where it would be refused at last."""
    there = storage.node("local:there")
    put(there, {"old": b"x", "a.txt": b"1"})
    told: list[StorageNode] = []
    summary = source.copy_to(there, skip="hash", delete=True, dry_run=True, on_file=told.append)
    assert (summary.copied, summary.skipped, summary.deleted, summary.bytes) == (3, 1, 1, 9)
    assert len(told) == 3
    assert found(there) == {"old": b"x", "a.txt": b"1"}
    assert source.copy_to("locked:", dry_run=True).copied == 4


def test_overwriting_can_be_refused(source: StorageNode, storage: StorageManager) -> None:
    """What is there stays; each file that is in the way is told."""
    put(storage.node("sqlite:there"), {"a.txt": b"old"})
    summary = source.copy_to("sqlite:there", overwrite=False)
    assert (summary.copied, summary.failed_count, summary.ok) == (3, 1, False)
    assert [(failure.path, type(failure.error)) for failure in summary.failed] == [
        ("memory:source/a.txt", vfs.AlreadyExists)
    ]
    with pytest.raises(vfs.AlreadyExists, match=r"^sqlite:there/a\.txt"):
        summary.raise_for_failures()
    assert storage.node("sqlite:there/a.txt").read() == "old"


@pytest.mark.parametrize("there", ["local:a", "sqlite:a", "memory:a", "journalled:a"])
def test_verify_finds_a_wrong_copy(
    source: StorageNode, storage: StorageManager, there: str, corrupting: Callable[[str], None]
) -> None:
    """A copy with other bytes than its source is removed, and told."""
    corrupting(there.partition(":")[0])
    with pytest.raises(vfs.StorageError, match="other bytes than its source"):
        (source / "b.jpg").copy_to(there, verify=True)
    assert not storage.node(there).exists()


@pytest.fixture
def corrupting(storage: StorageManager, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Makes a mount's store spoil a byte of all that is written or copied there."""

    def corrupt(mount: str) -> None:
        backend = stack_of(storage, mount)
        write = backend.write

        def spoiled(key: str, source: Any, **options: Any) -> Any:
            data = (
                bytearray(source) if isinstance(source, bytes | memoryview) else bytearray(b"".join(source))
            )
            data[0] ^= 1
            return write(key, bytes(data), **options)

        def copied(key: str, target: str, *, overwrite: bool = True) -> Any:
            return spoiled(target, bytes(backend.read(key)), overwrite=overwrite)

        monkeypatch.setattr(backend, "write", spoiled)
        monkeypatch.setattr(backend, "copy", copied, raising=False)

    return corrupt
