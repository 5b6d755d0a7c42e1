"""Connections to stores: addresses, TLS, whom to trust, and what is said when it fails."""

import socket
import ssl
import time
from pathlib import Path

import pytest

from tests.servers.certificates import Certificate, issue
from tests.servers.scripted import says, serving, told
from vfs.engine.backends.objects.connections import Connections
from vfs.engine.backends.objects.exchange import exchange
from vfs.engine.backends.objects.trust import authorities
from vfs.engine.backends.objects.unanswered import NoAnswer
from vfs.engine.errors import ConfigError


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    return issue(tmp_path_factory.mktemp("certificates"))


def resolve_to(monkeypatch: pytest.MonkeyPatch, *addresses: tuple[str, int]) -> None:
    """Let every name stand for these addresses, in this order."""
    found = [(socket.AF_INET, socket.SOCK_STREAM, 0, "", address) for address in addresses]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: found)


def test_an_address_of_ipv6_is_asked_and_named():
    """In brackets, as URLs and the Host header have it."""
    with serving(says(told(b"six")), address="::1") as server:
        assert bytes(server.ask().body) == b"six"
        assert server.connections.host == f"[::1]:{server.port}"


def test_the_next_address_is_tried_where_one_does_not_answer(monkeypatch: pytest.MonkeyPatch):
    """One refuses, one keeps silent for its share of the time, the third is the server."""
    with (
        socket.create_server(("127.0.0.1", 0), backlog=0) as full,
        socket.create_connection(full.getsockname()),
        serving(says(told(b"third"))) as server,
    ):
        with socket.create_server(("127.0.0.1", 0)) as closed:
            refusing = closed.getsockname()
        resolve_to(monkeypatch, refusing, full.getsockname(), ("127.0.0.1", server.port))
        begun = time.monotonic()
        assert bytes(server.ask(timeout=1.0).body) == b"third"
        assert time.monotonic() - begun < 1.0


def test_connecting_ends_in_time_however_many_addresses_there_are(monkeypatch: pytest.MonkeyPatch):
    """They share the time that one request has."""
    with (
        socket.create_server(("127.0.0.1", 0), backlog=0) as full,
        socket.create_connection(full.getsockname()),
    ):
        resolve_to(monkeypatch, *[full.getsockname()] * 4)
        begun = time.monotonic()
        with pytest.raises(TimeoutError, match="store:80 cannot be reached in time"):
            exchange(Connections("http://store", most=1), "GET", "/", {}, b"", 0.4)
        assert time.monotonic() - begun < 1.5


def test_a_handshake_ends_in_time():
    """With a server that takes the connection and says nothing."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        connections = Connections(f"https://127.0.0.1:{silent.getsockname()[1]}", most=1)
        begun = time.monotonic()
        with pytest.raises(TimeoutError):
            exchange(connections, "GET", "/", {}, b"", 0.3)
        assert time.monotonic() - begun < 5


def test_requests_go_over_tls_and_the_connection_is_kept(certificate: Certificate):
    """Though the server's TLS talks between the answers."""
    big = bytes(range(256)) * (1 << 16)
    with serving(says(told(b"1"), told(big), told(b"3")), certificate=certificate) as server:
        assert [bytes(server.ask().body) for _ in range(3)] == [b"1", big, b"3"]


def test_a_big_body_goes_over_tls(certificate: Certificate):
    """And a refusal is heard meanwhile, for which tickets of TLS are not mistaken."""
    heard = []

    def takes(connection: socket.socket) -> None:
        got = bytearray()
        while len(got) < 20 << 20:
            got += connection.recv(1 << 20)
        heard.append(got.partition(b"\r\n\r\n")[2])
        connection.sendall(told(b"stored"))

    def refuses(connection: socket.socket) -> None:
        connection.recv(1 << 16)
        connection.sendall(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n\r\nno")
        while connection.recv(1 << 16):
            pass

    body = bytes(range(256)) * (20 << 12)
    with serving(takes, refuses, certificate=certificate) as server:
        assert server.ask("PUT", body).text == "stored"
        server.connections.close()
        server.connections = Connections(server.origin, most=1, authorities=str(certificate.authority))
        assert server.ask("PUT", bytes(64 << 20)).status == 403
    assert heard[0][: len(body)] == body


@pytest.mark.parametrize(("name", "trusted"), [("127.0.0.1", False), ("store", True)])
def test_a_certificate_is_checked(
    certificate: Certificate, name: str, trusted: bool, monkeypatch: pytest.MonkeyPatch
):
    """It must be of an authority that is trusted, and for the very name that was asked for."""
    with serving(lambda connection: None, certificate=certificate) as server:
        resolve_to(monkeypatch, ("127.0.0.1", server.port))
        known = str(certificate.authority) if trusted else None
        connections = Connections(f"https://{name}:{server.port}", most=1, authorities=known)
        reason = "mismatch" if trusted else "unable to get local issuer certificate"
        with pytest.raises(ssl.SSLCertVerificationError, match=reason):
            exchange(connections, "GET", "/", {}, b"", 20)


def test_an_answer_whose_end_tls_does_not_vouch_for_is_none(certificate: Certificate):
    """Whoever cuts a connection could else cut an answer that has no length."""

    def cut(connection: socket.socket) -> None:
        says(b"HTTP/1.1 200 OK\r\n\r\nhalf of it")(connection)
        connection.shutdown(socket.SHUT_RDWR)

    with serving(cut, certificate=certificate) as server, pytest.raises(NoAnswer, match="TLS"):
        server.ask()


def test_a_server_without_tls_is_told_as_such():
    """It answers in HTTP where a handshake was begun."""
    with serving(lambda connection: connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")) as server:
        connections = Connections(f"https://127.0.0.1:{server.port}", most=1)
        with pytest.raises(NoAnswer, match="the TLS connection failed: WRONG_VERSION_NUMBER"):
            exchange(connections, "GET", "/", {}, b"", 20)


def test_whom_to_trust_is_told_by_an_option_or_the_environment(
    certificate: Certificate, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """A file that is not there, or holds no certificates, is named at once."""
    monkeypatch.delenv("REQUESTS_CA_BUNDLE", raising=False)
    monkeypatch.delenv("CURL_CA_BUNDLE", raising=False)
    assert authorities(None) is None
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(certificate.authority))
    assert authorities(None) == str(certificate.authority)
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", "/nowhere.pem")
    assert authorities(certificate.chain) == str(certificate.chain)
    with pytest.raises(ConfigError, match=r"REQUESTS_CA_BUNDLE names the file '/nowhere.pem', which is not"):
        authorities(None)
    (tmp_path / "empty.pem").touch()
    with pytest.raises(ConfigError, match=r"`ca_bundle` names .* holds no certificates"):
        authorities(tmp_path / "empty.pem")
