"""Files and folders move between tools: what adlfs and Azure's own make we see right, and back."""

from collections.abc import Iterator
from typing import Any

import adlfs
import pytest
from azure.storage.blob import ContainerClient
from fsspec import asyn

from tests.engine.azure.stores import opened
from tests.servers import azure as server
from tests.servers.azure import AzuriteServer
from vfs.engine.backend import KeepsAttributes
from vfs.engine.backends.azure import AzureBackend
from vfs.engine.entries import Attributes, EntryKind
from vfs.engine.errors import AlreadyExists, DirectoryNotEmpty, InvalidPath, NotADirectory, NotFound


@pytest.fixture
def system(azurite: AzuriteServer) -> Iterator[Any]:
    """adlfs on the test server."""
    text = (
        f"AccountName={server.ACCOUNT};AccountKey={server.KEY};BlobEndpoint={azurite.url}/{server.ACCOUNT};"
    )
    system = adlfs.AzureBlobFileSystem(
        connection_string=text, skip_instance_cache=True, use_listings_cache=False
    )
    yield system
    asyn.sync(system.loop, system.service_client.close)


def test_files_of_adlfs_are_files(backend: AzureBackend, container: ContainerClient, system: Any) -> None:
    """Its mark of kinds is nobody's metadata."""
    system.pipe_file(f"{container.container_name}/d/f", b"content")
    assert bytes(backend.read("d/f")) == b"content"
    entry = backend.stat("d/f")
    assert (entry.kind, entry.metadata) == (EntryKind.FILE, {})
    assert [(child.name, child.kind) for child in backend.list("")] == [("d", EntryKind.FOLDER)]


def test_our_folders_are_folders_of_adlfs(
    backend: AzureBackend, container: ContainerClient, system: Any
) -> None:
    """Empty ones too, by the mark that every tool of Azure knows."""
    backend.make_directory("empty", attributes=Attributes(mode=0o700))
    backend.write("full/f", b"content")
    listed = system.ls(container.container_name, detail=True)
    assert {entry["name"].split("/")[-1]: entry["type"] for entry in listed} == {
        "empty": "directory",
        "full": "directory",
    }
    assert system.isdir(f"{container.container_name}/empty")


@pytest.mark.parametrize("mark", ["hdi_isfolder", "Hdi_IsFolder"])
def test_folders_of_azure_s_tools_are_folders(
    backend: AzureBackend, container: ContainerClient, mark: str
) -> None:
    """Once each, with and without files in them, by stat, listing and sweep; their attributes can be set."""
    for name in ("empty", "full"):
        container.upload_blob(name, b"", metadata={mark: "true"})
    container.upload_blob("full/f", b"content")
    container.upload_blob("full-1", b"neighbour")
    assert sorted((entry.name, entry.kind.value) for entry in backend.list("")) == [
        ("empty", "folder"),
        ("full", "folder"),
        ("full-1", "file"),
    ]
    assert sorted(key for key, _ in backend.sweep("")) == ["empty", "full", "full-1", "full/f"]
    assert list(backend.list("empty")) == []
    keeps = backend.ability(KeepsAttributes)
    assert keeps is not None
    assert keeps.set_attributes("full", Attributes(mode=0o750)).mode == 0o750
    assert [entry.mode for entry in backend.list("") if entry.name == "full"] == [0o750]
    assert container.get_blob_client("full").get_blob_properties().metadata["hdi_isfolder"] == "true"
    with pytest.raises(DirectoryNotEmpty):
        backend.remove_directory("full")
    backend.delete("full/f")
    backend.remove_directory("full")
    with pytest.raises(NotFound):
        backend.stat("full")


