"""A real server of Azure's blobs for tests: Azurite, from npm, on a free port of the loopback interface."""

import contextlib
import os
import secrets
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from email.message import Message
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

import azure.core.exceptions
from azure.storage.blob import BlobServiceClient, ContainerClient

from tests.servers.fault_proxy import Request
from tests.servers.npm import NODE, installed

ACCOUNT = "devstoreaccount1"
KEY = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="
"""Azurite's account and its key, as they are documented."""

_VERSION = "3.35.0"


class AzuriteServer:
    """One Azurite with its own data folder."""

    def __init__(self) -> None:
        self._folder = tempfile.mkdtemp(prefix="vfs-azurite-")
        self._process: subprocess.Popen[bytes] | None = None
        self._port = _free_port()

    @property
    def address(self) -> tuple[str, int]:
        return "127.0.0.1", self._port

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._port}"

    def start(self, timeout: float = 60) -> None:
        """Start the server and wait until it takes connections; RuntimeError with its log otherwise."""
        program = installed("azurite", _VERSION) / ".bin" / "azurite-blob"
        command = [
            os.fspath(NODE),
            os.fspath(program),
            "--silent",
            "--skipApiVersionCheck",
            "--disableTelemetry",
            "--location",
            self._folder,
            "--blobHost",
            "127.0.0.1",
            "--blobPort",
            str(self._port),
        ]
        with self._log_path.open("ab") as log:
            self._process = subprocess.Popen(command, stdout=log, stderr=log, cwd=self._folder)
        deadline = time.monotonic() + timeout
        while not self._answers():
            if self._process.poll() is not None or time.monotonic() > deadline:
                log_text = self._log_path.read_text(errors="replace")[-4000:]
                self.close()
                raise RuntimeError(f"Azurite did not start:\n{log_text}")
            time.sleep(0.05)

    def close(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None
        shutil.rmtree(self._folder, ignore_errors=True)

    def client(self) -> BlobServiceClient:
        """Azure's own client: for looking into the store behind the back of what is tested."""
        return BlobServiceClient(
            f"{self.url}/{ACCOUNT}", credential={"account_name": ACCOUNT, "account_key": KEY}
        )

    @contextlib.contextmanager
    def container(self) -> Iterator[ContainerClient]:
        """A new container; it goes with its content at the end."""
        with self.client() as service:
            container = service.create_container(f"test-{secrets.token_hex(6)}")
            try:
                yield container
            finally:
                container.delete_container()

    @property
    def _log_path(self) -> Path:
        return Path(self._folder) / "azurite.log"

    def _answers(self) -> bool:
        try:
            with self.client() as service:
                service.get_account_information(retry_total=0)
        except azure.core.exceptions.AzureError:
            return False
        return True


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


_ACTS = {
    ("PUT", "block"): "BLOCK",
    ("PUT", "blocklist"): "COMMIT",
    ("GET", "blocklist"): "BLOCKS",
    ("PUT", "metadata"): "METADATA",
    ("POST", "batch"): "BATCH",
}


def azure_request(method: str, path: str, headers: Message) -> Request:
    """A request of Azure's, for a proxy to count; the method of one that is no plain act is its name."""
    parts = urlsplit(path)
    _, _, place = parts.path.lstrip("/").partition("/")
    container, _, blob = place.partition("/")
    query = parse_qs(parts.query, keep_blank_values=True)
    act = _ACTS.get((method, query.get("comp", [""])[0]), method)
    copies = headers.get("x-ms-copy-source") is not None
    return Request(
        {"PUT": "COPY", "BLOCK": "BLOCK COPY"}.get(act, act) if copies else act,
        container,
        unquote(blob),
        query,
    )
