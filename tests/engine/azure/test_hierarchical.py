"""Accounts with a hierarchical namespace, played by a script: Azurite has none. Flat ones are told apart."""

import base64
import threading
from collections.abc import Iterator
from urllib.parse import parse_qs, unquote, urlsplit

import pytest
from azure.storage.blob import ContainerClient

from tests.engine.azure.stores import opened
from tests.servers.azure import AzuriteServer
from tests.servers.web import Script, scripted_server
from vfs.engine.backend import KeepsAttributes, Moves
from vfs.engine.backends.azure import AzureBackend
from vfs.engine.capabilities import Capability
from vfs.engine.entries import Attributes
from vfs.engine.errors import (
    AlreadyExists,
    CapabilityNotSupported,
    DirectoryNotEmpty,
    InvalidPath,
    IsADirectory,
    NotADirectory,
    NotFound,
)

TOLD = {"ETag": '"0x1"', "Last_Modified": "Sat, 21 Nov 2026 11:00:00 GMT"}


class Account:
    """A small account with real folders: what its documents say of the calls that are made."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.folders: dict[str, dict[str, str]] = {"": {}}
        self.files: set[str] = set()

    def respond(self, request: Script) -> None:
        parts = urlsplit(request.path)
        name = unquote(parts.path).removeprefix("/devstoreaccount1/c").lstrip("/")
        query = {key: values[0] for key, values in parse_qs(parts.query).items()}
        with self._lock:
            getattr(self, f"_{request.command.lower()}")(request, name, query)

    def _get(self, request: Script, name: str, query: dict[str, str]) -> None:
        if query.get("restype") == "account":
            request.send(200, x_ms_is_hns_enabled="true", x_ms_sku_name="s", x_ms_account_kind="k")
        else:
            request.send(200, self._listing(query.get("prefix", "")), Content_Type="application/xml")

    def _listing(self, prefix: str) -> bytes:
        below = sorted(
            key for key in {*self.files, *self.folders} if key.startswith(prefix) and key != prefix
        )
        names = [key for key in below if "/" not in key.removeprefix(prefix)]
        told = "<Properties><Last-Modified>Sat, 21 Nov 2026 11:00:00 GMT</Last-Modified></Properties>"
        blobs = [f"<Blob><Name>{key}</Name>{told}</Blob>" for key in names if key in self.files]
        folders = [f"<BlobPrefix><Name>{key}/</Name></BlobPrefix>" for key in names if key in self.folders]
        return f"<R><Blobs>{''.join(blobs + folders)}</Blobs></R>".encode()

    def _head(self, request: Script, name: str, query: dict[str, str]) -> None:
        if name in self.files:
            request.send(200, **TOLD)
        elif name in self.folders:
            metadata = {f"x_ms_meta_{key}": value for key, value in self.folders[name].items()}
            marks = {"x-ms-meta-hdi_isfolder": "true"} | metadata
            request.send_response(200)
            for header, value in {**marks, "ETag": '"0x1"', "Last-Modified": TOLD["Last_Modified"]}.items():
                request.send_header(header.replace("x_ms_meta_", "x-ms-meta-"), value)
            request.send_header("Content-Length", "0")
            request.end_headers()
        else:
            request.send(404, x_ms_error_code="BlobNotFound")

    def _put(self, request: Script, name: str, query: dict[str, str]) -> None:
        source = request.headers.get("x-ms-rename-source")
        taken = name in self.files or name in self.folders
        if taken and request.headers.get("if-none-match") == "*":
            request.send(409, x_ms_error_code="PathAlreadyExists")
        elif source is not None:
            self._rename(request, unquote(urlsplit(source).path).removeprefix("/c/"), name)
        elif query.get("resource") == "directory":
            self.folders[name] = _decoded(request.headers["x-ms-properties"])
            request.send(201, **TOLD)
        else:
            self.files.add(name)
            request.send(201, **TOLD)

    def _rename(self, request: Script, source: str, target: str) -> None:
        if source not in self.files and source not in self.folders:
            request.send(404, x_ms_error_code="SourcePathNotFound")
        elif target.rpartition("/")[0] not in self.folders:
            request.send(404, x_ms_error_code="RenameDestinationParentPathNotFound")
        elif any(key.startswith(f"{target}/") for key in {*self.files, *self.folders}):
            request.send(409, x_ms_error_code="DirectoryNotEmpty")
        else:
            self.files = {_moved(key, source, target) for key in self.files}
            self.folders = {_moved(key, source, target): value for key, value in self.folders.items()}
            request.send(201, **TOLD)

    def _patch(self, request: Script, name: str, query: dict[str, str]) -> None:
        assert query == {"action": "setProperties"}
        self.folders[name] = _decoded(request.headers["x-ms-properties"])
        request.send(200, **TOLD)

    def _delete(self, request: Script, name: str, query: dict[str, str]) -> None:
        self.files.discard(name)
        self.folders.pop(name, None)
        request.send(202)


def _moved(key: str, source: str, target: str) -> str:
    return target + key[len(source) :] if key == source or key.startswith(f"{source}/") else key


def _decoded(properties: str) -> dict[str, str]:
    pairs = (pair.partition("=") for pair in properties.split(",") if pair)
    return {name: base64.b64decode(value).decode() for name, _, value in pairs}


@pytest.fixture
def account() -> Account:
    return Account()


@pytest.fixture
def hierarchical(account: Account) -> Iterator[AzureBackend]:
    """A backend on an account that says of itself that its folders are real."""
    with scripted_server(account.respond) as (url, _), opened(url, "c") as backend:
        yield backend


def test_a_flat_account_is_told_by_asking(azurite: AzuriteServer, container: ContainerClient) -> None:
    """It has no renames; options that say otherwise are believed."""
    with opened(azurite.url, container.container_name) as backend:
        assert backend.ability(Moves) is None
        assert Capability.ATOMIC_MOVE not in backend.capabilities
    with opened("http://127.0.0.1:1", "c", hierarchical=True) as backend:
        assert backend.ability(Moves) is not None
    with (
        scripted_server(lambda request: request.send(400, b"what?")) as (url, _),
        opened(url, "c") as backend,
    ):
        assert backend.ability(Moves) is None, "what does not say what it is counts as flat"


def test_folders_are_real(hierarchical: AzureBackend, account: Account) -> None:
    """Made by the call for directories, with attributes; kept without a marker when their last file goes."""
    made = hierarchical.make_directory("d", attributes=Attributes(mode=0o750))
    assert (made.mode, hierarchical.stat("d").mode) == (0o750, 0o750)
    assert account.folders.keys() == {"", "d"}
    keeps = hierarchical.ability(KeepsAttributes)
    assert keeps is not None
    assert keeps.set_attributes("d", Attributes(mode=0o700)).mode == 0o700
    with pytest.raises(AlreadyExists):
        hierarchical.make_directory("d")
    listed = list(hierarchical.list(""))
    assert [(entry.name, entry.complete) for entry in listed] == [("d", False)]
    assert [entry.mode for entry in hierarchical.complete_entries("", listed)] == [0o700]
    hierarchical.write("d/f", b"")
    hierarchical.delete("d/f")
    assert account.folders.keys() == {"", "d"}
    assert account.files == set()
    hierarchical.remove_directory("d")
    assert account.folders.keys() == {""}


def test_a_folder_is_renamed_in_one_act(hierarchical: AzureBackend, account: Account) -> None:
    """With all that is in it; the folders above its new name are made."""
    moves = hierarchical.ability(Moves)
    assert moves is not None
    assert Capability.ATOMIC_MOVE in hierarchical.capabilities
    hierarchical.make_directory("d é")
    hierarchical.write("d é/f", b"")
    moves.move("d é", "new/deep/e")
    assert account.files == {"new/deep/e/f"}
    assert not hierarchical.stat("new/deep/e/f").is_folder
    with pytest.raises(NotFound):
        hierarchical.stat("d é")


def test_renames_refuse_what_they_must(hierarchical: AzureBackend, account: Account) -> None:
    """The same errors as everywhere, and nothing is changed."""
    moves = hierarchical.ability(Moves)
    assert moves is not None
    for folder in ("d", "full"):
        hierarchical.make_directory(folder)
    for file in ("f", "g", "full/x"):
        hierarchical.write(file, b"")
    before = set(account.files)
    for source, target, error in (
        ("absent", "new", NotFound),
        ("f", "d", IsADirectory),
        ("d", "f", NotADirectory),
        ("d", "full", DirectoryNotEmpty),
        ("d", "d/below", InvalidPath),
        ("", "new", InvalidPath),
    ):
        with pytest.raises(error):
            moves.move(source, target)
    with pytest.raises(AlreadyExists):
        moves.move("f", "g", overwrite=False)
    with pytest.raises(CapabilityNotSupported):
        moves.move("f", "g", exchange=True)
    assert account.files == before
    moves.move("f", "g")
    assert account.files == before - {"f"}
