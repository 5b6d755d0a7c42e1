"""The base64 layer: any decoder reads what it stores, and its size alone tells that of the content."""

import base64

import pytest

from vfs.engine.backend import Backend
from vfs.engine.errors import StorageError
from vfs.engine.layers.base64 import Base64Layer, Base64Options
from vfs.testing.layer_content import ContentLayerContract
from vfs.testing.layer_store import WatchedStore
from vfs.testing.limits import content


class TestBase64(ContentLayerContract):
    def wrap(self, inner: Backend) -> Backend:
        return Base64Layer(inner)


class TestUrlSafeBase64(ContentLayerContract):
    def wrap(self, inner: Backend) -> Backend:
        return Base64Layer(inner, Base64Options(alphabet="urlsafe"))


@pytest.mark.parametrize("size", range(8))
def test_any_decoder_reads_what_is_stored(size: int) -> None:
    """Padding included; a line end after each `=` is what decoders ignore."""
    store = WatchedStore()
    data = bytes(range(250, 250 + 6))[:size] + b"x" * max(0, size - 6)
    Base64Layer(store).write("f", data)
    assert base64.b64decode(content(store, "f")) == data


def test_the_url_safe_alphabet_needs_no_escapes() -> None:
    """No `+` and no `/`."""
    store = WatchedStore()
    Base64Layer(store, Base64Options(alphabet="urlsafe")).write("f", b"\xfb\xff\xfe" * 10)
    assert content(store, "f") == b"-__-" * 10
    assert base64.urlsafe_b64decode(content(store, "f")) == b"\xfb\xff\xfe" * 10


def test_padding_that_hides_the_size_is_refused() -> None:
    """Rather than a file that ends before the size it was said to have."""
    store = WatchedStore()
    store.write("f", base64.b64encode(b"1234"))
    with pytest.raises(StorageError, match="padding"):
        Base64Layer(store).read("f")


def test_a_range_costs_the_range() -> None:
    """One look at the entry, one range of the store."""
    store = WatchedStore()
    layer = Base64Layer(store)
    layer.write("f", b"x" * 300_000)
    store.requests.clear()
    layer.read("f", 100_000, 100_003, if_match=store.stat("f").etag)
    assert store.answers == [8]
