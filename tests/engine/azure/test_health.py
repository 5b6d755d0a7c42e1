"""What is wrong with a mount, in one line: the container, the credentials, the network, the options."""

import hashlib
import logging
import time
import traceback
import urllib.request
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pydantic
import pytest
from azure.storage.blob import ContainerClient, ContainerSasPermissions, generate_container_sas

from tests.engine.azure.stores import opened, options
from tests.servers import azure as server
from tests.servers.azure import AzuriteServer
from tests.servers.fault_proxy import FaultProxy
from vfs.engine.backend import Copies, DeletesMany, SignsUrls
from vfs.engine.backends.azure import AzureBackend, AzureOptions
from vfs.engine.capabilities import Capability
from vfs.engine.errors import BackendUnavailable, NotFound, PermissionDenied, ResourceLocked


def test_a_wrong_container_is_named(azurite: AzuriteServer) -> None:
    """By each act, and with the account that does not have it: it is no missing file."""
    with opened(azurite.url, "no-such-container") as backend:
        acts: tuple[Callable[[str], object], ...] = (
            lambda key: backend.ping(),
            backend.stat,
            backend.read,
            lambda key: list(backend.list("")),
            lambda key: backend.write(key, b"x"),
        )
        for act in acts:
            with pytest.raises(NotFound) as caught:
                act("f")
            said = f"there is no container 'no-such-container' at {azurite.url}/{server.ACCOUNT}"
            assert said in str(caught.value)


def test_a_wrong_key_is_told(azurite: AzuriteServer, container: ContainerClient) -> None:
    """By every driver, and it is not repeated."""
    with opened(azurite.url, container.container_name, account_key="d3Jvbmc=") as backend:
        for act in (backend.ping, lambda: backend.read("f"), lambda: backend.write("f", b"x")):
            with pytest.raises(PermissionDenied, match="refuses the signature") as caught:
                act()
            assert "d3Jvbmc=" not in str(caught.value)


def test_an_unreachable_store_is_told_at_once(azure_proxy: FaultProxy, container: ContainerClient) -> None:
    """`ping` does not try again: whoever mounts wants to know now."""
    with opened(azure_proxy.url, container.container_name) as backend:
        azure_proxy.refuse()
        started = time.monotonic()
        with pytest.raises(BackendUnavailable, match="no answer from container"):
            backend.ping()
    assert time.monotonic() - started < 5


def test_a_silent_store_is_told_in_time(azure_proxy: FaultProxy, container: ContainerClient) -> None:
    """Within `timeout`, whatever the deadline of other acts is."""
    azure_proxy.stall()
    with (
        opened(azure_proxy.url, container.container_name, timeout=0.5) as backend,
        pytest.raises(BackendUnavailable),
    ):
        backend.ping()


def test_secrets_are_never_shown(azurite: AzuriteServer, container: ContainerClient) -> None:
    """Neither by options nor by what was made from them."""
    text = f"AccountName=a;AccountKey={server.KEY};SharedAccessSignature=sig-of-sas"
    given = options(
        azurite.url,
        container.container_name,
        connection_string=text,
        sas_token="sig-of-sas",
        client_secret="the-secret",
        tenant_id="t",
        client_id="c",
    )
    with opened(azurite.url, container.container_name) as backend:
        connection = backend._connection
        made = (backend, vars(backend), connection, vars(connection), connection.identity.account)
        shown = repr(given) + str(given) + given.model_dump_json() + "".join(map(repr, made))
    for secret in (server.KEY, "sig-of-sas", "the-secret"):
        assert secret not in shown


def test_a_sas_is_in_no_log(
    azurite: AzuriteServer, container: ContainerClient, caplog: pytest.LogCaptureFixture
) -> None:
    """Nor in an error and what caused it, whatever the drivers are asked to tell."""
    sas = "sv=2021-01-01&sig=the-signature"
    caplog.set_level(logging.DEBUG)
    with opened(azurite.url, container.container_name, account_key=None, sas_token=sas) as backend:
        acts = (
            lambda: backend.stat("f"),
            lambda: backend.read("f"),
            lambda: backend.write("f", b"x"),
            lambda: list(backend.list("")),
            lambda: backend.delete_many(["f"]),
        )
        for act in acts:
            with pytest.raises(PermissionDenied) as caught:
                act()
            assert "the-signature" not in "".join(traceback.format_exception(caught.value))
    assert "the-signature" not in caplog.text


def test_a_mount_by_sas_does_all_but_sign(azurite: AzuriteServer, container: ContainerClient) -> None:
    """Every driver takes the token; a URL that would give it away is refused."""
    token = generate_container_sas(
        server.ACCOUNT,
        container.container_name,
        account_key=server.KEY,
        permission=ContainerSasPermissions(read=True, write=True, delete=True, list=True),
        expiry=datetime.now(UTC) + timedelta(hours=1),
    )
    with opened(azurite.url, container.container_name, account_key=None, sas_token=f"?{token}") as backend:
        backend.write("d/f", b"content")
        backend.write("d/big", bytes(9 << 20))
        backend.write("line\nbreak", b"odd")
        assert bytes(backend.read("d/f")) + bytes(backend.read("line\nbreak")) == b"contentodd"
        copies, deletes = backend.ability(Copies), backend.ability(DeletesMany)
        assert copies is not None
        assert deletes is not None
        copies.copy("d/f", "d/g")
        deletes.delete_many(["d/f", "d/absent", "d/big"])
        assert [entry.name for entry in backend.list("d")] == ["g"]
        assert backend.ability(SignsUrls) is None
        assert Capability.PRESIGNED_URLS not in backend.capabilities


