"""Abilities of storages in both colours: none is forgotten, and each is called as its protocol says."""

import importlib
import inspect
import pkgutil
from pathlib import Path
from typing import get_type_hints

import anyio
import pytest

from tests.fakes import ObjectStore
from vfs import engine
from vfs.aio.backends import (
    AsyncBackend,
    AsyncKeepsSymlinks,
    AsyncKeepsVersions,
    AsyncOpenFile,
    AsyncPartUpload,
    AsyncSignsUrls,
    AsyncSweepsTree,
    AsyncUploadsParts,
    BlockingBackend,
    ThreadedBackend,
)
from vfs.aio.backends.carrying import AS_THEY_ARE, AWAITED, LOOKS
from vfs.engine.aside import ShowsAside
from vfs.engine.backend import OpenFile, PartUpload
from vfs.engine.backends.base64 import Base64Backend
from vfs.engine.backends.local import LocalBackend, LocalOptions
from vfs.engine.backends.memory import MemoryBackend
from vfs.engine.descriptors import LiesInLocalFile
from vfs.engine.layers.versioned import VersionedLayer

NOT_OF_STORAGES = {ShowsAside, LiesInLocalFile}
"""What shows entries aside is none, nor is an open file."""


def every_ability() -> set[type]:
    """The protocols of the engine that a storage may keep."""
    modules = [
        importlib.import_module(found.name) for found in pkgutil.iter_modules(engine.__path__, "vfs.engine.")
    ]
    found = {
        kind
        for module in modules
        for kind in vars(module).values()
        if getattr(kind, "_is_runtime_protocol", False)
    }
    return {kind for kind in found if kind.__module__.startswith("vfs.engine.")} - NOT_OF_STORAGES


def test_no_ability_is_forgotten() -> None:
    """Each has an awaited form, or is the same in both colours."""
    assert len(every_ability()) > 30
    assert every_ability() == set(AWAITED) | AS_THEY_ARE


def arguments(method: object) -> list[tuple[str, object, object]]:
    found = inspect.signature(method).parameters.values()  # type: ignore[arg-type]
    return [(argument.name, argument.kind, argument.default) for argument in found]


PAIRS = {**AWAITED, OpenFile: AsyncOpenFile, PartUpload: AsyncPartUpload}


@pytest.mark.parametrize(("ability", "form"), PAIRS.items(), ids=[kind.__name__ for kind in PAIRS])
def test_an_awaited_form_has_the_same_methods(ability: type, form: type) -> None:
    """With the same arguments, and what they give; one that can only be told at once has no awaited form."""
    ours, theirs = ({name for name in vars(kind) if name[0] != "_"} for kind in (form, ability))
    assert theirs - ours <= {"read_ready"}
    assert ours <= theirs
    assert form.__name__ == f"Async{ability.__name__}"
    for name in ours:
        blocking, awaited = getattr(ability, name), getattr(form, name)
        assert arguments(awaited) == arguments(blocking), name
        given, expected = (str(get_type_hints(method)["return"]) for method in (awaited, blocking))
        assert (
            given.replace("AsyncIterator", "Iterator")
            .rpartition("Async")[2]
            .endswith(expected.rpartition(".")[2])
        ), name


def test_what_looks_changes_nothing() -> None:
    """Each method that is given up when it is cancelled is one of some ability's."""
    methods = {name for form in PAIRS.values() for name in vars(form)}
    assert methods >= LOOKS
    assert not {name for name in LOOKS if name.startswith(("set", "make", "delete", "restore", "write"))}


def test_there_and_back_nothing_is_lost(tmp_path: Path) -> None:
    """The words of a storage, and each of its abilities, are those of the storage itself."""
    for inner in (MemoryBackend(), LocalBackend(LocalOptions(path=str(tmp_path))), Base64Backend()):
        there = BlockingBackend(ThreadedBackend(inner))
        assert there.capabilities == inner.capabilities
        for ability in every_ability():
            assert (there.ability(ability) is None) == (inner.ability(ability) is None), ability
        there.close()


@pytest.mark.anyio
async def test_abilities_are_awaited() -> None:
    """Versions, links and sweeps of a storage, from a loop."""
    there: AsyncBackend = ThreadedBackend(VersionedLayer(MemoryBackend()))
    for content in (b"one", b"two"):
        await there.write("a", content)
    versions = there.ability(AsyncKeepsVersions)
    assert versions is not None
    old, new = await versions.list_versions("a")
    await versions.restore_version("a", old.id)
    assert bytes(await there.read("a")) == b"one"
    assert bytes(await there.read("a", version=new.id)) == b"two"
    sweeps = there.ability(AsyncSweepsTree)
    assert sweeps is not None
    assert [key async for key, _ in sweeps.sweep("")] == ["a"]
    assert there.ability(AsyncSignsUrls) is None
    links = there.ability(AsyncKeepsSymlinks)
    assert links is not None
    await links.make_symlink("link", "a")
    assert await links.read_symlink("link") == "a"
    await there.aclose()


@pytest.mark.anyio
async def test_an_upload_in_parts_from_many_tasks() -> None:
    """Parts are sent at once, and seen when the upload is complete; one that is aborted leaves nothing."""
    there = ThreadedBackend(ObjectStore())
    uploads = there.ability(AsyncUploadsParts)
    assert uploads is not None
    size = uploads.part_limits.smallest
    upload = await uploads.begin_upload("big")
    async with anyio.create_task_group() as group:
        for number in (1, 2, 3):
            group.start_soon(upload.put, number, bytes([number]) * size)
    await upload.complete()
    assert bytes(await there.read("big")) == b"\1" * size + b"\2" * size + b"\3" * size
    gone = await uploads.begin_upload("none")
    await gone.put(1, b"x")
    await gone.abort()
    assert [entry.name async for entry in there.list("")] == ["big"]
    await there.aclose()
