"""Stores behind a proxy: which proxy the environment and the option name, and every request goes there."""

import os
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

import obstore
import pytest
from obstore.store import GCSStore
from pydantic import SecretStr

from tests.engine.azure.stores import opened as opened_azure
from tests.engine.gcs.stores import opened as opened_gcs
from tests.engine.s3.stores import opened as opened_s3
from tests.engine.s3.stores import options as s3_options
from tests.servers import azure as azure_server
from tests.servers.azure import AzuriteServer
from tests.servers.certificates import issue
from tests.servers.gcs import GcsServer
from tests.servers.http_proxy import proxying
from tests.servers.scripted import says, serving, told
from tests.servers.seaweed import SeaweedServer
from vfs.engine.backend import Backend, Copies, DeletesMany
from vfs.engine.backends.objects.connections import Connections
from vfs.engine.backends.objects.exchange import exchange
from vfs.engine.backends.objects.obstores import single_attempts
from vfs.engine.backends.objects.proxies import proxy_for, proxy_of
from vfs.engine.backends.objects.unanswered import Barred, NoAnswer
from vfs.engine.errors import BackendUnavailable, ConfigError, PermissionDenied

LOGIN = ("somebody", "open-sesame")
BIG = bytes(range(256)) * (9 << 12)


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.lower().endswith("_proxy")]:
        monkeypatch.delenv(name)


@pytest.mark.parametrize(
    ("environment", "url", "found"),
    [
        ({}, "http://store", None),
        ({"http_proxy": "http://p:1"}, "http://store", "p:1"),
        ({"HTTP_PROXY": "http://p:1"}, "http://store", "p:1"),
        ({"http_proxy": "http://p:1", "HTTP_PROXY": "http://q:1"}, "http://store", "p:1"),
        ({"HTTP_PROXY": "http://p:1", "REQUEST_METHOD": "GET"}, "http://store", None),
        ({"http_proxy": "http://p:1"}, "https://store", None),
        ({"HTTPS_PROXY": "p:1"}, "https://store", "p:1"),
        ({"https_proxy": "http://[::1]:1"}, "https://store", "[::1]:1"),
        ({"ALL_PROXY": "http://p"}, "https://store", "p:80"),
        ({"all_proxy": "http://p:1", "https_proxy": "http://q:1"}, "https://store", "q:1"),
        ({"http_proxy": "", "all_proxy": "http://p:1"}, "http://store", "p:1"),
    ],
)
def test_the_environment_names_the_proxy(
    monkeypatch: pytest.MonkeyPatch, environment: dict[str, str], url: str, found: str | None
) -> None:
    """The one for the URL's scheme before the one for all, lower case before upper."""
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    proxy = proxy_for(url)
    assert (None if proxy is None else str(proxy)) == found


@pytest.mark.parametrize(
    ("excepted", "name", "is_direct"),
    [
        ("*", "store.example.com", True),
        ("example.com", "store.example.com", True),
        (".example.com", "store.example.com", True),
        ("*.example.com", "store.example.com", True),
        ("EXAMPLE.com", "Store.Example.COM", True),
        ("example.com", "notexample.com", False),
        ("ample.com", "example.com", False),
        ("other, example.com", "example.com", True),
        ("other example.com", "example.com", True),
        ("example.com:9000", "example.com:9000", True),
        ("example.com:9001", "example.com:9000", False),
        ("10.0.0.0/8", "10.1.2.3", True),
        ("10.0.0.0/8", "11.1.2.3", False),
        ("127.0.0.1", "127.0.0.1:8333", True),
        ("127.0.0.1:8333", "127.0.0.1:8334", False),
        ("::1", "[::1]:9000", True),
        ("[::1]", "[::1]:9000", True),
        ("fd00::/8", "[fd12::1]", True),
        ("", "store", False),
        (" , .", "store", False),
    ],
)
def test_exceptions_are_reached_straight(
    monkeypatch: pytest.MonkeyPatch, excepted: str, name: str, is_direct: bool
) -> None:
    """NO_PROXY has names, domains, addresses and networks, each with a port if it is meant alone."""
    monkeypatch.setenv("http_proxy", "http://p:1")
    monkeypatch.setenv("NO_PROXY", excepted)
    assert (proxy_for(f"http://{name}") is None) is is_direct


