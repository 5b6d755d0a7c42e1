"""Buckets that are not where they were looked for, and servers that do not heed what they are asked."""

import pytest

from tests.engine.s3.stores import opened
from tests.servers.scripted import says, serving, told
from vfs.engine.errors import ConfigError, NotFound, PermissionDenied, StorageError


@pytest.mark.parametrize("status", ["301 Moved Permanently", "307 Temporary Redirect", "400 Bad Request"])
def test_a_bucket_in_another_region_names_it(status: str) -> None:
    """No file is taken to be missing because its bucket is elsewhere."""
    elsewhere = f"HTTP/1.1 {status}\r\nx-amz-bucket-region: eu-west-1\r\nContent-Length: 0\r\n\r\n".encode()
    with (
        serving(says(elsewhere)) as server,
        opened(server.origin, "b") as backend,
        pytest.raises(ConfigError, match="is in the region eu-west-1; set `region: eu-west-1`") as caught,
    ):
        backend.read("f")
    assert str(caught.value).startswith(f"f: bucket 'b' at {server.origin} ")


def test_a_server_that_sends_on_is_not_followed() -> None:
    """Signatures are for one server; where it would lead is not repeated, for that may be anything."""
    away = b"HTTP/1.1 302 Found\r\nLocation: http://elsewhere/?secret\r\nContent-Length: 0\r\n\r\n"
    with (
        serving(says(away)) as server,
        opened(server.origin, "b") as backend,
        pytest.raises(StorageError, match="sends on to another place; check `endpoint_url`") as caught,
    ):
        backend.read("f")
    assert not isinstance(caught.value, NotFound)
    assert "secret" not in str(caught.value)


def test_no_word_of_a_server_is_taken_for_a_region() -> None:
    """What it says is shown only if it can be one, and is another one than that of the request."""
    odd = b"HTTP/1.1 400 Bad Request\r\nx-amz-bucket-region: <b>, x\r\nContent-Length: 0\r\n\r\n"
    own = b"HTTP/1.1 403 Forbidden\r\nx-amz-bucket-region: us-west-2\r\nContent-Length: 0\r\n\r\n"
    with serving(says(odd, own)) as server, opened(server.origin, "b") as backend:
        with pytest.raises(StorageError, match="refused the request"):
            backend.read("f")
        with pytest.raises(PermissionDenied):
            backend.read("f")


def test_a_server_without_ranges_is_no_store() -> None:
    """The beginning of an object is not taken for its middle, nor the whole for a part."""
    whole = told(b"0123456789", "Last-Modified: Sat, 21 Nov 2026 11:00:00 GMT", 'ETag: "e"')
    with serving(says(whole), says(whole), says(whole)) as server, opened(server.origin, "b") as backend:
        with pytest.raises(StorageError, match="10 bytes where 4 are the most that were asked for"):
            backend.read("f", 2, 6)
        with pytest.raises(StorageError, match="gives no parts of objects"):
            backend.read("f", 2, 20)
        assert bytes(backend.read("f", 0, 20)) == b"0123456789"
