"""A real S3 server for tests: SeaweedFS as one process on free ports of the loopback interface."""

import collections
import contextlib
import functools
import json
import os
import secrets
import shutil
import subprocess
import sys
import sysconfig
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import boto3
import botocore.exceptions
import urllib3
from botocore.config import Config

from tests.servers.certificates import Certificate
from tests.servers.ports import GRPC_OFFSET, free_ports

ACCESS_KEY = "test-access-key"
SECRET_KEY = "test-secret-key"
REGION = "us-east-1"

_BUCKETS_AT_REST = 4
"""As many wait before one is given again, so that what still was on its way to it lands."""

_SOCKETS = Path("/tmp")
"""Where it puts sockets named by its ports, and leaves them when it is killed."""


class SeaweedServer:
    """One SeaweedFS with its own data folder; `kill` and `start` again model a crash of the store."""

    def __init__(self, *, memory: str = "400MiB", certificate: Certificate | None = None) -> None:
        """`memory` is what the server's garbage collector strives to stay below.

        With a `certificate` it answers at `https_url`, too.
        """
        self._memory = memory
        self._certificate = certificate
        self._folder = tempfile.mkdtemp(prefix="vfs-seaweed-")
        self._process: subprocess.Popen[bytes] | None = None
        self._ports = dict(zip(("s3", "master", "volume", "filer", "https"), free_ports(5), strict=True))
        self._left: dict[bool, collections.deque[str]] = {
            True: collections.deque(),
            False: collections.deque(),
        }
        self._filer = urllib3.PoolManager(retries=False)

    @property
    def address(self) -> tuple[str, int]:
        return "127.0.0.1", self._ports["s3"]

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._ports['s3']}"

    @property
    def https_url(self) -> str:
        return f"https://127.0.0.1:{self._ports['https']}"

    def start(self, timeout: float = 60) -> None:
        """Start the server and wait until it answers requests; RuntimeError with its log otherwise."""
        environment = os.environ | {
            "AWS_ACCESS_KEY_ID": ACCESS_KEY,
            "AWS_SECRET_ACCESS_KEY": SECRET_KEY,
            "GOMEMLIMIT": self._memory,
        }
        with self._log_path.open("ab") as log:
            self._process = subprocess.Popen(
                self._command(), env=environment, stdout=log, stderr=log, cwd=self._folder
            )
        self._wait_until_ready(time.monotonic() + timeout)

    def kill(self) -> None:
        """End it at once: what was acknowledged is kept, and a graceful stop takes half a minute."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def close(self) -> None:
        self.kill()
        self._filer.clear()
        shutil.rmtree(self._folder, ignore_errors=True)
        for port in self._ports.values():
            for left in (*_SOCKETS.glob(f"*-{port}.sock"), *_SOCKETS.glob(f"*-{port + GRPC_OFFSET}.sock")):
                left.unlink(missing_ok=True)

    def client(self) -> Any:
        """A boto3 client: for looking into the store behind the back of what is tested."""
        return boto3.client(
            "s3",
            endpoint_url=self.url,
            aws_access_key_id=ACCESS_KEY,
            aws_secret_access_key=SECRET_KEY,
            region_name=REGION,
            config=Config(s3={"addressing_style": "path"}, signature_version="s3v4"),
        )

    @contextlib.contextmanager
    def bucket(self, *, versioned: bool = False) -> Iterator[str]:
        """The name of an empty bucket.

        It is one that was left, and emptied: the first write to a new one takes 0.2 s.
        """
        left = self._left[versioned]
        if len(left) >= _BUCKETS_AT_REST:
            name = left.popleft()
            self._empty(name)
        else:
            name = self._new_bucket(versioned)
        try:
            yield name
        finally:
            left.append(name)

    @contextlib.contextmanager
    def passing_bucket(self) -> Iterator[str]:
        """The name of a bucket that is there inside, and gone afterwards."""
        name = self._new_bucket(versioned=False)
        yield name
        self._own_client.delete_bucket(Bucket=name)

    def _new_bucket(self, versioned: bool) -> str:
        name = f"test-{secrets.token_hex(6)}"
        self._own_client.create_bucket(Bucket=name)
        if versioned:
            self._own_client.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
        return name

    def _empty(self, bucket: str) -> None:
        """Take everything out, old versions and unfinished uploads too, by way of the files beneath."""
        while held := self._held(bucket):
            for path in held:
                query = "recursive=true&ignoreRecursiveError=true"
                answer = self._filer.request("DELETE", f"{self._filer_url}{quote(path)}?{query}")
                assert answer.status == 204, (path, answer.status, answer.data)

    def _held(self, bucket: str) -> list[str]:
        answer = self._filer.request(
            "GET", f"{self._filer_url}/buckets/{bucket}/?limit=1000", headers={"Accept": "application/json"}
        )
        assert answer.status == 200, (bucket, answer.status, answer.data)
        return [entry["FullPath"] for entry in json.loads(answer.data)["Entries"] or ()]

    @property
    def _filer_url(self) -> str:
        return f"http://127.0.0.1:{self._ports['filer']}"

    @functools.cached_property
    def _own_client(self) -> Any:
        return self.client()

    @property
    def _log_path(self) -> Path:
        return Path(self._folder) / "weed.log"

    def _command(self) -> list[str]:
        ports = self._ports
        return [
            os.path.join(sysconfig.get_path("scripts"), "weed" + (".exe" if sys.platform == "win32" else "")),
            "mini",
            f"-dir={self._folder}",
            "-ip=127.0.0.1",
            "-ip.bind=127.0.0.1",
            f"-s3.port={ports['s3']}",
            f"-master.port={ports['master']}",
            f"-volume.port={ports['volume']}",
            f"-filer.port={ports['filer']}",
            "-webdav=false",
            "-admin.ui=false",
            "-s3.port.iceberg=0",
            "-s3.port.lance=0",
            *self._https(),
        ]

    def _https(self) -> list[str]:
        if self._certificate is None:
            return []
        return [
            f"-s3.port.https={self._ports['https']}",
            f"-s3.cert.file={self._certificate.chain}",
            f"-s3.key.file={self._certificate.key}",
        ]

    def _wait_until_ready(self, deadline: float) -> None:
        client = self.client()
        while not self._answers(client):
            ended = self._process is None or self._process.poll() is not None
            if ended or time.monotonic() > deadline:
                log = self._log_path.read_text(errors="replace")[-4000:]
                self.close()
                raise RuntimeError(f"SeaweedFS did not start:\n{log}")
            time.sleep(0.05)
        client.close()

    @staticmethod
    def _answers(client: Any) -> bool:
        """True when a whole write goes through: buckets are listed before objects are taken."""
        try:
            taken = (client.exceptions.BucketAlreadyExists, client.exceptions.BucketAlreadyOwnedByYou)
            with contextlib.suppress(*taken):
                client.create_bucket(Bucket="ready")
            client.put_object(Bucket="ready", Key="ready", Body=b"ready")
        except (botocore.exceptions.BotoCoreError, botocore.exceptions.ClientError):
            return False
        return True
