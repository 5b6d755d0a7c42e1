"""TLS: certificates renewed while the server runs, wrong ones refused, clients known by theirs."""

import contextlib
import shutil
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.dav.server.serving import Running, running
from tests.servers.certificates import Certificate, issue, issue_own
from vfs.config.webdav import TLS
from vfs.dav.server.certificates import Certificates
from vfs.dav.server.environments import CERTIFICATE_NAME
from vfs.engine import ConfigError


def whoami(environ: dict[str, Any], start_response: Any) -> list[bytes]:
    """Answers with the scheme and the name in the client's certificate."""
    start_response("200 OK", [])
    return [f"{environ['wsgi.url_scheme']} {environ.get(CERTIFICATE_NAME)}".encode()]


@contextmanager
def secured(server: Running, trusted: Certificate, own: Certificate | None = None) -> Iterator[ssl.SSLSocket]:
    """A connection of a client that trusts one authority."""
    context = ssl.create_default_context(cafile=trusted.authority)
    if own is not None:
        context.load_cert_chain(own.chain, own.key)
    with (
        socket.create_connection(("127.0.0.1", server.port), timeout=20) as plain,
        context.wrap_socket(plain, server_hostname="127.0.0.1") as connection,
    ):
        yield connection


def asked(connection: ssl.SSLSocket) -> bytes:
    connection.sendall(b"GET / HTTP/1.0\r\n\r\n")
    return b"".join(iter(lambda: connection.recv(1 << 16), b"")).rpartition(b"\r\n")[2]


def served(folder: Path, **more: Path) -> TLS:
    return TLS(certificate=folder / "server.pem", key=folder / "server.key", **more)


def test_a_renewed_certificate_is_shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """To new connections, at the next look; connections that are open go on with the old one."""
    monkeypatch.setattr("vfs.dav.server.certificates._BETWEEN_LOOKS", 0.0)
    old = issue(tmp_path)
    shutil.copy(old.authority, tmp_path / "old.pem")
    trusted = Certificate(old.chain, old.key, tmp_path / "old.pem")
    certificates = Certificates(served(tmp_path))
    with running(whoami, tmp_path, tls=certificates.context) as server, secured(server, trusted) as before:
        new = issue(tmp_path)
        with secured(server, new) as connection:
            assert asked(connection) == b"https None"
        with pytest.raises(ssl.SSLError), secured(server, trusted):
            pass
        assert asked(before) == b"https None"


def test_a_wrong_renewal_leaves_the_old_one(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """The log says which file; nobody is turned away meanwhile."""
    good = issue(tmp_path)
    certificates = Certificates(served(tmp_path))
    context = certificates.context()
    good.key.write_text("no key")
    certificates.look()
    assert certificates.context() is context
    assert "server.key" in caplog.text


def test_what_is_wrong_at_the_start_is_said(tmp_path: Path) -> None:
    """A missing file, a key of another certificate, an authority that is none: a line, and no question."""
    issue(tmp_path)
    other = issue_own(tmp_path, "other")
    with pytest.raises(ConfigError, match=r"none\.pem: No such file"):
        Certificates(TLS(certificate=tmp_path / "none.pem"))
    with pytest.raises(ConfigError, match="no certificate and key that fit"):
        Certificates(TLS(certificate=tmp_path / "server.pem", key=other.key))
    with pytest.raises(ConfigError, match=r"client_ca: .*server\.key"):
        Certificates(served(tmp_path, client_ca=tmp_path / "server.key"))


def test_clients_are_known_by_their_certificates(tmp_path: Path) -> None:
    """Those of the named authority; others are turned away, and who shows none may log in otherwise."""
    certificate = issue(tmp_path)
    known, stranger = issue_own(tmp_path, "machine"), issue_own(tmp_path, "stranger")
    certificates = Certificates(served(tmp_path, client_ca=known.authority))
    with running(whoami, tmp_path, tls=certificates.context) as server:
        with secured(server, certificate, known) as connection:
            assert asked(connection) == b"https machine"
        with secured(server, certificate) as connection:
            assert asked(connection) == b"https None"
        # With TLS 1.3 the refusal comes after the client's own handshake.
        with (
            pytest.raises((ssl.SSLError, ConnectionError)),
            secured(server, certificate, stranger) as connection,
        ):
            asked(connection)


def test_old_tls_and_no_tls_are_refused(tmp_path: Path) -> None:
    """A client without TLS 1.2 gets nothing, and who speaks no TLS neither; the server goes on."""
    certificate = issue(tmp_path)
    certificates = Certificates(served(tmp_path))
    with running(whoami, tmp_path, tls=certificates.context) as server:
        answer = b""
        with contextlib.suppress(ConnectionError):
            answer = server.ask(b"GET / HTTP/1.0\r\n\r\n")
        assert b"HTTP/1.1" not in answer
        old = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        old.load_verify_locations(certificate.authority)
        with pytest.warns(DeprecationWarning, match="TLSv1_1"):
            old.maximum_version = ssl.TLSVersion.TLSv1_1
        with server.connect() as plain, pytest.raises((ssl.SSLError, OSError)):
            old.wrap_socket(plain, server_hostname="127.0.0.1")
        with secured(server, certificate) as connection:
            assert asked(connection) == b"https None"


def test_a_silent_handshake_keeps_nobody_waiting(tmp_path: Path) -> None:
    """Who connects and says nothing is dropped after `timeout`, and leaves no thread behind."""
    certificate = issue(tmp_path)
    certificates = Certificates(served(tmp_path))
    with (
        running(whoami, tmp_path, timeout=0.5, tls=certificates.context) as server,
        server.connect() as silent,
    ):
        with secured(server, certificate) as connection:
            assert asked(connection) == b"https None"
        assert silent.recv(1) == b""
    assert not [thread for thread in threading.enumerate() if thread.name == "vfs-dav-crew"]
