"""The encrypt layer: nobody reads the store without the key, and nobody changes it unnoticed."""

import base64
import os
import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from vfs.config import settings_from
from vfs.engine.backend import Backend, HasLocation
from vfs.engine.backends.local import LocalBackend, LocalOptions
from vfs.engine.errors import ConfigError, StorageError
from vfs.engine.layers.encrypt import CHUNK, HEADER_SIZE, SEALED_CHUNK, EncryptLayer, EncryptOptions
from vfs.engine.mounts import build_stack
from vfs.testing.backend import BackendContract
from vfs.testing.layer_content import ContentLayerContract
from vfs.testing.layer_store import WatchedStore
from vfs.testing.limits import content

KEY = base64.b64encode(bytes(range(32))).decode()


def around(store: Backend, key: str = KEY) -> EncryptLayer:
    return EncryptLayer(store, EncryptOptions.model_validate({"key": key}))


class TestEncrypt(ContentLayerContract):
    def wrap(self, inner: Backend) -> Backend:
        return around(inner)


@pytest.fixture
def store() -> WatchedStore:
    return WatchedStore()


def written(store: WatchedStore, size: int, key: str = "f") -> bytes:
    """A file through the layer; its stored bytes."""
    around(store).write(key, random.Random(key).randbytes(size))
    return content(store, key)


def assert_refused(store: WatchedStore, stored: bytes, start: int = 0, end: int | None = None) -> None:
    store.write("f", stored)
    with pytest.raises(StorageError, match=r"changed|cut short|not encrypted"):
        around(store).read("f", start, end)


def chunk(number: int) -> slice:
    return slice(HEADER_SIZE + number * SEALED_CHUNK, HEADER_SIZE + (number + 1) * SEALED_CHUNK)


def test_the_store_has_nothing_of_the_content(store: WatchedStore) -> None:
    """Equal contents are different bytes each time they are written."""
    layer = around(store)
    for key in ("one", "two"):
        layer.write(key, b"secret " * 10_000)
    assert b"secret" not in content(store, "one")
    assert content(store, "one")[HEADER_SIZE:] != content(store, "two")[HEADER_SIZE:]


def test_every_changed_byte_is_found(store: WatchedStore) -> None:
    """In the header, in a chunk, in a tag: the read fails and names the file."""
    stored = written(store, 200)
    for place in range(len(stored)):
        changed = bytearray(stored)
        changed[place] ^= 1
        assert_refused(store, bytes(changed))


@pytest.mark.parametrize("size", [2 * CHUNK, 2 * CHUNK + 100])
def test_a_file_cut_short_is_found(store: WatchedStore, size: int) -> None:
    """Wherever it is cut, at a chunk's edge too, and padded with anything."""
    stored = written(store, size)
    for length in (0, 1, HEADER_SIZE, HEADER_SIZE + 16, HEADER_SIZE + SEALED_CHUNK, len(stored) - 1):
        assert_refused(store, stored[:length])
    for number in (1, 2):
        cut = stored[: HEADER_SIZE + number * SEALED_CHUNK]
        assert_refused(store, cut)
        assert_refused(store, cut + bytes(16), 0, number * CHUNK)
        assert_refused(store, cut + stored[-16:] if number == 1 else cut + bytes(16))


def test_a_file_made_longer_is_found(store: WatchedStore) -> None:
    """Nothing can be appended, not even more of the same."""
    stored = written(store, CHUNK + 100)
    assert_refused(store, stored + b"x")
    assert_refused(store, stored + stored[chunk(0)])


def test_chunks_in_another_order_are_found(store: WatchedStore) -> None:
    """A chunk is right at its own place only, whichever range is read."""
    stored = written(store, 3 * CHUNK + 5)
    swapped = bytearray(stored)
    swapped[chunk(0)], swapped[chunk(1)] = stored[chunk(1)], stored[chunk(0)]
    for start in (0, CHUNK):
        assert_refused(store, bytes(swapped), start, start + 10)
    assert_refused(store, stored[: chunk(1).start] + stored[chunk(1).stop :])


def test_chunks_of_another_file_are_found(store: WatchedStore) -> None:
    """Each write has a key of its own."""
    first, second = written(store, 3 * CHUNK), written(store, 3 * CHUNK, "g")
    mixed = bytearray(first)
    mixed[chunk(1)] = second[chunk(1)]
    assert_refused(store, bytes(mixed), CHUNK, CHUNK + 1)


