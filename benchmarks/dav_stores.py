"""The WebDAV servers that are compared over one bucket of an S3 server."""

import json
import os
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import obstore
from obstore.store import S3Store

from benchmarks.dav_contenders import BIN, Command
from tests.servers.seaweed import ACCESS_KEY, REGION, SECRET_KEY, SeaweedServer

BUCKET = "webdav"
_PART = 8 << 20


@dataclass(frozen=True, slots=True)
class Bucket:
    """The bucket that all of them show."""

    url: str
    store: S3Store

    def fill(self, folder: str) -> None:
        """Store all files below a folder under their paths."""
        files = [path for path in Path(folder).rglob("*") if path.is_file()]

        def put(path: Path) -> None:
            obstore.put(self.store, path.relative_to(folder).as_posix(), path, chunk_size=_PART)

        with ThreadPoolExecutor(8) as threads:
            list(threads.map(put, files))

    def delete(self, name: str) -> None:
        obstore.delete(self.store, name)

    def peers(self) -> Mapping[str, tuple[Command, str]]:
        """By name, with what stands before paths in URLs."""
        return {"vfs": (self._vfs, "/m"), "rclone": (self._rclone, "")}

    def _vfs(self, _: str, work: str, port: int) -> list[str]:
        store = {"bucket": BUCKET, "endpoint_url": self.url, "region": REGION}
        told = {
            "mounts": {"m": {"type": "s3", **store, "key": ACCESS_KEY, "secret": SECRET_KEY}},
            "cache": {"directory": os.path.join(work, "cache")},
            "state": work,
            "webdav": {"port": port, "access_log": os.path.join(work, "access.log")},
        }
        path = _private(os.path.join(work, "config.json"), json.dumps(told))
        return [os.fspath(BIN / "python"), "-m", "vfs.cli.vfsdav", path]

    def _rclone(self, _: str, work: str, port: int) -> list[str]:
        lines = [
            "[store]",
            "type = s3",
            "provider = SeaweedFS",
            f"endpoint = {self.url}",
            f"region = {REGION}",
            f"access_key_id = {ACCESS_KEY}",
            f"secret_access_key = {SECRET_KEY}",
            "force_path_style = true",
        ]
        path = _private(os.path.join(work, "rclone.conf"), "\n".join(lines) + "\n")
        told = ["--config", path, "--cache-dir", work, "--addr", f"127.0.0.1:{port}"]
        return [os.fspath(BIN / "rclone"), "serve", "webdav", f"store:{BUCKET}", *told]


@contextmanager
def bucket() -> Iterator[Bucket]:
    """An empty bucket of a server of its own, which is gone afterwards."""
    # With little memory it would collect garbage all the time after the first big objects.
    server = SeaweedServer(memory="4GiB")
    try:
        server.start()
        server.client().create_bucket(Bucket=BUCKET)
        yield Bucket(
            server.url,
            S3Store(
                BUCKET,
                endpoint=server.url,
                access_key_id=ACCESS_KEY,
                secret_access_key=SECRET_KEY,
                region=REGION,
                virtual_hosted_style_request=False,
                client_options={"allow_http": True, "timeout": "60s"},
            ),
        )
    finally:
        server.close()


def _private(path: str, text: str) -> str:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with open(descriptor, "w") as file:
        file.write(text)
    return path