def test_the_option_comes_before_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """It names a proxy, exceptions or not; or none."""
    monkeypatch.setenv("http_proxy", "http://p:1")
    monkeypatch.setenv("no_proxy", "*")
    assert str(proxy_for("http://store", SecretStr("http://q:2"))) == "q:2"
    monkeypatch.delenv("no_proxy")
    assert proxy_for("http://store", SecretStr("")) is None
    for written in (False, "off", "none", ""):
        chosen = s3_options("http://store", "b", proxy=written).proxy
        assert chosen is not None
        assert chosen.get_secret_value() == ""


@pytest.mark.parametrize("written", ["socks5://u:open-sesame@p:1", "http://", "http://p:no", "https://p:1"])
def test_what_is_no_http_proxy_is_refused_by_its_name(monkeypatch: pytest.MonkeyPatch, written: str) -> None:
    """And its password is not shown."""
    monkeypatch.setenv("ALL_PROXY", written)
    with pytest.raises(ConfigError, match="ALL_PROXY names no proxy") as caught:
        proxy_for("http://store")
    assert "sesame" not in str(caught.value)
    with pytest.raises(ValueError, match="write http://host:port"):
        s3_options("http://store", "b", proxy=written)


def test_the_password_of_a_proxy_is_not_shown() -> None:
    """Neither by the option, nor by what is made of it."""
    written = "http://somebody:open%20sesame@p:3128"
    shown = s3_options("http://store", "b", proxy=written)
    proxy = proxy_of(written, "it")
    assert "sesame" not in repr(shown) + str(shown) + shown.model_dump_json() + repr(proxy) + str(proxy)
    assert proxy.headers == {"Proxy-Authorization": "Basic c29tZWJvZHk6b3BlbiBzZXNhbWU="}


def use(backend: Backend) -> None:
    """What a mount asks of a store: small and big, whole and in part, listings, copies, deletions."""
    backend.write("d/small", b"content")
    backend.write("big", BIG)
    assert bytes(backend.read("big", 5, 500)) == BIG[5:500]
    assert bytes(backend.read("d/small")) == b"content"
    assert {entry.name for entry in backend.list("")} == {"d", "big"}
    assert backend.stat("d/small").size == 7
    copies, deletes = backend.ability(Copies), backend.ability(DeletesMany)
    assert copies is not None
    assert deletes is not None
    copies.copy("d/small", "d/copied")
    backend.delete("d/small")
    deletes.delete_many(["d/copied", "big"])
    assert [entry.name for entry in backend.list("d")] == []


@dataclass(frozen=True, slots=True)
class Store:
    """A server, the name by which only a proxy knows it, and what opens a backend there by either URL."""

    address: tuple[str, int]
    name: str
    opened: Callable[..., AbstractContextManager[Backend]]
    path: str = ""
    """What follows a server's address in a URL, but not its name."""

    @property
    def url(self) -> str:
        return "http://{}:{}".format(*self.address) + self.path

    @property
    def place(self) -> str:
        return f"{self.name}:{self.address[1]}"


@pytest.fixture(params=["s3", "azure", "gcs"])
def store(request: pytest.FixtureRequest) -> Store:
    """Each kind of store that is reached by requests of ours, and by others' beside them."""
    if request.param == "s3":
        bucket: str = request.getfixturevalue("bucket")
        seaweed: SeaweedServer = request.getfixturevalue("seaweed")
        return Store(seaweed.address, "s3.test", lambda url, **more: opened_s3(url, bucket, **more))
    if request.param == "azure":
        container: str = request.getfixturevalue("container").container_name
        azurite: AzuriteServer = request.getfixturevalue("azurite")
        name = f"{azure_server.ACCOUNT}.blob.test"
        return Store(
            azurite.address,
            name,
            lambda url, **more: opened_azure(url, container, **more),
            f"/{azure_server.ACCOUNT}",
        )
    gcs_bucket: str = request.getfixturevalue("gcs_bucket")
    gcs: GcsServer = request.getfixturevalue("gcs")
    return Store(gcs.address, "gcs.test", lambda url, **more: opened_gcs(url, gcs_bucket, **more))


@pytest.mark.parametrize("told_by", ["option", "environment"])
def test_every_request_goes_through_the_proxy(store: Store, told_by: str) -> None:
    """Of every client that a mount uses: only the proxy knows where the store is, and it wants a password."""
    with proxying({store.place: store.address}, LOGIN) as proxy, pytest.MonkeyPatch.context() as monkeypatch:
        if told_by == "environment":
            monkeypatch.setenv("http_proxy", proxy.url)
        options = {"proxy": proxy.url} if told_by == "option" else {}
        with store.opened(f"http://{store.place}", **options) as backend:
            use(backend)
    assert {target.split("/")[2] for _, target in proxy.asked} == {store.place}


