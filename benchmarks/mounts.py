"""`python -m benchmarks.mounts`: vfs, rclone and s3fs on one S3 server, in turns, as a table."""

import argparse
import contextlib
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from benchmarks.browsing import AbsentNames, Find
from benchmarks.bucket import Access, Bucket, NeverDurable
from benchmarks.contenders import CONTENDERS
from benchmarks.mount import Mount, MountFailed
from benchmarks.reading import FirstByte, RandomRead, SequentialRead, SmallFilesRead
from benchmarks.table import Row, as_markdown, write_between_marks
from benchmarks.workload import Workload, WrongBytes
from benchmarks.writing import MiddleEdit, SequentialWrite, SmallFilesWrite, Untar
from tests.servers.seaweed import SeaweedServer

WORKLOADS: tuple[Workload, ...] = (
    SequentialRead(),
    RandomRead(),
    FirstByte(),
    SequentialWrite(),
    SmallFilesWrite(),
    Untar(),
    Find(),
    SmallFilesRead(),
    AbsentNames(),
    MiddleEdit(),
)


def main(argv: Sequence[str] | None = None) -> int:
    arguments = _arguments(argv)
    with tempfile.TemporaryDirectory(prefix="vfs-benchmark-") as folder, _server() as server:
        wanted = arguments.only or [workload.name for workload in WORKLOADS]
        workloads = [workload for workload in WORKLOADS if workload.name in wanted]
        rows = measure(server, folder, workloads, arguments.contenders, arguments.rounds)
    table = as_markdown(rows, arguments.contenders)
    print(table)
    for row in rows:
        for contender, failure in row.failures.items():
            print(f"{row.title}: {contender} failed: {failure}")
    if arguments.write is not None:
        write_between_marks(arguments.write, "table", table)
    return 0


def measure(
    server: SeaweedServer, folder: str, workloads: Sequence[Workload], contenders: Sequence[str], rounds: int
) -> list[Row]:
    """Every workload, in every round, on every contender in turn; who begins changes with the round."""
    mounts = [
        Mount(name, CONTENDERS[name], _bucket(server, f"bench-{name}"), os.path.join(folder, name))
        for name in contenders
    ]
    raw = _bucket(server, "bench-raw")
    measured: list[Row] = []
    for workload in workloads:
        rows = [Row(title) for title in workload.rows]
        for bucket in (raw, *(mount.bucket for mount in mounts)):
            workload.fill(bucket)
        for turn in range(rounds):
            first = turn % len(mounts)
            for mount in mounts[first:] + mounts[:first]:
                _measure_mounted(workload, mount, rows)
            for row, seconds in zip(rows, workload.measure_raw(raw), strict=True):
                row.raw += [] if seconds is None else [seconds]
        print(as_markdown(rows, contenders), file=sys.stderr, flush=True)
        measured += rows
    return measured


def _measure_mounted(workload: Workload, mount: Mount, rows: Sequence[Row]) -> None:
    try:
        with mount.mounted():
            results = workload.measure(mount)
    except (OSError, subprocess.SubprocessError, MountFailed, NeverDurable, WrongBytes) as error:
        for row in rows:
            row.failures[mount.name] = f"{type(error).__name__}: {error}"
        return
    for row, seconds in zip(rows, results, strict=True):
        row.seconds.setdefault(mount.name, []).append(seconds)


def _bucket(server: SeaweedServer, name: str) -> Bucket:
    client = server.client()
    client.create_bucket(Bucket=name)
    return Bucket(Access(server.url), client, name)


@contextlib.contextmanager
def _server() -> Iterator[SeaweedServer]:
    # With little memory it would collect garbage all the time after the first big objects.
    server = SeaweedServer(memory="4GiB")
    try:
        server.start()
        yield server
    finally:
        server.close()


def _arguments(argv: Sequence[str] | None) -> argparse.Namespace:
    names = [workload.name for workload in WORKLOADS]
    parser = argparse.ArgumentParser(prog="python -m benchmarks.mounts", description=__doc__)
    parser.add_argument("--rounds", type=int, default=5, help="default: %(default)s")
    parser.add_argument(
        "--only", action="append", choices=names, metavar="ROW", help=f"may be repeated; {', '.join(names)}"
    )
    parser.add_argument(
        "--contenders",
        type=_contenders,
        default=["vfs", "rclone", "s3fs"],
        metavar="NAME,...",
        help=", ".join(CONTENDERS),
    )
    parser.add_argument("--write", type=Path, metavar="FILE", help="put the table between FILE's markers")
    return parser.parse_args(argv)


def _contenders(text: str) -> list[str]:
    names = text.split(",")
    if unknown := [name for name in names if name not in CONTENDERS]:
        raise argparse.ArgumentTypeError(f"unknown: {', '.join(unknown)}")
    return names


if __name__ == "__main__":
    sys.exit(main())
