"""A GiB through every storage and every layer that takes writes: how fast, and how much memory it costs.

python -m benchmarks.streaming [--size 1GiB] [--only NAME] [--write docs/BENCHMARKS.md]
"""

import argparse
import contextlib
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from pydantic import TypeAdapter

from benchmarks.table import write_between_marks
from tests.servers import azure, seaweed, sftp
from tests.servers.azure import AzuriteServer
from tests.servers.gcs import GcsServer
from tests.servers.seaweed import SeaweedServer
from vfs.engine.option_types import Size

MARK = "streaming"
MIB = 1 << 20

Mounts = dict[str, dict[str, Any]]

LAYERS: dict[str, dict[str, Any]] = {
    "prefix": {"prefix": "below"},
    "hash_prefix": {},
    "url_encode": {},
    "validate": {"pattern": "^[a-z]+$"},
    "log": {},
    "retry": {},
    "permissions": {"allow": "delete"},
    "gzip": {},
    "base64": {},
    "text": {"stored": "utf-16-le"},
    "encrypt": {"key": "0" * 64},
    "buffer": {},
}
"""Layers that change what passes, each over a folder of this machine."""


@dataclass(frozen=True, slots=True)
class Streamed:
    """Seconds of each way, and bytes of memory beyond an open mount."""

    name: str
    write: float
    read: float
    grown: int


@contextlib.contextmanager
def rows(folder: Path) -> Iterator[Mapping[str, Mounts]]:
    """The mounts of each row; `m` is the one measured."""
    with contextlib.ExitStack() as stack:
        store, gcs, azurite = SeaweedServer(memory="1500MiB"), GcsServer(), AzuriteServer()
        for server in (store, gcs, azurite):
            stack.callback(server.close)
            server.start()
        container = stack.enter_context(azurite.container())
        login = stack.enter_context(sftp.sftp_server(_made(folder / "sftp")))
        s3 = _s3(store)
        local, other = _local(folder / "local"), _local(folder / "other")
        found: dict[str, Mounts] = {
            "local": {"m": local},
            "memory": {"m": {"type": "memory"}},
            "sqlite": {"m": {"type": "sqlite", "path": str(folder / "m.db")}},
            "s3": {"m": s3},
            "gcs": {
                "m": {"type": "gcs", "bucket": gcs.make_bucket(), "endpoint_url": gcs.url, "token": "anon"}
            },
            "azure": {"m": _azure(azurite, container.container_name)},
            "zip": {"m": {"type": "zip", "path": str(folder / "m.zip")}},
            "hashdir": {"m": {"type": "hashdir", "path": str(_made(folder / "hashed"))}},
            "fsspec over SFTP": {"m": _sftp(login.port)},
            "relative to s3": {"s3": s3, "m": {"type": "relative", "path": "s3:below"}},
            "mirror of two folders": {"a": local, "b": other, "m": {"type": "mirror", "mounts": ["a", "b"]}},
            "cache over s3": {"fast": local, "m": {**s3, "layers": [{"type": "cache", "mount": "fast"}]}},
        }
        for layer, options in LAYERS.items():
            found[f"{layer} over local"] = {"m": {**local, "layers": [{"type": layer, **options}]}}
        yield found


def _made(folder: Path) -> Path:
    folder.mkdir()
    return folder


def _local(folder: Path) -> dict[str, Any]:
    return {"type": "local", "path": str(_made(folder))}


def _s3(store: SeaweedServer) -> dict[str, Any]:
    login = {"key": seaweed.ACCESS_KEY, "secret": seaweed.SECRET_KEY}
    return {"type": "s3", "bucket": "ready", "endpoint_url": store.url, **login}


def _azure(azurite: AzuriteServer, container: str) -> dict[str, Any]:
    login = {"account_name": azure.ACCOUNT, "account_key": azure.KEY}
    return {"type": "azure", "container": container, "endpoint_url": azurite.url, **login}


def _sftp(port: int) -> dict[str, Any]:
    login = {"host": "127.0.0.1", "port": port, "username": sftp.USER, "password": sftp.PASSWORD}
    return {"type": "fsspec", "protocol": "sftp", "path": "/", "options": login}


def stream(name: str, mounts: Mounts, size: int, folder: Path) -> Streamed:
    """Measure one row in a new process."""
    configuration = folder / "config.yaml"
    cache = {"directory": str(folder / "cache")}
    settings = {"mounts": mounts, "cache": cache, "state": str(folder / "state")}
    configuration.write_text(yaml.safe_dump(settings))
    command = [sys.executable, "-m", "benchmarks.one_stream", str(configuration), "m:big", str(size)]
    told = subprocess.run(command, capture_output=True, text=True, check=False)
    if told.returncode != 0:
        sys.exit(f"{name}: {told.stderr}")
    found = json.loads(told.stdout)
    return Streamed(name, found["write"], found["read"], found["grown"])


def as_markdown(measured: Sequence[Streamed], size: int) -> str:
    lines = ["|  | in, MiB/s | out, MiB/s | memory, MiB |", "| --- | ---: | ---: | ---: |"]
    for row in measured:
        written, read = (f"{size / MIB / seconds:.0f}" for seconds in (row.write, row.read))
        lines.append(f"| {row.name} | {written} | {read} | {row.grown / MIB:.0f} |")
    return "\n".join(lines) + "\n"


def main(argv: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.streaming", description=__doc__)
    parser.add_argument("--size", type=TypeAdapter(Size).validate_python, default=1 << 30)
    parser.add_argument("--only", action="append", metavar="NAME", help="may be repeated")
    parser.add_argument("--write", type=Path, metavar="FILE", help="put the table between FILE's marks")
    arguments = parser.parse_args(argv)
    measured: list[Streamed] = []
    with tempfile.TemporaryDirectory() as folder, rows(Path(folder)) as found:
        for name, mounts in found.items():
            if arguments.only is None or name in arguments.only:
                measured.append(stream(name, mounts, arguments.size, Path(folder)))
                print(as_markdown(measured[-1:], arguments.size).splitlines()[-1], flush=True)
    if arguments.write is not None:
        write_between_marks(arguments.write, MARK, as_markdown(measured, arguments.size))


if __name__ == "__main__":
    main()
