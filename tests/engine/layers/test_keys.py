"""Layers under which entries stand at other keys: prefix, hash_prefix, url_encode."""

import hashlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import ClassVar

import pytest

from tests.fakes import ObjectStore
from vfs.engine import paths
from vfs.engine.backend import (
    Backend,
    CompletesEntries,
    Copies,
    DeletesMany,
    KeepsAttributes,
    Moves,
    OpensInPlace,
    SweepsTree,
    UploadsParts,
)
from vfs.engine.backends.local import LocalBackend, LocalOptions
from vfs.engine.capabilities import Capability
from vfs.engine.entries import Attributes
from vfs.engine.errors import InvalidPath, NotADirectory, NotFound
from vfs.engine.histories import SweepsVersions
from vfs.engine.layers.hash_prefix import HashPrefixLayer, HashPrefixOptions
from vfs.engine.layers.prefix import PrefixLayer, PrefixOptions
from vfs.engine.layers.readonly import ReadOnlyLayer
from vfs.engine.layers.url_encode import UrlEncodeLayer, UrlEncodeOptions
from vfs.testing.backend import BackendContract
from vfs.testing.layer import LayerContract
from vfs.testing.layer_store import WatchedStore
from vfs.testing.limits import content, names

IN_WORK = PrefixOptions(prefix="/work/deep/")


class TestPrefix(LayerContract):
    is_invisible = False
    longest_key_bytes = paths.MAX_KEY_BYTES - len("work/deep/")

    def wrap(self, inner: Backend) -> Backend:
        return PrefixLayer(inner, IN_WORK)


class TestPrefixOverPrefix(LayerContract):
    is_invisible = False
    longest_key_bytes = paths.MAX_KEY_BYTES - len("work/deep/a/")

    def wrap(self, inner: Backend) -> Backend:
        return PrefixLayer(PrefixLayer(inner, IN_WORK), PrefixOptions(prefix="a"))


class TestPrefixOverAFolder(BackendContract):
    etag_survives_attribute_changes = False

    @pytest.fixture
    def backend(self, tmp_path: Path) -> Iterator[Backend]:
        backend = PrefixLayer(LocalBackend(LocalOptions(path=tmp_path)), IN_WORK)
        yield backend
        backend.close()


class TestHashPrefix(LayerContract):
    is_invisible = False
    longest_key_bytes = paths.MAX_KEY_BYTES - 100
    drops: ClassVar[frozenset[type]] = frozenset(
        {CompletesEntries, Moves, OpensInPlace, SweepsTree, SweepsVersions}
    )
    loses: ClassVar[frozenset[Capability]] = frozenset({Capability.ATOMIC_MOVE})
    requests_of_a_listing = 2

    def wrap(self, inner: Backend) -> Backend:
        return HashPrefixLayer(inner)


class TestHashPrefixOfOneDigit(TestHashPrefix):
    """Entries and the folders that the store makes above others meet at the same places."""

    def wrap(self, inner: Backend) -> Backend:
        return HashPrefixLayer(inner, HashPrefixOptions(length=1))


class TestHashPrefixOverAFolder(BackendContract):
    """A storage without sweeps, with hard links and special files."""

    longest_key_bytes = paths.MAX_KEY_BYTES - 100
    etag_survives_attribute_changes = False

    @pytest.fixture
    def backend(self, tmp_path: Path) -> Iterator[Backend]:
        backend = HashPrefixLayer(LocalBackend(LocalOptions(path=tmp_path)))
        yield backend
        backend.close()


class TestUrlEncode(LayerContract):
    is_invisible = False
    unkeepable_names: ClassVar[frozenset[str]] = frozenset({"é" * 127})

    def wrap(self, inner: Backend) -> Backend:
        return UrlEncodeLayer(inner)


def test_a_prefix_is_a_folder_of_the_store() -> None:
    """Entries stand below it, and nothing else is seen or reached."""
    store = WatchedStore()
    store.write("work/deep/f", b"inside")
    store.write("work/deeper", b"outside")
    layer = PrefixLayer(store, IN_WORK)
    assert names(layer) == ["f"]
    layer.write("d/g", b"new")
    assert content(store, "work/deep/d/g") == b"new"
    for key in ("../deeper", "d/../../deeper"):
        with pytest.raises(InvalidPath):
            layer.read(key)


def test_a_prefix_that_is_not_there_is_an_empty_root() -> None:
    """Looking makes nothing, also where nothing can be made."""
    store = WatchedStore()
    for layer in (PrefixLayer(store, IN_WORK), PrefixLayer(ReadOnlyLayer(store), IN_WORK)):
        assert layer.stat("").is_folder
        assert names(layer) == []
        with pytest.raises(NotFound) as caught:
            layer.read("f")
        assert caught.value.path == "f"
    assert names(store) == []