@pytest.mark.parametrize("told_by", ["option", "environment"])
def test_no_request_goes_through_a_proxy_that_is_switched_off(store: Store, told_by: str) -> None:
    """By `proxy: off`, or because NO_PROXY names the server: the proxy of the environment hears nothing."""
    with proxying() as proxy, pytest.MonkeyPatch.context() as monkeypatch:
        monkeypatch.setenv("http_proxy", proxy.url)
        if told_by == "environment":
            monkeypatch.setenv("no_proxy", "127.0.0.0/8")
        with store.opened(store.url, **({"proxy": False} if told_by == "option" else {})) as backend:
            use(backend)
    assert proxy.asked == []


def test_tls_goes_through_a_tunnel(tmp_path_factory: pytest.TempPathFactory) -> None:
    """One for each connection; the proxy's password is not for the server, and the name is checked."""
    certificate = issue(tmp_path_factory.mktemp("certificates"))
    heads = []

    def script(connection) -> None:
        heads.append(connection.recv(1 << 16))
        connection.sendall(told(b"1"))
        says(told(BIG))(connection)

    with serving(script, certificate=certificate) as server, proxying(login=LOGIN) as proxy:
        way = proxy_of(proxy.url, "it")
        connections = Connections(server.origin, 1, proxy=way, authorities=str(certificate.authority))
        bodies = [exchange(connections, "GET", "/b/a", {}, b"", 20).body for _ in range(2)]
        connections.close()
    assert bodies == [b"1", BIG]
    assert heads[0].startswith(b"GET /b/a HTTP/1.1\r\n")
    assert b"Proxy-Authorization" not in heads[0]
    assert proxy.asked == [("CONNECT", f"127.0.0.1:{server.port}")]


@pytest.mark.parametrize("through", [False, True])
def test_obstore_trusts_whom_we_trust(through: bool, tmp_path: Path) -> None:
    """Straight and through a tunnel: buckets that it reads need no variable of the environment for that."""
    certificate = issue(tmp_path)
    answer = told(b"0123", "Last-Modified: Sat, 21 Nov 2026 11:00:00 GMT", 'ETag: "e"')
    with serving(says(answer), certificate=certificate) as server, proxying() as proxy:
        way = proxy_of(proxy.url, "it") if through else None
        how = single_attempts(server.origin, 20, proxy=way, authorities=str(certificate.authority))
        store = GCSStore("b", base_url=server.origin, skip_signature=True, **how)
        assert bytes(obstore.get(store, "k").bytes()) == b"0123"
    assert len(proxy.asked) == through


@pytest.mark.parametrize(("status", "error"), [(403, Barred), (407, Barred), (502, NoAnswer)])
def test_a_tunnel_that_is_refused_is_told_with_the_proxys_name(status: int, error: type[OSError]) -> None:
    """For good, or for the time being."""
    with proxying(login=LOGIN) as proxy:
        proxy.refusal = status
        connections = Connections("https://store.test", 1, proxy=proxy_of(proxy.url, "it"))
        with pytest.raises(error, match=f"the proxy {proxy.address} answered {status}") as caught:
            exchange(connections, "GET", "/", {}, b"", 20)
    assert "sesame" not in str(caught.value)
    assert proxy.asked == [("CONNECT", "store.test:443")]


def test_a_proxy_that_wants_a_password_says_so(seaweed: SeaweedServer, bucket: str) -> None:
    """It is no fault of the store's credentials, nor does another attempt help."""
    with (
        proxying(login=LOGIN) as proxy,
        opened_s3(seaweed.url, bucket, proxy=f"http://{proxy.address}") as backend,
        pytest.raises(PermissionDenied, match="the proxy answered 407: it wants a user and a password"),
    ):
        backend.stat("f")
    assert len(proxy.asked) == 1


def test_a_proxy_that_is_away_is_named(seaweed: SeaweedServer, bucket: str) -> None:
    """Rather than the store, which nobody asked."""
    with proxying() as proxy:
        pass
    with (
        opened_s3(seaweed.url, bucket, proxy=f"http://u:open-sesame@{proxy.address}", retries=0) as backend,
        pytest.raises(BackendUnavailable, match=f"{proxy.address} cannot be reached") as caught,
    ):
        backend.stat("f")
    assert "sesame" not in str(caught.value)


def test_credentials_in_an_endpoint_are_refused() -> None:
    """Messages name the endpoint."""
    with pytest.raises(ValueError, match="holds credentials"):
        s3_options("http://user:open-sesame@store", "b")
