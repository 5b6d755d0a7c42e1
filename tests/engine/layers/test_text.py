"""The text layer: one encoding in the store, another one shown."""

import errno
from typing import ClassVar

import pytest

from vfs.config import settings_from
from vfs.engine.backend import Backend, CompletesEntries
from vfs.engine.errors import ConfigError, StorageError
from vfs.engine.layers.text import TextLayer, TextOptions
from vfs.testing.layer_content import ContentLayerContract
from vfs.testing.layer_store import WatchedStore
from vfs.testing.limits import content, names


def around(store: Backend, stored: str, shown: str = "utf-8", **limits: int) -> TextLayer:
    return TextLayer(store, TextOptions.model_validate({"stored": stored, "shown": shown, **limits}))


class TestText(ContentLayerContract):
    """All bytes are Latin-1, so the whole contract of backends holds."""

    adds: ClassVar[frozenset[type]] = frozenset({CompletesEntries})

    def wrap(self, inner: Backend) -> Backend:
        return around(inner, "utf-16", "latin-1")


class TestTextOnDisk(TestText):
    """Files that are kept on disk from the first bytes on, and only one of them."""

    def wrap(self, inner: Backend) -> Backend:
        return around(inner, "utf-16", "latin-1", memory=10, keep=0)


@pytest.mark.parametrize("encoding", ["cp1252", "latin-1", "utf-16", "utf-32-be", "utf-8-sig"])
def test_text_is_the_same_in_another_encoding(encoding: str) -> None:
    """Both ways, whatever was there before."""
    store = WatchedStore()
    layer = around(store, encoding)
    layer.write("f", "naïve café\n".encode())
    assert content(store, "f").decode(encoding) == "naïve café\n"
    store.write("g", "Größe".encode(encoding))
    assert content(layer, "g") == "Größe".encode()
    assert layer.stat("g").size == len("Größe".encode())


def test_characters_may_lie_across_pieces() -> None:
    """A piece may end in the middle of one."""
    store = WatchedStore()
    data = "añ日🦊".encode() * 1000
    around(store, "utf-16").write("f", iter([data[at : at + 1] for at in range(len(data))]))
    assert content(store, "f").decode("utf-16") == data.decode()


def test_what_the_store_cannot_hold_is_refused() -> None:
    """With EILSEQ, and the old file stays."""
    store = WatchedStore()
    layer = around(store, "latin-1")
    layer.write("f", b"old")
    for data in ("snow: ☃".encode(), b"\xff not utf-8", b"cut short: \xe2\x98"):
        with pytest.raises(StorageError) as caught:
            layer.write("f", data)
        assert (caught.value.errno, caught.value.path) == (errno.EILSEQ, "f")
        with pytest.raises(StorageError):
            layer.write("new", iter([data]))
    assert content(layer, "f") == b"old"
    assert names(store) == ["f"]


def test_what_is_no_text_is_refused() -> None:
    """With EILSEQ, and its name."""
    store = WatchedStore()
    store.write("f", b"\xff\xfe")
    with pytest.raises(StorageError) as caught:
        around(store, "utf-8", "latin-1").read("f")
    assert (caught.value.errno, caught.value.path) == (errno.EILSEQ, "f")


def test_a_file_is_fetched_once() -> None:
    """Its size and every range of it come from the same reading."""
    store = WatchedStore()
    store.write("f", "é".encode("latin-1") * 1000)
    layer = around(store, "latin-1")
    store.requests.clear()
    assert layer.stat("f").size == 2000
    assert bytes(layer.read("f", 1998, 2000, if_match=store.stat("f").etag)) == "é".encode()
    assert store.requests.count("read f") == 1


@pytest.mark.parametrize("encoding", ["no-such", "base64", "zlib"])
def test_an_encoding_that_is_none_is_refused(encoding: str) -> None:
    """Before anything is mounted."""
    layers = [{"type": "text", "stored": encoding}]
    with pytest.raises(ConfigError, match=r"mounts\.m\.layers\[0\]\.stored: must be an encoding"):
        settings_from({"mounts": {"m": {"type": "memory", "layers": layers}}})
