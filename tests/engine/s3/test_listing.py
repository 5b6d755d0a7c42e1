"""Listings of buckets that are no trees, of many pages, and of folders that others left behind."""

import logging
from typing import Any

import pytest

from tests.engine.s3.stores import opened
from tests.servers.seaweed import SeaweedServer
from vfs.engine.backends.objects.keys import KeySpace
from vfs.engine.backends.objects.stored import ListedObject, Page
from vfs.engine.backends.s3 import S3Backend
from vfs.engine.entries import EntryKind
from vfs.engine.errors import InvalidPath, NotADirectory, NotFound


@pytest.fixture
def client(seaweed: SeaweedServer) -> Any:
    """Puts objects behind the backend's back."""
    client = seaweed.client()
    yield client
    client.close()


def test_the_file_wins_over_the_folder_of_its_name(backend: S3Backend, bucket: str, client: Any) -> None:
    """Where a bucket holds `f` and `f/x`, a tree can show one of them, and everywhere the same."""
    for key in ("f", "f/x", "f-1", "f.txt", "g/y"):
        client.put_object(Bucket=bucket, Key=key, Body=b"x")
    assert backend.stat("f").kind is EntryKind.FILE
    listed = {entry.name: entry.kind for entry in backend.list("")}
    assert listed == {
        "f": EntryKind.FILE,
        "f-1": EntryKind.FILE,
        "f.txt": EntryKind.FILE,
        "g": EntryKind.FOLDER,
    }
    with pytest.raises(NotADirectory):
        list(backend.list("f"))
    assert {key for key, _ in backend.sweep("")} == {"f", "f-1", "f.txt", "g/y"}


def test_the_file_wins_across_pages(backend: S3Backend, monkeypatch: pytest.MonkeyPatch) -> None:
    """The folder may come a page after its file."""

    def listed(*keys: str) -> list[ListedObject]:
        return [ListedObject(key, 1, '"e"', 0) for key in keys]

    pages = [
        Page(listed("a", "f"), [], "next"),
        Page(listed("f!", "f-1"), [], "next"),
        Page([], ["f/", "g/"], None),
    ]
    monkeypatch.setattr(backend._connection.listing, "pages", lambda *_, **__: iter(pages))
    assert [(entry.name, entry.kind.value) for entry in backend.list("")] == [
        ("a", "file"),
        ("f", "file"),
        ("f!", "file"),
        ("f-1", "file"),
        ("g", "folder"),
    ]


@pytest.mark.parametrize("key", ["a//b", "./a", "a/../b", "..", "x" * 256, "d//", "a/./b"])
def test_keys_with_no_place_in_a_tree_are_left_out(key: str) -> None:
    """Such keys exist in buckets, and no path can name them."""
    assert KeySpace("").key_below("", key) is None
    assert KeySpace("p").key_below("", f"p/{key}") is None


def test_a_key_left_out_is_told_once(
    backend: S3Backend, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """The log says that the bucket holds more than is shown."""
    page = Page([ListedObject("f", 1, '"e"', 0)], ["//", "../"], None)
    monkeypatch.setattr(backend._connection.listing, "pages", lambda *_, **__: iter([page]))
    with caplog.at_level(logging.WARNING):
        for _ in range(2):
            assert [entry.name for entry in backend.list("")] == ["f"]
    assert len(caplog.records) == 1


def test_a_name_that_is_not_utf8_is_refused() -> None:
    """S3 keys are UTF-8; the error says which bytes of it (EILSEQ)."""
    with pytest.raises(InvalidPath, match="UTF-8"):
        KeySpace("").object_key("caf\udce9")


def test_a_key_too_long_is_refused(backend: S3Backend) -> None:
    """Before anything is sent, prefix included."""
    with pytest.raises(InvalidPath, match="1024"):
        backend.write("/".join(["n" * 200] * 6), b"x")


def test_a_folder_emptied_by_others_is_gone(
    backend: S3Backend, seaweed: SeaweedServer, bucket: str, client: Any
) -> None:
    """SeaweedFS keeps the directory of a deleted key for minutes; it is no folder, and can be made."""
    client.put_object(Bucket=bucket, Key="ghost/f", Body=b"x")
    client.delete_object(Bucket=bucket, Key="ghost/f")
    for act in (backend.stat, backend.remove_directory, lambda key: list(backend.list(key))):
        with pytest.raises(NotFound):
            act("ghost")
    backend.make_directory("ghost")
    with opened(seaweed.url, bucket) as other:
        assert other.stat("ghost").is_folder
        assert list(other.list("ghost")) == []


def test_a_folder_outlives_its_last_child_also_of_folders(
    backend: S3Backend, seaweed: SeaweedServer, bucket: str
) -> None:
    """Removing the last folder of a folder that only keys showed leaves a marker."""
    backend.make_directory("a/b/c")
    backend.remove_directory("a/b/c")
    with opened(seaweed.url, bucket) as other:
        assert [entry.name for entry in other.list("a")] == ["b"]
        assert list(other.list("a/b")) == []
    backend.remove_directory("a/b")
    backend.remove_directory("a")
    assert list(backend.list("")) == []


def test_what_others_changed_is_found_out(backend: S3Backend, seaweed: SeaweedServer, bucket: str) -> None:
    """What we remember of a place never overrules what is there now."""
    backend.write("f", b"x")
    backend.make_directory("d")
    with opened(seaweed.url, bucket) as other:
        other.delete("f")
        other.write("f/below", b"y")
        other.remove_directory("d")
        other.write("d", b"a file now")
    backend.write("f/ours", b"z")
    assert sorted(entry.name for entry in backend.list("f")) == ["below", "ours"]
    backend.write("d", b"still a file")
    assert bytes(backend.read("d")) == b"still a file"


def test_a_prefix_shows_nothing_else(seaweed: SeaweedServer, bucket: str, client: Any) -> None:
    """Neighbours whose keys begin alike are outside."""
    for key in ("p/f", "p2/g", "p", "pp"):
        client.put_object(Bucket=bucket, Key=key, Body=b"x")
    with opened(seaweed.url, bucket, prefix="p") as backend:
        assert [entry.name for entry in backend.list("")] == ["f"]
        assert {key for key, _ in backend.sweep("")} == {"f"}
        assert backend.stat("").is_folder