def test_a_blob_with_a_slash_at_its_end_is_a_folder(
    backend: AzureBackend, container: ContainerClient
) -> None:
    """As other tools of object stores make them; with our own mark beside it there is still one folder."""
    container.upload_blob("d/", b"")
    container.upload_blob("both", b"", metadata={"hdi_isfolder": "true"})
    container.upload_blob("both/", b"")
    assert sorted(entry.name for entry in backend.list("")) == ["both", "d"]
    assert sorted(key for key, _ in backend.sweep("")) == ["both", "d"]
    for key in ("d", "both"):
        assert backend.stat(key).is_folder
        assert list(backend.list(key)) == []
        with pytest.raises(AlreadyExists):
            backend.make_directory(key)
        backend.remove_directory(key)
    assert list(container.list_blob_names()) == []


def test_the_file_wins_over_the_folder_of_its_name(backend: AzureBackend, container: ContainerClient) -> None:
    """Where a container holds `f` and `f/x`, a tree can show one of them, and everywhere the same."""
    for name in ("f", "f/x", "f-1", "g/y"):
        container.upload_blob(name, b"x")
    assert backend.stat("f").kind is EntryKind.FILE
    listed = sorted((entry.name, entry.kind.value) for entry in backend.list(""))
    assert listed == [("f", "file"), ("f-1", "file"), ("g", "folder")]
    with pytest.raises(NotADirectory):
        list(backend.list("f"))
    assert {key for key, _ in backend.sweep("")} == {"f", "f-1", "g/y"}


def test_a_folder_made_by_others_is_not_deleted_as_the_file_it_was(
    backend: AzureBackend, container: ContainerClient
) -> None:
    """What is known of a key is never trusted against the store: one blob is either."""
    backend.write("x", b"file")
    container.upload_blob("x", b"", metadata={"hdi_isfolder": "true"}, overwrite=True)
    container.upload_blob("x/f", b"content")
    backend.delete("x")
    assert backend.stat("x").is_folder
    assert bytes(backend.read("x/f")) == b"content"


def test_any_name_of_metadata_is_kept(backend: AzureBackend, container: ContainerClient) -> None:
    """Azure takes identifiers only: other names are written as XML tools do, and marks are not to be had."""
    given = {
        "x-y.z": "dashes",
        "1st": "digit",
        "hdi_isfolder": "true",
        "is_directory": "no",
        "a_x002d_b": "escape",
    }
    backend.write("f", b"x", metadata=given)
    assert backend.stat("f").kind is EntryKind.FILE
    assert backend.stat("f").metadata == given
    assert [entry.metadata for entry in backend.list("")] == [given]
    stored = container.get_blob_client("f").get_blob_properties().metadata
    assert stored["x_x002d_y_x002e_z"] == "dashes"
    assert "hdi_isfolder" not in stored
    container.upload_blob("theirs", b"x", metadata={"Colour": "red"})
    assert backend.stat("theirs").metadata == {"colour": "red"}


@pytest.mark.parametrize("name", ["back\\slash", "\x01", "a\ufffeb"])
def test_a_name_that_would_become_another_is_refused(backend: AzureBackend, name: str) -> None:
    """By every act, before anything is asked of the store."""
    for act in (backend.stat, backend.read, backend.make_directory, lambda key: backend.write(key, b"x")):
        with pytest.raises(InvalidPath):
            act(name)


def test_a_listing_of_many_pages_is_whole(
    azurite: AzuriteServer, container: ContainerClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each entry once, wherever a page ends: also between a folder's blob and what is in it."""
    monkeypatch.setattr("vfs.engine.backends.azure.blob_listing.PAGE", 2)
    with opened(azurite.url, container.container_name) as backend:
        for key in ("a", "b!", "b-1", "b.txt", "b/x", "b/y/z", "c/x", "d"):
            backend.write(key, b"x")
        container.upload_blob("b", b"", metadata={"hdi_isfolder": "true"})
        assert sorted((entry.name, entry.kind.value) for entry in backend.list("")) == [
            ("a", "file"),
            ("b", "folder"),
            ("b!", "file"),
            ("b-1", "file"),
            ("b.txt", "file"),
            ("c", "folder"),
            ("d", "file"),
        ]
        assert sorted(key for key, _ in backend.sweep("")) == [
            *("a", "b", "b!", "b-1", "b.txt", "b/x", "b/y/z", "c/x", "d")
        ]
