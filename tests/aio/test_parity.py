"""Both colours have the same names, with the same arguments, and what one gives the other gives awaited."""

import inspect
import re
from collections.abc import AsyncIterator, Iterator
from types import UnionType
from typing import Any, NoReturn, get_args, get_origin

import pytest

import vfs
from vfs.aio import (
    AsyncDiffNode,
    AsyncFile,
    AsyncFolderMapping,
    AsyncIteration,
    AsyncIterNode,
    AsyncPastNode,
    AsyncStorageManager,
    AsyncStorageNode,
    Pending,
)
from vfs.aio.blocks import AsyncBlock
from vfs.aio.files import Opening
from vfs.engine.virtual.nodes import DiffNode, IterNode, PastNode

DOORS = {"add_tree", "resolve", "take_up", "tree", "with_door"}
"""What front doors need of a manager, and programs do not."""

OF_ONE_COLOUR = {"sync", "aio", "separator"}

BRACKETS = {"items", "pop", "popitem", "setdefault", "update", "values"}
"""What a mapping can only do without awaiting."""

COLOURS = [
    (vfs.StorageNode, AsyncStorageNode, set[str]()),
    (vfs.StorageManager, AsyncStorageManager, DOORS),
    (vfs.FolderMapping, AsyncFolderMapping, BRACKETS),
    (IterNode, AsyncIterNode, set[str]()),
    (DiffNode, AsyncDiffNode, set[str]()),
    (PastNode, AsyncPastNode, set[str]()),
]

ids = [pair[0].__name__ for pair in COLOURS]


def public(kind: type) -> set[str]:
    return {name for name in dir(kind) if not name.startswith("_")} - OF_ONE_COLOUR


def methods() -> list[Any]:
    return [
        pytest.param(getattr(sync, name), getattr(aio, name), id=f"{sync.__name__}.{name}")
        for sync, aio, left_out in COLOURS
        for name in sorted(public(sync) - left_out)
        if callable(getattr(sync, name)) and hasattr(aio, name)
    ]


@pytest.mark.parametrize(("sync", "aio", "left_out"), COLOURS, ids=ids)
def test_both_colours_have_the_same_names(sync: type, aio: type, left_out: set[str]) -> None:
    """A method that one colour lacks is found, and so is one that only the asynchronous one has."""
    assert public(sync) - public(aio) == left_out
    assert public(aio) - public(sync) <= {"closed", "folder"}


@pytest.mark.parametrize(("sync", "aio", "left_out"), COLOURS, ids=ids)
def test_both_colours_have_the_same_properties(sync: type, aio: type, left_out: set[str]) -> None:
    """A value in one colour is no method in the other."""
    for name in public(sync) & public(aio):
        both = isinstance(getattr(sync, name), property), isinstance(getattr(aio, name), property)
        assert both[0] == both[1], name


def arguments(method: Any) -> list[tuple[str, Any, Any]]:
    """Names, kinds and defaults; functions that are defaults by their code."""
    found = inspect.signature(method).parameters.values()
    return [(p.name, p.kind, getattr(p.default, "__code__", p.default)) for p in found]


@pytest.mark.parametrize(("sync", "aio"), methods())
def test_both_colours_take_the_same_arguments(sync: Any, aio: Any) -> None:
    """In the same order, with the same defaults."""
    ours, theirs = arguments(aio), arguments(sync)
    if "vet" in inspect.signature(sync).parameters:
        ours, theirs = ([(name, kind) for name, kind, _ in each] for each in (ours, theirs))  # type: ignore[assignment]
    if sync.__name__ == "get":
        ours, theirs = ([name for name, *_ in each] for each in (ours, theirs))  # type: ignore[assignment]
    assert ours == theirs


def colourless(annotation: Any) -> str:
    """A type without what makes it of one colour."""
    text = annotation if isinstance(annotation, str) else str(annotation)
    text = re.sub(r"\b(typing|collections\.abc|vfs(\.\w+)+)\.", "", text)
    return (
        re.sub(r"\bAsync(Storage|Folder|IterNode|DiffNode|PastNode)", r"\1", text)
        .replace("<class '", "")
        .replace("'>", "")
    )


def awaited(annotation: Any) -> Any:
    """What an await, or each step, gives; the annotation itself where nothing is awaited."""
    origin = get_origin(annotation)
    if origin in {Pending, AsyncIteration, AsyncIterator, Iterator}:
        return get_args(annotation)[0]
    return annotation


@pytest.mark.parametrize(("sync", "aio"), methods())
def test_both_colours_give_the_same(sync: Any, aio: Any) -> None:
    """The type that is awaited, or iterated over, is the type that the synchronous method gives."""
    given, expected = (inspect.signature(each).return_annotation for each in (aio, sync))
    if get_origin(given) is Opening or sync.__name__ in {"call", "get", "keys", "local_path", "read", "zip"}:
        return  # overloaded, or a block: tests/typing says what each gives
    assert (get_origin(given) is AsyncIteration) == (get_origin(expected) is Iterator)
    assert colourless(awaited(given)) == colourless(awaited(expected))


NOT_AWAITED = {
    "append",
    "diffnode",
    "extend",
    "iternode",
    "child",
    "mapping",
    "native_path",
    "node",
    "resolve",
    "serve",
    "splitext",
    "supports",
    "to_key",
    "unwrap",
}
"""Methods of both colours that ask no storage."""


def test_what_asks_no_storage_is_not_awaited() -> None:
    """Everything else is, or is gone through with `async for`."""
    plain = {
        "add_backend",
        "add_mount",
        "configure",
        "get_mount_names",
        "has_mount",
        "mount_names",
        "spec",
        "users_of",
    }
    for _, aio, _ in COLOURS:
        for name in public(aio):
            method = getattr(aio, name)
            given = inspect.signature(method).return_annotation if callable(method) else None
            if given not in {None, NoReturn} and name not in NOT_AWAITED | plain:
                each = get_args(given) if get_origin(given) is UnionType else [given]
                assert {get_origin(kind) for kind in each} <= {
                    AsyncBlock,
                    AsyncIteration,
                    Opening,
                    Pending,
                }, name


def test_files_of_both_colours() -> None:
    """An async file has what text and binary files have in common, and one name of its own."""
    names = {name for name in dir(AsyncFile) if not name.startswith("_")} - {"sync", "aclose"}
    with vfs.open([{"name": "m", "type": "memory"}]) as storage, storage.node("m:a").open("w") as file:
        assert names <= set(dir(file)), names - set(dir(file))
    assert names >= {
        "read",
        "readline",
        "readlines",
        "write",
        "writelines",
        "seek",
        "tell",
        "truncate",
        "flush",
    }
