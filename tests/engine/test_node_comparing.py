"""Digests of contents, and whether two files hold the same."""

import hashlib

import pytest

from vfs.engine.errors import IsADirectory, NotFound
from vfs.engine.nodes import StorageNode
from vfs.storage import StorageManager

CONTENT = b"some content" * 200_000


def test_digests_are_those_of_the_content(root: StorageNode) -> None:
    """MD5, SHA-256 or any other, of a file of several pieces."""
    node = root / "a"
    node.write_bytes(CONTENT)
    assert node.md5hash() == hashlib.md5(CONTENT).hexdigest()
    assert node.digest() == hashlib.sha256(CONTENT).hexdigest()
    assert node.digest("blake2b") == hashlib.blake2b(CONTENT).hexdigest()
    with pytest.raises(ValueError, match="no-such"):
        node.digest("no-such")


def test_an_upload_in_parts_has_its_own_md5(storage: StorageManager, root: StorageNode) -> None:
    """The ETag of parts is no hash of the content, and never taken for one."""
    node = root / "big"
    content = bytes(range(256)) * (80 << 12)
    node.write_bytes(content[start : start + (1 << 20)] for start in range(0, len(content), 1 << 20))
    assert node.md5hash() == hashlib.md5(content).hexdigest()


def test_an_md5_that_the_store_has_is_not_read_for(
    root: StorageNode, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is told instead of a pass over the file is the same."""
    node = root / "a"
    node.write_bytes(CONTENT)
    tree = node._tree
    if tree.transfers.content_hash("a") is None:
        pytest.skip("this storage has no hash of its own")
    monkeypatch.setattr(tree, "open", lambda *_, **__: pytest.fail("the file was read"))
    assert node.md5hash() == hashlib.md5(CONTENT).hexdigest()


def test_what_is_not_sent_yet_is_hashed_as_it_is(root: StorageNode) -> None:
    """Not as the store has it."""
    node = root / "a"
    node.write_bytes(b"old")
    with node.open("r+b") as file:
        file.write(b"new")
        file.flush()
        assert node.md5hash() == hashlib.md5(b"new").hexdigest()


def test_verify(root: StorageNode) -> None:
    """By any algorithm, in either case of letters."""
    node = root / "a"
    node.write_bytes(b"x")
    assert node.verify(hashlib.sha256(b"x").hexdigest())
    assert node.verify(hashlib.md5(b"x").hexdigest().upper(), "md5")
    assert not node.verify(hashlib.sha256(b"y").hexdigest())


def test_the_same_content_in_another_place(storage: StorageManager, root: StorageNode) -> None:
    """Of the same mount or another; a name is no part of it."""
    node, other, elsewhere = root / "a", root / "b", storage.node("memory:elsewhere")
    for place in (node, other, elsewhere):
        place.write_bytes(CONTENT)
    assert node.same_content(other)
    assert node.same_content(elsewhere)
    assert elsewhere.same_content(node)
    assert node.same_content(node)
    for different in (CONTENT[:-1], CONTENT[:-1] + b"X", b"X" + CONTENT[1:], b""):
        elsewhere.write_bytes(different)
        assert not node.same_content(elsewhere)
        assert not elsewhere.same_content(node)


def test_empty_files_are_the_same(storage: StorageManager, root: StorageNode) -> None:
    """All of them."""
    (root / "a").write_bytes(b"")
    storage.node("memory:b").write_bytes(b"")
    assert (root / "a").same_content(storage.node("memory:b"))


def test_what_is_no_file_has_no_content(storage: StorageManager, root: StorageNode) -> None:
    """The error names the one that it is about."""
    node = root / "a"
    node.write_bytes(b"")
    missing = storage.node("memory:missing")
    with pytest.raises(NotFound, match="memory:missing"):
        node.same_content(missing)
    with pytest.raises(NotFound, match="memory:missing"):
        missing.same_content(node)
    with pytest.raises(IsADirectory):
        node.same_content(root)
    with pytest.raises(NotFound, match="memory:missing"):
        missing.md5hash()
    with pytest.raises(IsADirectory):
        root.digest()
