"""Layers that refuse: permissions in three steps, and the drop box that is only written to."""

import errno
from collections.abc import Callable

import pytest

from vfs.engine.backend import (
    Backend,
    CompletesEntries,
    Copies,
    DeletesMany,
    HashesContent,
    KeepsSymlinks,
    KeepsVersions,
    KeepsXattrs,
    Moves,
    OpensInPlace,
    ReadsBeginning,
    ReadsRanges,
    SignsUrls,
    SweepsTree,
)
from vfs.engine.capabilities import READING, Capability
from vfs.engine.errors import PermissionDenied
from vfs.engine.histories import SweepsVersions
from vfs.engine.layers.permissions import PermissionsOptions, allow
from vfs.engine.layers.writeonly import WriteOnlyLayer
from vfs.engine.originals import TellsOriginal
from vfs.testing.layer import ABILITIES
from vfs.testing.layer_store import WatchedStore
from vfs.testing.limits import content, names


@pytest.fixture
def store() -> WatchedStore:
    store = WatchedStore()
    store.write("d/f", b"content")
    store.make_symlink("link", "d/f")
    store.make_directory("empty")
    store.set_xattr("d/f", "user.a", b"1")
    return store


def refused(number: int, *acts: Callable[[], object]) -> None:
    for act in acts:
        with pytest.raises(PermissionDenied) as caught:
            act()
        assert caught.value.errno == number


def test_readonly_refuses_every_change(store: WatchedStore) -> None:
    """As a mount with `permissions: readonly` does."""
    layer = allow(store, PermissionsOptions(allow="readonly"))
    refused(
        errno.EROFS,
        lambda: layer.write("new", b""),
        lambda: layer.delete("d/f"),
        lambda: layer.make_directory("new"),
    )
    assert content(layer, "d/f") == b"content"
    assert Capability.READONLY in layer.capabilities


def test_readwrite_changes_and_never_removes(store: WatchedStore) -> None:
    """New files, replaced files and renames; deleting anything is EPERM, by whatever call."""
    layer = allow(store, PermissionsOptions(allow="readwrite"))
    layer.write("d/f", b"replaced")
    layer.write("new", b"x")
    moves = layer.ability(Moves)
    assert moves is not None
    moves.move("new", "renamed")
    refused(errno.EPERM, lambda: layer.delete("renamed"), lambda: layer.remove_directory("empty"))
    assert layer.ability(DeletesMany) is None
    assert names(layer) == ["d", "empty", "link", "renamed"]
    assert store.capabilities - layer.capabilities == {Capability.DELETE}


def test_delete_allows_everything(store: WatchedStore) -> None:
    """Nothing stands in the way."""
    assert allow(store, PermissionsOptions()) is store


def test_writeonly_gives_nothing_out(store: WatchedStore) -> None:
    """No content, no listing, no value of an attribute, through any call; EACCES says so."""
    layer = WriteOnlyLayer(store)
    links, xattrs = layer.ability(KeepsSymlinks), layer.ability(KeepsXattrs)
    assert links is not None
    assert xattrs is not None
    refused(
        errno.EACCES,
        lambda: layer.read("d/f"),
        lambda: layer.list(""),
        lambda: links.read_symlink("link"),
        lambda: xattrs.get_xattr("d/f", "user.a"),
    )
    assert layer.stat("d/f").xattrs is None
    given_out = {CompletesEntries, HashesContent, KeepsVersions, OpensInPlace, ReadsBeginning, ReadsRanges,
                 SignsUrls, SweepsTree, SweepsVersions, TellsOriginal}  # fmt: skip
    for wanted in ABILITIES:
        expected = store.ability(wanted) is not None and wanted not in given_out
        assert (layer.ability(wanted) is not None) == expected


def test_writeonly_takes_everything(store: WatchedStore) -> None:
    """Files are written, replaced, copied and deleted, and a name can be looked up for that."""
    layer: Backend = WriteOnlyLayer(store)
    layer.write("in/box", b"dropped")
    layer.write("d/f", b"replaced", if_match=layer.stat("d/f").etag)
    copies = layer.ability(Copies)
    assert copies is not None
    copies.copy("in/box", "in/second")
    layer.delete("in/box")
    assert content(store, "in/second") == b"dropped"
    assert content(store, "d/f") == b"replaced"
    lost = {Capability.READ, Capability.LIST, Capability.GLOB, Capability.SEEKABLE_READ, Capability.LAZY_READ}
    assert store.capabilities - layer.capabilities == lost
    assert not layer.capabilities & (READING - {Capability.METADATA})
