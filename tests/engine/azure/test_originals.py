"""Copies from other containers of one account, made inside the store."""

import pytest
from azure.storage.blob import ContainerClient

from tests.engine.azure.stores import opened
from tests.servers.azure import AzuriteServer
from tests.servers.fault_proxy import FaultProxy
from vfs.engine.backends.azure import AzureBackend
from vfs.engine.entries import Attributes
from vfs.engine.errors import AlreadyExists, Conflict, NotFound
from vfs.engine.originals import CopiesFrom, Original, TellsOriginal

OWNER = Attributes(mode=0o640, uid=1000, gid=1000, mtime_ns=1_600_000_000_123_456_789)


def original_of(backend: AzureBackend, key: str) -> Original:
    tells = backend.ability(TellsOriginal)
    assert tells is not None
    return tells.original(key)


def test_a_file_of_another_container_is_copied_in_one_request(
    counted: AzureBackend, azurite: AzuriteServer, azure_proxy: FaultProxy
) -> None:
    """Bytes, metadata and attributes; no bytes come here."""
    with azurite.container() as other, opened(azure_proxy.url, other.container_name, prefix="a b") as theirs:
        theirs.write("é/f", b"content", metadata={"k": "v"}, attributes=OWNER)
        entry, original = theirs.stat("é/f"), original_of(theirs, "é/f")
        copies = counted.ability(CopiesFrom)
        assert copies is not None
        assert copies.can_copy_from(original, entry)
        with azure_proxy.counting() as requests:
            copies.copy_from(original, entry, "d/copied")
        assert dict(requests) == {"COPY": 1}
        assert bytes(counted.read("d/copied")) == b"content"
        copied = counted.stat("d/copied")
        assert (copied.attributes, copied.metadata) == (OWNER, {"k": "v"})
        with pytest.raises(AlreadyExists):
            copies.copy_from(original, entry, "d/copied", overwrite=False)
        copies.copy_from(original, entry, "d/free", overwrite=False)
        assert bytes(counted.read("d/free")) == b"content"
        azure_proxy.lose_reply(matches=lambda request: request.act == "COPY", times=1)
        copies.copy_from(original, entry, "é/f", overwrite=False)
        assert bytes(counted.read("é/f")) == b"content"
        theirs.write("é/f", b"replaced")
        with pytest.raises(Conflict):
            copies.copy_from(original, entry, "d/copied")
        theirs.delete("é/f")
        with pytest.raises(NotFound):
            copies.copy_from(original, entry, "d/copied")
        assert bytes(counted.read("d/copied")) == b"content"


def test_only_the_same_account_and_rights_are_one_store(
    azurite: AzuriteServer, container: ContainerClient
) -> None:
    """Others are copied by way of here, and nothing of the credentials is told."""
    name = container.container_name
    with (
        opened(azurite.url, name) as one,
        opened(azurite.url, "other") as same,
        opened(azurite.url, name, attributes="ignore") as reads_otherwise,
        opened(azurite.url, name, account_key="b3RoZXI=") as other_key,
        opened(azurite.url, name, account_key=None, anon=True) as nobody,
    ):
        store = original_of(one, "f").store
        assert original_of(same, "f").store == store
        for backend in (reads_otherwise, other_key, nobody):
            assert original_of(backend, "f").store != store
        assert original_of(one, "d/f").is_within(original_of(one, "d"))
        assert "b3RoZXI=" not in original_of(other_key, "f").store
