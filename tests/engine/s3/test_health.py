"""What is wrong with a mount, in one line: the bucket, the credentials, the network, the options."""

import hashlib
import time
import urllib.request

import pydantic
import pytest

from tests.engine.s3.stores import opened, options
from tests.servers import seaweed as server
from tests.servers.fault_proxy import FaultProxy
from tests.servers.seaweed import SeaweedServer
from vfs.engine.backends.s3 import S3Backend, S3Options
from vfs.engine.errors import BackendUnavailable, ConfigError, NotFound, PermissionDenied


def test_a_wrong_bucket_is_named(seaweed: SeaweedServer) -> None:
    """And so is the endpoint that does not have it."""
    with opened(seaweed.url, "no-such-bucket") as backend, pytest.raises(NotFound) as caught:
        backend.ping()
    assert str(caught.value) == f"there is no bucket 'no-such-bucket' at {seaweed.url}"


def test_a_missing_bucket_is_no_missing_file(seaweed: SeaweedServer) -> None:
    """Each act says that it is the bucket."""
    with opened(seaweed.url, "no-such-bucket") as backend:
        for act in (backend.stat, backend.read, lambda key: list(backend.list(key))):
            with pytest.raises(NotFound, match="there is no bucket"):
                act("f")


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"secret": "wrong"}, "the secret does not fit the access key"),
        ({"key": "wrong"}, "the store does not know this access key"),
    ],
)
def test_wrong_credentials_are_told_apart(
    seaweed: SeaweedServer, bucket: str, wrong: dict[str, str], said: str
) -> None:
    """An unknown key, or a secret that does not fit; neither is repeated."""
    with (
        opened(seaweed.url, bucket, **wrong) as backend,
        pytest.raises(PermissionDenied, match=said) as caught,
    ):
        backend.ping()
    assert server.SECRET_KEY not in str(caught.value)


def test_an_unreachable_store_is_told_at_once(proxy: FaultProxy, bucket: str) -> None:
    """`ping` does not try again: whoever mounts wants to know now."""
    with opened(proxy.url, bucket) as backend:
        proxy.refuse()
        started = time.monotonic()
        with pytest.raises(BackendUnavailable, match="no answer from bucket"):
            backend.ping()
    assert time.monotonic() - started < 5


def test_a_silent_store_is_told_in_time(proxy: FaultProxy, bucket: str) -> None:
    """Within `timeout`, whatever the deadline of other acts is."""
    proxy.stall()
    with opened(proxy.url, bucket, timeout=0.5) as backend, pytest.raises(BackendUnavailable):
        backend.ping()


def test_secrets_are_never_shown(seaweed: SeaweedServer, bucket: str) -> None:
    """Neither by options nor by what was made from them."""
    given = options(seaweed.url, bucket, token="the-token")
    with opened(seaweed.url, bucket) as backend:
        shown = repr(given) + str(given) + given.model_dump_json() + repr(backend) + repr(vars(backend))
    assert server.SECRET_KEY not in shown
    assert server.ACCESS_KEY not in shown
    assert "the-token" not in shown


def test_credentials_come_from_the_environment(
    seaweed: SeaweedServer, bucket: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The usual AWS variables feed every driver."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", server.ACCESS_KEY)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", server.SECRET_KEY)
    backend = S3Backend(S3Options(bucket=bucket, endpoint_url=seaweed.url, region=server.REGION))
    try:
        backend.write("f", b"x")
        backend.write("big", bytes(9 << 20))
        assert {entry.name for entry in backend.list("")} == {"f", "big"}
    finally:
        backend.close()


def test_missing_credentials_say_what_to_set(monkeypatch: pytest.MonkeyPatch) -> None:
    """Before anything is asked of the store."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "/nonexistent")
    monkeypatch.setenv("AWS_CONFIG_FILE", "/nonexistent")
    with pytest.raises(ConfigError, match="`key` and `secret`"):
        S3Backend(S3Options(bucket="b", endpoint_url="http://127.0.0.1:1"))
    with pytest.raises(ConfigError, match="no AWS profile 'absent'"):
        S3Backend(S3Options(bucket="b", profile="absent"))
    with pytest.raises(ConfigError, match="belong together"):
        S3Backend(S3Options.model_validate({"bucket": "b", "key": "only"}))


@pytest.mark.parametrize(
    "wrong",
    [
        {"buckets": "b"},
        {"bucket": ""},
        {"part_size": "1MiB"},
        {"timeout": 0},
        {"retries": -1},
        {"prefix": "a/../b"},
        {"endpoint_url": "localhost:9000"},
        {"attributes": "perhaps"},
    ],
)
def test_wrong_options_are_refused(wrong: dict[str, object]) -> None:
    """Unknown names, impossible sizes, and what is no URL."""
    with pytest.raises((pydantic.ValidationError, ValueError)):
        S3Options.model_validate({"bucket": "b", **wrong})


def test_credentials_have_their_aws_names_too() -> None:
    """`access_key_id`, `secret_access_key` and `session_token` are `key`, `secret` and `token`."""
    given = S3Options.model_validate(
        {"bucket": "b", "access_key_id": "k", "secret_access_key": "s", "session_token": "t"}
    )
    assert [secret.get_secret_value() for secret in (given.key, given.secret, given.token) if secret] == [
        "k",
        "s",
        "t",
    ]


def test_a_signed_url_reads_the_file(backend: S3Backend) -> None:
    """Whoever has it needs no credentials, also for an odd name."""
    for key in ("d/f", "a+b c?&#%é", "line\nbreak"):
        backend.write(key, key.encode())
        with urllib.request.urlopen(backend.url(key, expires_in=60)) as answer:
            assert answer.read() == key.encode()


def test_the_etag_of_a_plain_file_is_its_hash(backend: S3Backend) -> None:
    """That of one sent in parts is not, and nothing is made up."""
    backend.write("small", b"content")
    backend.write("big", bytes(9 << 20))
    assert backend.content_hash("small") == ("md5", hashlib.md5(b"content").hexdigest())
    assert backend.content_hash("big") is None
