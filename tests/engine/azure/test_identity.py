"""Who we are to Azure: what is written, where it is looked for, and how each driver is told."""

import datetime
from typing import Any

import azure.core.exceptions
import pytest

from tests.engine.azure.stores import opened
from tests.servers.web import scripted_server
from vfs.engine.backends.azure import AzureOptions
from vfs.engine.backends.azure.identity import Identity, TokenSource
from vfs.engine.errors import ConfigError, PermissionDenied

KEY = "a2V5"
VARIABLES = ("CONNECTION_STRING", "ACCOUNT_NAME", "ACCOUNT_KEY", "KEY", "SAS_TOKEN")


@pytest.fixture(autouse=True)
def _no_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever this machine is logged in to."""
    for name in VARIABLES:
        monkeypatch.delenv(f"AZURE_STORAGE_{name}", raising=False)


def identity(**written: Any) -> Identity:
    return Identity(AzureOptions.model_validate({"container": "c", **written}))


@pytest.mark.parametrize(
    ("written", "name", "endpoint"),
    [
        ({"account_name": "acct"}, "acct", "https://acct.blob.core.windows.net"),
        (
            {"account_name": "acct", "endpoint_url": "https://acct.blob.core.chinacloudapi.cn/"},
            "acct",
            "https://acct.blob.core.chinacloudapi.cn",
        ),
        (
            {"endpoint_url": "https://acct.blob.core.windows.net"},
            "acct",
            "https://acct.blob.core.windows.net",
        ),
        (
            {"account_name": "acct", "endpoint_url": "http://127.0.0.1:10000"},
            "acct",
            "http://127.0.0.1:10000/acct",
        ),
        ({"endpoint_url": "http://localhost:10000/acct"}, "acct", "http://localhost:10000/acct"),
        (
            {"account_name": "acct", "endpoint_url": "https://blobs.example.org"},
            "acct",
            "https://blobs.example.org",
        ),
    ],
)
def test_where_the_account_is(written: dict[str, str], name: str, endpoint: str) -> None:
    """Azure's own address, one that is written, and an emulator's, which has the account in its path."""
    account = identity(account_key=KEY, **written).account
    assert (account.name, account.endpoint, account.key) == (name, endpoint, KEY)


@pytest.mark.parametrize(
    ("text", "name", "endpoint", "key", "sas"),
    [
        (
            f"DefaultEndpointsProtocol=https;AccountName=acct;AccountKey={KEY};EndpointSuffix=core.windows.net",
            "acct",
            "https://acct.blob.core.windows.net",
            KEY,
            None,
        ),
        (
            "BlobEndpoint=https://acct.blob.core.windows.net/;SharedAccessSignature=?sv=1&sig=a%3D",
            "acct",
            "https://acct.blob.core.windows.net",
            None,
            "sv=1&sig=a%3D",
        ),
    ],
)
def test_connection_strings_are_read(
    text: str, name: str, endpoint: str, key: str | None, sas: str | None
) -> None:
    """As Azure shows them, with a key or with a SAS."""
    account = identity(connection_string=text).account
    assert (account.name, account.endpoint, account.key, account.sas) == (name, endpoint, key, sas)


def test_the_emulator_has_a_name_of_its_own() -> None:
    """`UseDevelopmentStorage=true` is Azurite where it listens by itself."""
    account = identity(connection_string="UseDevelopmentStorage=true").account
    assert (account.name, account.endpoint) == ("devstoreaccount1", "http://127.0.0.1:10000/devstoreaccount1")


def test_what_is_written_wins_over_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """A key in the options is the key, whatever this machine is logged in to."""
    monkeypatch.setenv("AZURE_STORAGE_CONNECTION_STRING", "AccountName=other;AccountKey=b3RoZXI=")
    account = identity(account_name="acct", account_key=KEY).account
    assert (account.name, account.key) == ("acct", KEY)
    assert identity().account.name == "other"


def test_anonymous_means_without_credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    """Those of the environment are not sent to a container that needs none."""
    monkeypatch.setenv("AZURE_STORAGE_ACCOUNT_KEY", KEY)
    found = identity(account_name="acct", anon=True)
    assert (found.account.key, found.account.sas, found.account.tokens) == (None, None, None)
    assert found.for_obstore() == {"account_name": "acct", "skip_signature": True}


def test_what_is_missing_or_wrong_is_said() -> None:
    """Before anything is asked of the store, by the option that would help."""
    with pytest.raises(ConfigError, match="set `account_name` or `connection_string`"):
        identity(account_key=KEY)
    with pytest.raises(ConfigError, match="`account_key` is not the Base64 text"):
        identity(account_name="acct", account_key="not base64!")
    with pytest.raises(ConfigError, match="names no account"):
        identity(connection_string="AccountKey=a2V5")
    with pytest.raises(ConfigError, match="WorkloadIdentityCredential is not set up"):
        identity(account_name="acct", credential="workload_identity")


class _Tokens:
    """A credential as azure-identity's are: gives tokens, or says why not."""

    def __init__(self, token: str | None) -> None:
        self._token = token
        self.closed = False

    def get_token(self, scope: str) -> Any:
        if self._token is None:
            raise azure.core.exceptions.ClientAuthenticationError("nobody is logged in")
        ends = datetime.datetime.now(datetime.UTC) + datetime.timedelta(hours=1)
        return type("Token", (), {"token": self._token, "expires_on": int(ends.timestamp())})()

    def close(self) -> None:
        self.closed = True