def test_a_prefix_that_is_a_file_says_so() -> None:
    """Instead of looking like an empty storage."""
    store = WatchedStore()
    store.write("work/deep", b"a file")
    with pytest.raises(NotADirectory):
        PrefixLayer(store, IN_WORK).stat("")


@pytest.mark.parametrize("prefix", ["", "/", "..", "a/../b"])
def test_an_impossible_prefix_is_refused(prefix: str) -> None:
    """Before anything is asked of the store."""
    with pytest.raises(ValueError):
        PrefixOptions(prefix=prefix)


def test_many_keys_are_mapped() -> None:
    """Deleting many deletes those below the prefix."""

    class Deleting(WatchedStore):
        def delete_many(self, keys: list[str]) -> None:
            for key in keys:
                self.delete(key)

    store = Deleting()
    store.write("f", b"outside")
    store.write("work/deep/f", b"inside")
    many = PrefixLayer(store, IN_WORK).ability(DeletesMany)
    assert many is not None
    many.delete_many(["f"])
    assert content(store, "f") == b"outside"
    assert names(store, "work/deep") == []


def test_an_error_names_the_key_that_was_asked_for() -> None:
    """Of two keys, the one that is to blame."""
    layer = PrefixLayer(WatchedStore(), IN_WORK)
    copies = layer.ability(Copies)
    assert copies is not None
    layer.write("f", b"x")
    layer.make_directory("d")
    with pytest.raises(IsADirectoryError) as caught:
        copies.copy("f", "d")
    assert caught.value.path == "d"  # type: ignore[attr-defined]


def test_a_hashed_key_keeps_the_key() -> None:
    """`<first digits of the SHA-256>/<key>`, for files in folders and folders alike."""
    store = WatchedStore()
    layer = HashPrefixLayer(store)
    layer.write("d/f", b"x")
    assert content(store, f"{hashlib.sha256(b'd/f').hexdigest()[:8]}/d/f") == b"x"
    assert store.stat(f"{hashlib.sha256(b'd').hexdigest()[:8]}/d").is_folder


def test_a_hashed_store_is_left_clean() -> None:
    """What was made for files that are gone goes with them."""
    store = WatchedStore()
    layer = HashPrefixLayer(store)
    for number in range(20):
        layer.write(f"a/b/{number}", b"x")
    for number in range(20):
        layer.delete(f"a/b/{number}")
    layer.remove_directory("a/b")
    layer.remove_directory("a")
    assert names(store) == []


def test_a_flat_hashed_store_of_another_tool_is_read() -> None:
    """Keys without folders need nothing but their files at their places."""
    store = WatchedStore()
    store.write(f"{hashlib.sha256(b'key').hexdigest()[:8]}/key", b"x")
    store.write("somebody/else", b"y")
    assert names(HashPrefixLayer(store)) == ["key"]
    assert content(HashPrefixLayer(store), "key") == b"x"


def test_encoded_names_are_plain_ascii() -> None:
    """Whatever the name, the store sees letters, digits and a few signs."""
    store = WatchedStore()
    layer = UrlEncodeLayer(store)
    for name in ("a b", "100%", "ü", "a*[1]?", os.fsdecode(b"\xff")):
        layer.write(f"d d/{name}", b"x")
    assert names(store) == ["d%20d"]
    assert names(store, "d%20d") == ["%C3%BC", "%FF", "100%25", "a%20b", "a%2A%5B1%5D%3F"]
    layer = UrlEncodeLayer(store, UrlEncodeOptions(safe=" %/"))
    layer.write("a b%", b"x")
    assert names(store) == ["a b%25", "d%20d"]


def test_a_name_that_is_not_so_encoded_is_not_shown() -> None:
    """It could not be reached under what it would be called."""
    store = WatchedStore()
    for name in ("plain", "not encoded", "%7Eneedless", "%2F", "%2e%2e", "%zz"):
        store.write(name, b"x")
    assert names(UrlEncodeLayer(store)) == ["plain"]
    sweeps = UrlEncodeLayer(store).ability(SweepsTree)
    assert sweeps is not None
    assert [key for key, _ in sweeps.sweep("")] == ["plain"]


def test_parts_and_attributes_reach_the_mapped_key() -> None:
    """What an ability does happens where the files are."""
    store = ObjectStore()
    layer = PrefixLayer(store, IN_WORK)
    uploads, keeps = layer.ability(UploadsParts), layer.ability(KeepsAttributes)
    assert uploads is not None
    assert keeps is not None
    upload = uploads.begin_upload("f")
    upload.put(1, b"x")
    assert upload.complete().path == "f"
    assert keeps.set_attributes("f", Attributes(mode=0o600)).name == "f"
    assert store.stat("work/deep/f").mode == 0o600
