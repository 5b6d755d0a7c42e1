"""What is wrong with a mount, in one line: the bucket, the credentials, the network, the options."""

import base64
import hashlib
import json
import threading
import time
import urllib.request
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import google_crc32c
import pydantic
import pytest

from tests.engine.gcs.keys import write_key_file
from tests.engine.gcs.stores import opened
from tests.servers.fault_proxy import FaultProxy
from tests.servers.gcs import GcsServer
from vfs.engine.backend import SignsUrls
from vfs.engine.backends.gcs import GcsBackend, GcsOptions
from vfs.engine.backends.gcs.resources import hash_of
from vfs.engine.capabilities import Capability
from vfs.engine.errors import (
    BackendUnavailable,
    ConfigError,
    InvalidPath,
    NotFound,
    PermissionDenied,
)


class TokenServer:
    """Gives access tokens to whoever asks, or an error."""

    def __init__(self) -> None:
        self.asked = 0
        self.status = 200
        server = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                server.asked += 1
                answers = {
                    200: {"access_token": "the-token", "expires_in": 3600},
                    400: {"error": "invalid_grant", "error_description": "no such key"},
                }
                body = json.dumps(answers[server.status]).encode()
                self.send_response(server.status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: object) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}/token"

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def tokens() -> Iterator[TokenServer]:
    server = TokenServer()
    yield server
    server.close()


@pytest.fixture
def key_file(tmp_path: Path, tokens: TokenServer) -> Path:
    """The file of a service account, with a key made for the test."""
    return write_key_file(tmp_path / "key.json", tokens.url)


def test_a_wrong_bucket_is_named(gcs: GcsServer) -> None:
    """And so is the endpoint that does not have it."""
    with opened(gcs.url, "no-such-bucket") as backend, pytest.raises(NotFound) as caught:
        backend.ping()
    assert str(caught.value) == f"there is no bucket 'no-such-bucket' at {gcs.url}"


def test_a_missing_bucket_is_no_missing_file(gcs: GcsServer) -> None:
    """Each act says that it is the bucket."""
    with opened(gcs.url, "no-such-bucket") as backend:
        for act in (backend.stat, backend.read, lambda key: list(backend.list(key))):
            with pytest.raises(NotFound, match="there is no bucket"):
                act("f")


def test_an_unreachable_store_is_told_at_once(gcs_proxy: FaultProxy, gcs_bucket: str) -> None:
    """`ping` does not try again: whoever mounts wants to know now."""
    with opened(gcs_proxy.url, gcs_bucket) as backend:
        gcs_proxy.refuse()
        started = time.monotonic()
        with pytest.raises(BackendUnavailable, match="no answer from bucket"):
            backend.ping()
    assert time.monotonic() - started < 5


def test_what_is_no_gcs_endpoint_is_told(tokens: TokenServer) -> None:
    """A web server that answers something else is not taken for an empty bucket."""
    with opened(tokens.url, "b") as backend, pytest.raises(OSError, match="bucket 'b'"):
        backend.ping()


def test_a_service_account_is_let_in(
    gcs: GcsServer, gcs_bucket: str, key_file: Path, tokens: TokenServer
) -> None:
    """One token serves every driver until it runs out."""
    with opened(gcs.url, gcs_bucket, token=str(key_file)) as backend:
        backend.write("f", b"x")
        assert bytes(backend.read("f")) == b"x"
        assert [entry.name for entry in backend.list("")] == ["f"]
    assert tokens.asked == 1


def test_credentials_come_from_the_environment(
    gcs: GcsServer, gcs_bucket: str, key_file: Path, tokens: TokenServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """GOOGLE_APPLICATION_CREDENTIALS and STORAGE_EMULATOR_HOST are what Google's own clients heed."""
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(key_file))
    monkeypatch.setenv("STORAGE_EMULATOR_HOST", gcs.url.removeprefix("http://"))
    backend = GcsBackend(GcsOptions(bucket=gcs_bucket))
    try:
        backend.write("f", b"x")
    finally:
        backend.close()
    assert tokens.asked == 1


def test_a_refused_account_is_told(
    gcs: GcsServer, gcs_bucket: str, key_file: Path, tokens: TokenServer
) -> None:
    """In one line, without the key."""
    tokens.status = 400
    with (
        opened(gcs.url, gcs_bucket, token=str(key_file)) as backend,
        pytest.raises(PermissionDenied, match="check the credentials") as caught,
    ):
        backend.ping()
    assert "PRIVATE" not in str(caught.value)


