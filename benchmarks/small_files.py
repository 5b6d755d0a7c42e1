"""`python -m benchmarks.small_files`: many small objects by vfs, by s3fs and by obstore, in turns.

Each turn has a new client, of which nothing is remembered; its start is not counted.
"""

import argparse
import os
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from typing import Any

import obstore
import s3fs
from obstore.store import S3Store

import vfs
from benchmarks.bucket import Access
from benchmarks.workload import WrongBytes
from tests.servers.seaweed import SeaweedServer

Contents = Mapping[str, bytes]


@dataclass(frozen=True, slots=True)
class Client:
    """How one contender stores an object and reads it."""

    put: Callable[[str, bytes], object]
    get: Callable[[str], bytes]


Opening = Callable[[Access, str], AbstractContextManager[Client]]


@contextmanager
def by_vfs(access: Access, bucket: str) -> Iterator[Client]:
    """Nodes of a mount with its defaults, without a cache on disk."""
    store = {"endpoint_url": access.url, "region": access.region, "key": access.key, "secret": access.secret}
    mounts = {"store": {"type": "s3", "bucket": bucket, **store}}
    with (
        tempfile.TemporaryDirectory() as state,
        vfs.open({"mounts": mounts, "cache": {"directory": None}, "state": state}) as storage,
    ):
        yield Client(
            lambda key, data: storage.node("store", key).write_bytes(data),
            lambda key: storage.node("store", key).read_bytes(),
        )


@contextmanager
def by_s3fs(access: Access, bucket: str) -> Iterator[Client]:
    """s3fs as a program uses it that blocks."""
    options: dict[str, Any] = {"endpoint_url": access.url, "client_kwargs": {"region_name": access.region}}
    system = s3fs.S3FileSystem(key=access.key, secret=access.secret, skip_instance_cache=True, **options)
    system.connect()
    yield Client(
        lambda key, data: system.pipe_file(f"{bucket}/{key}", data),
        lambda key: system.cat_file(f"{bucket}/{key}"),
    )


@contextmanager
def by_obstore(access: Access, bucket: str) -> Iterator[Client]:
    """obstore alone: what the server and its client leave to be won."""
    store = S3Store(
        bucket,
        endpoint=access.url,
        access_key_id=access.key,
        secret_access_key=access.secret,
        region=access.region,
        virtual_hosted_style_request=False,
        client_options={"allow_http": True},
    )
    yield Client(
        lambda key, data: obstore.put(store, key, data, use_multipart=False),
        lambda key: obstore.get(store, key).bytes().to_bytes(),
    )


CONTENDERS: Mapping[str, Opening] = {"vfs": by_vfs, "s3fs": by_s3fs, "obstore": by_obstore}


@dataclass(slots=True)
class Row:
    """One kind of work; seconds of each round by contender."""

    title: str
    writes: bool
    at_once: int
    seconds: dict[str, list[float]] = field(default_factory=dict)

    def as_markdown(self) -> str:
        medians = [f"{statistics.median(self.seconds[name]) * 1000:.0f} ms" for name in CONTENDERS]
        ratios = [f"**{self._times(peer):.2f}**" for peer in CONTENDERS if peer != "vfs"]
        return "| " + " | ".join([self.title, *medians, *ratios]) + " |"

    def _times(self, peer: str) -> float:
        """How many times longer the peer took than vfs, in the median round."""
        return statistics.median(
            theirs / ours for theirs, ours in zip(self.seconds[peer], self.seconds["vfs"], strict=True)
        )


def turn(row: Row, client: Client, contents: Contents) -> float:
    """Seconds of one contender's turn. Raises WrongBytes for what does not come back as it was stored."""
    began = time.perf_counter()
    with ThreadPoolExecutor(row.at_once) as pool:
        if row.writes:
            list(pool.map(lambda key: client.put(key, contents[key]), contents))
        else:
            found = list(pool.map(client.get, contents))
    seconds = time.perf_counter() - began
    if not row.writes and found != list(contents.values()):
        raise WrongBytes(f"{row.title}: other bytes came back")
    return seconds


def measure(row: Row, access: Access, bucket: str, contents: Contents, rounds: int) -> None:
    """Every contender in every round; who begins changes with the round."""
    names = list(CONTENDERS)
    with by_obstore(access, bucket) as stored:
        for key, data in contents.items():
            stored.put(key, data)
    for number in range(rounds):
        first = number % len(names)
        for name in names[first:] + names[:first]:
            # What is written is new to the store each time; what is read is the same for all.
            own = {f"{name}-{row.at_once}-{number}/{key}": contents[key] for key in contents}
            with CONTENDERS[name](access, bucket) as client:
                seconds = turn(row, client, own if row.writes else contents)
            row.seconds.setdefault(name, []).append(seconds)


def rows(files: int, size: int) -> Sequence[Row]:
    what = f"{files} files of {size >> 10} KiB"
    return [
        Row(
            f"{what} {act}, {'one after the other' if at_once == 1 else f'{at_once} at a time'}",
            writes,
            at_once,
        )
        for writes, act in ((True, "written"), (False, "read"))
        for at_once in (1, 16)
    ]


def main() -> None:
    """Print the medians as a Markdown table, and how many times longer the others took."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.small_files", description=__doc__)
    parser.add_argument("--files", type=int, default=500)
    parser.add_argument("--size", type=int, default=4096, help="bytes of each file")
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    contents = {f"d{n % 10}/file-{n}": os.urandom(options.size) for n in range(options.files)}
    server = SeaweedServer(memory="1GiB")
    try:
        server.start()
        measured = rows(options.files, options.size)
        for row in measured:
            with server.bucket() as bucket:
                measure(row, Access(server.url), bucket, contents, options.rounds)
    finally:
        server.close()
    print(
        "| | vfs | s3fs | obstore | s3fs / vfs | obstore / vfs |\n| --- | ---: | ---: | ---: | ---: | ---: |"
    )
    print("\n".join(row.as_markdown() for row in measured))


if __name__ == "__main__":
    main()