def test_another_key_opens_nothing(store: WatchedStore) -> None:
    """And is told so, instead of being given noise; what it caches, it caches elsewhere."""
    written(store, 10)
    other = around(store, os.urandom(32).hex())
    with pytest.raises(StorageError, match="another key"):
        other.read("f")
    mine, theirs = around(store).ability(HasLocation), other.ability(HasLocation)
    assert mine is not None
    assert theirs is not None
    assert mine.location != theirs.location


def test_an_empty_file_is_proved_empty(store: WatchedStore) -> None:
    """Zero bytes are content that can be forged too."""
    stored = written(store, 0)
    assert content(around(store), "f") == b""
    assert_refused(store, stored[:-1] + bytes([stored[-1] ^ 1]))


def test_a_small_file_costs_a_look_and_a_read(store: WatchedStore) -> None:
    """And a range of a big one only the chunks that it touches, once the header is known."""
    written(store, 100)
    store.requests.clear()
    content(around(store), "f")
    assert store.requests == ["stat f", "read f"]
    written(store, 5 * CHUNK)
    layer, etag = around(store), store.stat("f").etag
    layer.read("f", CHUNK, CHUNK + 1, if_match=etag)
    store.requests.clear()
    store.answers.clear()
    layer.read("f", 2 * CHUNK + 5, 3 * CHUNK + 5, if_match=etag)
    assert store.requests == ["read f"]
    assert store.answers == [2 * SEALED_CHUNK]


@pytest.mark.parametrize("form", ["base64", "unpadded", "urlsafe", "hex"])
def test_a_key_is_written_in_any_usual_form(store: WatchedStore, form: str) -> None:
    """They are the same key."""
    raw = bytes([251, 255, 190] * 10 + [1, 2])
    forms = {
        "base64": base64.b64encode(raw).decode(),
        "unpadded": base64.b64encode(raw).decode().rstrip("="),
        "urlsafe": base64.urlsafe_b64encode(raw).decode(),
        "hex": raw.hex(),
    }
    around(store, raw.hex()).write("f", b"content")
    assert content(around(store, forms[form]), "f") == b"content"


def test_a_key_comes_from_a_file(tmp_path: Path, store: WatchedStore) -> None:
    """With or without a line end; one that is missing or holds no key is a configuration error."""
    path = tmp_path / "key"
    path.write_text(f"{KEY}\n")
    around(store).write("f", b"content")
    assert content(EncryptLayer(store, EncryptOptions(key_file=path)), "f") == b"content"
    path.write_text("too short")
    with pytest.raises(ConfigError, match="holds no key"):
        EncryptLayer(store, EncryptOptions(key_file=path))
    with pytest.raises(ConfigError, match="cannot read"):
        EncryptLayer(store, EncryptOptions(key_file=tmp_path / "absent"))


def test_a_key_comes_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """And is shown nowhere."""
    monkeypatch.setenv("VFS_KEY", KEY)
    layers = [{"type": "encrypt", "key": "${VFS_KEY}"}]
    spec = settings_from({"mounts": {"m": {"type": "memory", "layers": layers}}}).mounts[0]
    assert KEY not in repr(spec)
    stack = build_stack(spec)
    stack.write("f", b"content")
    assert bytes(stack.read("f")) == b"content"


@pytest.mark.parametrize("options", [{}, {"key": "password"}, {"key": KEY, "key_file": "k"}])
def test_a_key_that_is_none_is_refused(options: dict[str, str]) -> None:
    """Before anything is mounted, and without repeating it."""
    with pytest.raises(ConfigError) as caught:
        settings_from({"mounts": {"m": {"type": "memory", "layers": [{"type": "encrypt", **options}]}}})
    assert "password" not in str(caught.value)
    assert "mounts.m.layers" in str(caught.value)


class TestEncryptOverAFolder(BackendContract):
    """Over a storage that would open files in place, with hard links and special files."""

    etag_survives_attribute_changes = False

    @pytest.fixture
    def backend(self, tmp_path: Path) -> Iterator[Backend]:
        backend = around(LocalBackend(LocalOptions(path=tmp_path)))
        yield backend
        backend.close()