def test_a_token_goes_with_every_request(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of obstore and of our own; and the credential is closed with the mount."""
    tokens = _Tokens("the-token")
    monkeypatch.setattr("azure.identity.DefaultAzureCredential", lambda: tokens)
    told = {"ETag": '"0x1"', "Last_Modified": "Sat, 21 Nov 2026 11:00:00 GMT"}
    with (
        scripted_server(lambda request: request.send(200, b"content", **told)) as (url, requests),
        opened(url, "c", account_key=None) as backend,
    ):
        assert bytes(backend.read("f")) == b"content"
        assert backend.stat("f").size == 7
    assert [
        {name.lower(): value for name, value in headers.items()}["authorization"]
        for _, _, headers in requests
    ] == ["Bearer the-token", "Bearer the-token"]
    assert tokens.closed


def test_a_missing_token_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    """By every driver, and without asking the store."""
    monkeypatch.setattr("azure.identity.DefaultAzureCredential", lambda: _Tokens(None))
    with opened("http://127.0.0.1:1", "c", account_key=None) as backend:
        with pytest.raises(PermissionDenied, match="`account_key`, `sas_token`"):
            backend.stat("f")
        with pytest.raises(PermissionDenied, match="no token"):
            backend.read("f")


@pytest.mark.parametrize(
    ("written", "source"),
    [
        ({"credential": "cli"}, TokenSource("AzureCliCredential")),
        (
            {"credential": "managed_identity", "client_id": "c"},
            TokenSource("ManagedIdentityCredential", {"client_id": "c"}),
        ),
        (
            {"tenant_id": "t", "client_id": "c", "client_secret": "s"},
            TokenSource("ClientSecretCredential", {"tenant_id": "t", "client_id": "c", "client_secret": "s"}),
        ),
        ({}, TokenSource("DefaultAzureCredential")),
    ],
)
def test_every_driver_gets_the_same_credential(written: dict[str, str], source: TokenSource) -> None:
    """adlfs one of its own kind; and what it is made of is not shown."""
    found = identity(account_name="acct", **written)
    assert found.account.tokens == source
    told = found.for_adlfs()
    assert type(told["credential"]).__name__ == source.name
    assert told["credential"].__class__.__module__.split(".")[:2] == ["azure", "identity"]
    assert "client_secret" not in repr(found.account.tokens)
    found.close()


def test_a_connection_string_of_the_environment_does_not_hide_a_token(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """adlfs would take it first, and ask another account: that is said instead."""
    found = identity(account_name="acct", credential="cli")
    monkeypatch.setenv("AZURE_STORAGE_CONNECTION_STRING", "AccountName=other;AccountKey=b3RoZXI=")
    with pytest.raises(ConfigError, match="hides the credentials"):
        found.for_adlfs()
    found.close()