def test_a_public_container_is_read_without_credentials(
    azurite: AzuriteServer, container: ContainerClient
) -> None:
    """And a private one says that they are needed."""
    container.upload_blob("d/f", b"content")
    with opened(azurite.url, container.container_name, account_key=None, anon=True) as backend:
        with pytest.raises((PermissionDenied, NotFound)):
            backend.read("d/f")
        container.set_container_access_policy({}, public_access="container")
        assert bytes(backend.read("d/f")) == b"content"
        assert [entry.name for entry in backend.list("d")] == ["f"]
        with urllib.request.urlopen(backend.url("d/f")) as answer:
            assert answer.read() == b"content"


def test_credentials_come_from_the_environment(
    azurite: AzuriteServer, container: ContainerClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The usual variables feed every driver: a connection string, or an account and its key."""
    endpoint = f"{azurite.url}/{server.ACCOUNT}"
    variables = (
        {
            "AZURE_STORAGE_CONNECTION_STRING": f"AccountName={server.ACCOUNT};"
            f"AccountKey={server.KEY};BlobEndpoint={endpoint};"
        },
        {"AZURE_STORAGE_ACCOUNT_NAME": server.ACCOUNT, "AZURE_STORAGE_ACCOUNT_KEY": server.KEY},
    )
    for found in variables:
        with monkeypatch.context() as environment:
            for name, value in found.items():
                environment.setenv(name, value)
            written = {} if "AZURE_STORAGE_CONNECTION_STRING" in found else {"endpoint_url": azurite.url}
            given = {"container": container.container_name, **written}
            backend = AzureBackend(AzureOptions.model_validate(given))
            try:
                backend.write("f", b"x")
                backend.write("big", bytes(9 << 20))
                backend.delete_many(["big"])
                assert {entry.name for entry in backend.list("")} == {"f"}
            finally:
                backend.close()


@pytest.mark.parametrize(
    "wrong",
    [
        {"containers": "b"},
        {"container": ""},
        {"part_size": "1KiB"},
        {"timeout": 0},
        {"retries": -1},
        {"prefix": "a/../b"},
        {"endpoint_url": "localhost:10000"},
        {"attributes": "perhaps"},
        {"credential": "magic"},
        {"client_secret": "alone"},
    ],
)
def test_wrong_options_are_refused(wrong: dict[str, object]) -> None:
    """Unknown names, impossible sizes, what is no URL, half of a service principal."""
    with pytest.raises((pydantic.ValidationError, ValueError)):
        AzureOptions.model_validate({"container": "c", **wrong})


def test_options_have_their_other_names_too() -> None:
    """`bucket` is `container`, `base_path` is `prefix`."""
    given = AzureOptions.model_validate({"bucket": "c", "base_path": "/a//b/"})
    assert (given.container, given.prefix) == ("c", "a/b")


def test_a_signed_url_reads_the_file(backend: AzureBackend) -> None:
    """Whoever has it needs no credentials, also for an odd name."""
    for key in ("d/f", "a+b c?&#%é", "line\nbreak"):
        backend.write(key, key.encode())
        with urllib.request.urlopen(backend.url(key, expires_in=60)) as answer:
            assert answer.read() == key.encode()


def test_the_hash_of_a_plain_file_is_told(backend: AzureBackend) -> None:
    """That of one sent in parts is not known to the store, and nothing is made up."""
    backend.write("small", b"content")
    backend.write("big", bytes(9 << 20))
    assert backend.content_hash("small") == ("md5", hashlib.md5(b"content").hexdigest())
    assert backend.content_hash("big") is None


def test_what_somebody_holds_is_told_as_held(backend: AzureBackend, container: ContainerClient) -> None:
    """A blob with a lease is neither replaced nor removed, and is read all the same."""
    backend.write("f", b"content")
    lease = container.get_blob_client("f").acquire_lease()
    for act in (lambda: backend.write("f", b"new"), lambda: backend.delete("f")):
        with pytest.raises(ResourceLocked, match="somebody holds the blob"):
            act()
    assert bytes(backend.read("f")) == b"content"
    lease.release()
    backend.delete("f")


def test_what_has_snapshots_is_not_removed_with_them(
    backend: AzureBackend, container: ContainerClient
) -> None:
    """They are somebody's, and nobody asked for their removal."""
    backend.write("f", b"content")
    container.get_blob_client("f").create_snapshot()
    with pytest.raises(PermissionDenied, match="has snapshots"):
        backend.delete("f")
    assert bytes(backend.read("f")) == b"content"
    container.get_blob_client("f").delete_blob(delete_snapshots="include")