def test_an_unreachable_token_server_is_told(
    gcs: GcsServer, gcs_bucket: str, key_file: Path, tokens: TokenServer
) -> None:
    """It is a failure of the network, not of the credentials."""
    tokens.close()
    with (
        opened(gcs.url, gcs_bucket, token=str(key_file), retries=0) as backend,
        pytest.raises(BackendUnavailable, match="no answer when asking for access"),
    ):
        backend.ping()


def test_an_access_token_is_taken_as_it_is(gcs: GcsServer, gcs_bucket: str, tokens: TokenServer) -> None:
    """Nobody is asked about it."""
    with opened(gcs.url, gcs_bucket, token="ya29.secret") as backend:
        backend.write("f", b"x")
        assert bytes(backend.read("f")) == b"x"
    assert tokens.asked == 0


def test_missing_credentials_say_what_to_set(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Before anything is asked of the store."""
    monkeypatch.setenv("NO_GCE_CHECK", "true")
    monkeypatch.setenv("CLOUDSDK_CONFIG", str(tmp_path))
    monkeypatch.delenv("GOOGLE_APPLICATION_CREDENTIALS", raising=False)
    with pytest.raises(ConfigError, match="GOOGLE_APPLICATION_CREDENTIALS"):
        GcsBackend(GcsOptions(bucket="b"))
    with pytest.raises(ConfigError, match="not there"):
        GcsBackend(GcsOptions.model_validate({"bucket": "b", "token": str(tmp_path / "absent.json")}))
    broken = tmp_path / "broken.json"
    broken.write_text("{}")
    with pytest.raises(ConfigError, match="no credentials of a kind"):
        GcsBackend(GcsOptions.model_validate({"bucket": "b", "token": str(broken)}))


def test_secrets_are_never_shown(gcs: GcsServer, gcs_bucket: str) -> None:
    """Neither by options nor by what was made from them."""
    with opened(gcs.url, gcs_bucket, token="ya29.secret") as backend:
        given = GcsOptions.model_validate({"bucket": "b", "token": "ya29.secret"})
        shown = repr(given) + str(given) + given.model_dump_json() + repr(backend) + repr(vars(backend))
    assert "ya29.secret" not in shown


@pytest.mark.parametrize(
    "wrong",
    [
        {"buckets": "b"},
        {"bucket": ""},
        {"part_size": "1KiB"},
        {"timeout": 0},
        {"retries": -1},
        {"prefix": "a/../b"},
        {"endpoint_url": "localhost:4443"},
        {"attributes": "perhaps"},
    ],
)
def test_wrong_options_are_refused(wrong: dict[str, object]) -> None:
    """Unknown names, impossible sizes, and what is no URL."""
    with pytest.raises((pydantic.ValidationError, ValueError)):
        GcsOptions.model_validate({"bucket": "b", **wrong})


def test_a_signed_url_names_the_file(gcs: GcsServer, gcs_bucket: str, key_file: Path) -> None:
    """With the key of a service account, for an odd name too; the server under test checks no signature."""
    with opened(gcs.url, gcs_bucket, token=str(key_file)) as backend:
        signs = backend.ability(SignsUrls)
        assert signs is not None
        assert Capability.PRESIGNED_URLS in backend.capabilities
        for key in ("d/f", "a+b c?&#%é"):
            backend.write(key, key.encode())
            url = signs.url(key, expires_in=60)
            signed = parse_qs(urlsplit(url).query)
            assert signed["X-Goog-Expires"] == ["60"]
            assert len(bytes.fromhex(signed["X-Goog-Signature"][0])) == 256
            with urllib.request.urlopen(url) as answer:
                assert answer.read() == key.encode()
        with pytest.raises(InvalidPath, match="seconds"):
            signs.url("d/f", expires_in=8 * 24 * 3600)


def test_without_a_key_nothing_is_signed(backend: GcsBackend) -> None:
    """And the capability is not there."""
    assert backend.ability(SignsUrls) is None
    assert Capability.PRESIGNED_URLS not in backend.capabilities


def test_the_store_tells_a_hash(backend: GcsBackend) -> None:
    """MD5 of what came whole."""
    backend.write("small", b"content")
    assert backend.content_hash("small") == ("md5", hashlib.md5(b"content").hexdigest())


def test_a_composed_object_has_a_checksum() -> None:
    """Google tells CRC32C of what was composed, and no MD5."""
    checksum = google_crc32c.Checksum(b"content").digest()
    told = {"crc32c": base64.b64encode(checksum).decode()}
    assert hash_of(told) == ("crc32c", checksum.hex())
    assert hash_of({}) is None
