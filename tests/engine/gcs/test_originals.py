"""Copies from other buckets that the same credentials reach, made inside the store."""

import pytest

from tests.engine.gcs.stores import opened
from tests.servers.fault_proxy import FaultProxy
from tests.servers.gcs import GcsServer
from vfs.engine.backends.gcs import GcsBackend
from vfs.engine.entries import Attributes
from vfs.engine.errors import AlreadyExists, Conflict, StorageError
from vfs.engine.originals import CopiesFrom, Original, TellsOriginal

OWNER = Attributes(mode=0o640, uid=1000, gid=1000, mtime_ns=1_600_000_000_123_456_789)


def original_of(backend: GcsBackend, key: str) -> Original:
    tells = backend.ability(TellsOriginal)
    assert tells is not None
    return tells.original(key)


def test_a_file_of_another_bucket_is_copied_in_one_request(
    counted: GcsBackend, gcs: GcsServer, gcs_proxy: FaultProxy
) -> None:
    """Bytes, metadata and attributes; a source that is another one now, or gone, is told."""
    with gcs.bucket() as other, opened(gcs_proxy.url, other, prefix="a b") as theirs:
        theirs.write("é/f", b"content", metadata={"k": "v"}, attributes=OWNER)
        entry, original = theirs.stat("é/f"), original_of(theirs, "é/f")
        copies = counted.ability(CopiesFrom)
        assert copies is not None
        assert copies.can_copy_from(original, entry)
        with gcs_proxy.counting() as requests:
            copies.copy_from(original, entry, "d/copied")
        assert dict(requests) == {"COPY": 1}
        assert bytes(counted.read("d/copied")) == b"content"
        copied = counted.stat("d/copied")
        assert (copied.attributes, copied.metadata) == (OWNER, {"k": "v"})
        with pytest.raises(AlreadyExists):
            copies.copy_from(original, entry, "d/copied", overwrite=False)
        copies.copy_from(original, entry, "d/free", overwrite=False)
        assert bytes(counted.read("d/free")) == b"content"
        gcs_proxy.lose_reply(matches=lambda request: request.act == "COPY", times=1)
        copies.copy_from(original, entry, "é/f", overwrite=False)
        assert bytes(counted.read("é/f")) == b"content"
        theirs.write("é/f", b"replaced")
        with pytest.raises(Conflict):
            copies.copy_from(original, entry, "d/copied")
        theirs.delete("é/f")
        with pytest.raises(StorageError):
            copies.copy_from(original, entry, "d/copied")
        assert bytes(counted.read("d/copied")) == b"content"


def test_only_the_same_rights_are_one_store(gcs: GcsServer, gcs_bucket: str) -> None:
    """Others are copied by way of here, and nothing of the credentials is told."""
    with (
        opened(gcs.url, gcs_bucket) as one,
        opened(gcs.url, "other") as same,
        opened(gcs.url, gcs_bucket, attributes="ignore") as reads_otherwise,
        opened(gcs.url, gcs_bucket, token="ya29.secret") as other_token,
    ):
        store = original_of(one, "f").store
        assert original_of(same, "f").store == store
        for backend in (reads_otherwise, other_token):
            assert original_of(backend, "f").store != store
        assert original_of(one, "d/f").is_within(original_of(one, "d"))
        assert "ya29" not in original_of(other_token, "f").store
