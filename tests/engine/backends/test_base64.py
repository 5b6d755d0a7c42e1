"""The base64 backend: paths that are their own content, and never decode to anything else."""

import base64
import errno

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vfs.engine import paths
from vfs.engine.backends.base64 import Base64Backend
from vfs.engine.capabilities import Capability
from vfs.engine.entries import EntryKind
from vfs.engine.errors import (
    AlreadyExists,
    CapabilityNotSupported,
    Conflict,
    InvalidPath,
    IsADirectory,
    NotADirectory,
    NotFound,
    StorageError,
)

backend = Base64Backend()


def key_of(content: bytes) -> str:
    return backend.write("anything", content).path


@given(st.binary(max_size=2000))
def test_what_is_written_is_read_at_its_new_key(content: bytes) -> None:
    """Any bytes, of a length that takes one name or several; every key is one that a mount takes."""
    result = backend.write("anything", content)
    paths.check_key(result.path)
    assert paths.normalize(result.path) == result.path
    assert backend.read(result.path) == content
    entry = backend.stat(result.path)
    assert (entry.kind, entry.size, entry.etag) == (EntryKind.FILE, len(content), result.etag)


@given(st.binary(min_size=1, max_size=300))
def test_a_key_in_the_standard_alphabet_is_that_content_or_nothing(content: bytes) -> None:
    """Where its slashes would be lost on the way, it is refused rather than read as other bytes."""
    key = base64.b64encode(content).decode()
    if len(key) <= paths.MAX_NAME_BYTES and "/" not in key:
        assert backend.read(key) == content
    else:
        with pytest.raises((NotFound, InvalidPath)):
            backend.read(key)


@pytest.mark.parametrize("key", ["SGVsbG8", "SGVsbG8=", "data:text/plain;base64,SGVsbG8=", ";base64,SGVsbG8"])
def test_every_spelling_of_one_content(key: str) -> None:
    """Padding may be left out; a data URI is a key."""
    assert backend.read(key) == b"Hello"
    assert backend.read(key, 1, 3) == b"el"
    assert backend.read(key, 4, 100) == b"o"
    assert backend.read(key, 50, 60) == b""


def test_a_data_uri_tells_its_type() -> None:
    """The rest of the stack sees it as it sees the type of an object in a store."""
    assert backend.stat("data:text/plain;base64,SGVsbG8=").content_type == "text/plain"
    assert backend.stat("SGVsbG8").content_type is None


@pytest.mark.parametrize("key", ["a", "SGVsbG8==", "S=Gk", "a b", ".hidden", "naïve", "AA/A", "A~A", "===="])
def test_what_is_not_base64_is_not_found(key: str) -> None:
    """Programs look for names of their own everywhere; there is nothing under these."""
    for act in (backend.stat, backend.read):
        with pytest.raises(NotFound):
            act(key)


@pytest.mark.parametrize("key", ["/a", "a/", "a//b", "..", "a\0b", "A" * 256])
def test_an_impossible_key_is_refused(key: str) -> None:
    """Before it is taken for content."""
    for act in (
        backend.stat,
        backend.read,
        lambda key: list(backend.list(key)),
        lambda key: backend.write(key, b""),
    ):
        with pytest.raises(InvalidPath):
            act(key)


def test_the_way_to_long_content_is_folders() -> None:
    """So that a kernel can walk it name by name."""
    key = key_of(b"x" * 1000)
    assert key.count("/") == 5
    for folder in ["", *paths.ancestors(key)]:
        assert backend.stat(folder).is_folder
        with pytest.raises(IsADirectory):
            backend.read(folder)
        with pytest.raises(IsADirectory):
            backend.write(folder, b"x")


def test_nothing_is_listed_or_changed() -> None:
    """Every content there is would be in the root; and none can go."""
    with pytest.raises(CapabilityNotSupported):
        next(iter(backend.list("")))
    with pytest.raises(NotADirectory):
        next(iter(backend.list("SGVsbG8")))
    for act in (backend.delete, backend.make_directory, backend.remove_directory):
        with pytest.raises(CapabilityNotSupported):
            act("SGVsbG8")
    assert not {Capability.LIST, Capability.DELETE} & backend.capabilities


def test_conditions_are_about_the_key_given() -> None:
    """`overwrite=False` and `if_match` mean what they mean elsewhere."""
    with pytest.raises(AlreadyExists):
        backend.write("SGVsbG8", b"x", overwrite=False)
    assert backend.write("not base64", b"x", overwrite=False).path == "eA"
    etag = backend.stat("SGVsbG8").etag
    assert backend.write("SGVsbG8", b"x", if_match=etag)
    assert backend.read("SGVsbG8", if_match=etag) == b"Hello"
    for act in (
        lambda: backend.write("SGVsbG8", b"x", if_match="other"),
        lambda: backend.read("SGVsbG8", if_match="other"),
    ):
        with pytest.raises(Conflict):
            act()


def test_content_too_long_for_a_path_is_refused() -> None:
    """As EFBIG, before it is held in memory; the longest that fits reads back."""
    assert backend.read(key_of(b"x" * backend.largest_file)) == b"x" * backend.largest_file

    def endless():  # type: ignore[no-untyped-def]
        while True:
            yield b"x" * 1000

    with pytest.raises(StorageError) as caught:
        backend.write("anything", endless())
    assert caught.value.errno == errno.EFBIG


def test_metadata_and_versions_are_refused() -> None:
    """There is no room for them."""
    with pytest.raises(CapabilityNotSupported):
        backend.write("eA", b"x", metadata={"a": "b"})
    with pytest.raises(CapabilityNotSupported):
        backend.read("eA", version="1")
