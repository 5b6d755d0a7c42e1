"""A store behind TLS whose authority only this machine trusts: everything works, and else it is said."""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.mounts.daemon import Daemon, mounted
from tests.servers import certificates
from tests.servers.certificates import Certificate
from tests.servers.seaweed import ACCESS_KEY, SECRET_KEY, SeaweedServer

BIG = 20 << 20
"""More than one request sends: each of the clients that a mount uses has something to do."""


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    return certificates.issue(tmp_path_factory.mktemp("certificates"))


@pytest.fixture(scope="module")
def server(certificate: Certificate) -> Iterator[SeaweedServer]:
    server = SeaweedServer(certificate=certificate)
    server.start()
    try:
        yield server
    finally:
        server.close()


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
