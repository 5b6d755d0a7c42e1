"""`python -m benchmarks.fan_out`: a thousand small reads gathered in a loop, in turns with obstore alone."""

import argparse
import asyncio
import os
import statistics
import tempfile
import time
from collections.abc import Awaitable, Callable, Sequence

import obstore
from obstore.store import S3Store

import vfs
from tests.servers.seaweed import ACCESS_KEY, REGION, SECRET_KEY, SeaweedServer
from vfs.aio import AsyncStorageManager

FOLDERS = 10
"""Files lie in so many folders, which nothing is known of when the reading begins."""

Contender = Callable[[], Awaitable[float]]


class WrongBytes(Exception):
    """What came back is not what was stored."""


def contents(reads: int, size: int) -> dict[str, bytes]:
    """What is in the bucket, by key."""
    return {f"folder-{n % FOLDERS}/file-{n}": os.urandom(size) for n in range(reads)}


def own_store(url: str, bucket: str) -> S3Store:
    """obstore as a program uses it that knows nothing else."""
    return S3Store(
        bucket,
        endpoint=url,
        access_key_id=ACCESS_KEY,
        secret_access_key=SECRET_KEY,
        region=REGION,
        virtual_hosted_style_request=False,
        client_options={"allow_http": True},
    )


async def fill(store: S3Store, files: dict[str, bytes]) -> None:
    await asyncio.gather(*[obstore.put_async(store, key, data) for key, data in files.items()])


async def by_obstore(store: S3Store, files: dict[str, bytes]) -> float:
    """Seconds of one gather."""

    async def read(key: str) -> bytes:
        return bytes(await (await obstore.get_async(store, key)).bytes_async())

    return await timed([read(key) for key in files], files)


async def by_vfs(storage: AsyncStorageManager, files: dict[str, bytes]) -> float:
    """The same by asynchronous nodes; nothing is remembered of any file."""
    return await timed([storage.node("bucket", key).read_bytes() for key in files], files)


async def timed(reads: Sequence[Awaitable[bytes]], files: dict[str, bytes]) -> float:
    began = time.perf_counter()
    found = await asyncio.gather(*reads)
    seconds = time.perf_counter() - began
    if found != list(files.values()):
        raise WrongBytes
    return seconds


def measure(url: str, bucket: str, files: dict[str, bytes], rounds: int) -> list[tuple[float, float]]:
    """Seconds of obstore and of vfs in each round; each has a new client and a new loop."""
    asyncio.run(fill(own_store(url, bucket), files))
    return [
        (asyncio.run(by_obstore(own_store(url, bucket), files)), on_a_new_mount(url, bucket, files))
        for _ in range(rounds)
    ]


def on_a_new_mount(url: str, bucket: str, files: dict[str, bytes]) -> float:
    mount = {
        "name": "bucket",
        "type": "s3",
        "bucket": bucket,
        "endpoint_url": url,
        "region": REGION,
        "key": ACCESS_KEY,
        "secret": SECRET_KEY,
    }
    with tempfile.TemporaryDirectory() as state:
        settings = {"mounts": [mount], "state": state, "cache": {"directory": None}}
        with vfs.open(settings) as storage:
            return asyncio.run(by_vfs(storage.aio, files))


def main() -> None:
    """Print the medians as a Markdown row, and how much longer ours took."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.fan_out", description=__doc__)
    parser.add_argument("--reads", type=int, default=1000)
    parser.add_argument("--size", type=int, default=4096, help="bytes of each file")
    parser.add_argument("--rounds", type=int, default=7)
    options = parser.parse_args()
    server = SeaweedServer(memory="1GiB")
    try:
        server.start()
        with server.bucket() as bucket:
            files = contents(options.reads, options.size)
            rounds = measure(server.url, bucket, files, options.rounds)
    finally:
        server.close()
    theirs, ours = (statistics.median(seconds) for seconds in zip(*rounds, strict=True))
    ratio = statistics.median(ours / theirs for theirs, ours in rounds)
    print("| | obstore, async | vfs, async | vfs / obstore |\n| --- | ---: | ---: | ---: |")
    print(f"| gather of {options.reads} reads | {theirs:.2f} s | {ours:.2f} s | {ratio:.2f} |")


if __name__ == "__main__":
    main()
