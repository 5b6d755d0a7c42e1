"""A store behind TLS whose authority only this machine trusts: everything works, and else it is said."""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.engine.s3.stores import opened
from tests.mounts.daemon import Daemon, mounted
from tests.servers import certificates
from tests.servers.certificates import Certificate
from tests.servers.http_proxy import proxying
from tests.servers.seaweed import ACCESS_KEY, SECRET_KEY, SeaweedServer
from tests.servers.started import started
from vfs.engine.backend import DeletesMany
from vfs.engine.errors import PermissionDenied

BIG = 20 << 20
"""More than one request sends: each of the clients that a mount uses has something to do."""


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    return certificates.issue(tmp_path_factory.mktemp("certificates"))


@pytest.fixture(scope="module")
def server(certificate: Certificate) -> Iterator[SeaweedServer]:
    with started(SeaweedServer(certificate=certificate)) as server:
        yield server


@pytest.fixture
def daemon(server: SeaweedServer, tmp_path: Path) -> Daemon:
    storage = {
        "type": "s3",
        "bucket": "ready",
        "prefix": tmp_path.name,
        "endpoint_url": server.https_url,
        "key": ACCESS_KEY,
        "secret": SECRET_KEY,
        "deadline": "10s",
    }
    return Daemon(str(tmp_path), storage)


def test_a_store_behind_a_trusted_certificate_works_whole(
    daemon: Daemon, certificate: Certificate, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SSL_CERT_FILE names the authority; writing in parts, editing, renaming and listing all go through."""
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate.authority))
    content = bytearray(os.urandom(BIG))
    with mounted(daemon):
        big, small = Path(daemon.mountpoint, "big"), Path(daemon.mountpoint, "small")
        big.write_bytes(content)
        small.write_bytes(b"content")
        with big.open("r+b") as file:
            file.seek(BIG // 2)
            file.write(b"edited")
        content[BIG // 2 : BIG // 2 + 6] = b"edited"
        small.rename(small.with_name("renamed"))
        assert sorted(os.listdir(daemon.mountpoint)) == ["big", "renamed"]
    with mounted(daemon):
        assert big.read_bytes() == content


def test_a_certificate_that_nobody_vouches_for_is_told_in_one_line(daemon: Daemon) -> None:
    """The mount is refused at once, with what to do."""
    refused = subprocess.run(daemon.command(), capture_output=True, text=True, check=False)

    assert refused.returncode != 0
    assert "its certificate is not one that this machine trusts" in refused.stderr
    assert "SSL_CERT_FILE" in refused.stderr
    assert len(refused.stderr.splitlines()) == 1
    assert not daemon.is_mounted


def test_an_option_names_the_authority_and_the_proxy(server: SeaweedServer, certificate: Certificate) -> None:
    """All requests of the mount, of each client, go through tunnels, and the certificate is trusted."""
    with proxying(login=("somebody", "open-sesame")) as proxy:
        more = {"prefix": "tunnelled", "ca_bundle": str(certificate.authority), "proxy": proxy.url}
        with opened(server.https_url, "ready", **more) as backend:
            backend.write("d/small", b"content")
            backend.write("big", bytes(BIG))
            assert len(backend.read("big", 5, BIG)) == BIG - 5
            assert {entry.name for entry in backend.list("")} == {"d", "big"}
            deletes = backend.ability(DeletesMany)
            assert deletes is not None
            deletes.delete_many(["d/small", "big"])
    assert set(proxy.asked) == {("CONNECT", server.https_url.removeprefix("https://"))}


def test_a_certificate_of_another_server_is_told_with_its_reason(
    server: SeaweedServer, certificate: Certificate
) -> None:
    """An authority that is trusted does not help against a name that does not fit."""
    elsewhere = server.https_url.replace("127.0.0.1", "127.0.0.2")
    with proxying(
        {elsewhere.removeprefix("https://"): ("127.0.0.1", int(elsewhere.rpartition(":")[2]))}
    ) as proxy:
        more = {"ca_bundle": str(certificate.authority), "proxy": proxy.url}
        with (
            opened(elsewhere, "ready", **more) as backend,
            pytest.raises(PermissionDenied, match=r"IP address mismatch.*127\.0\.0\.2"),
        ):
            backend.stat("f")
