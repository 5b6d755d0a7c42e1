"""`vfs://` over a bucket: what acts cost in requests, and tables in it."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pandas as pd
import pyarrow as pa
import pyarrow.dataset
import pyarrow.parquet
import pytest

import vfs
from tests.engine.nodes import add_bucket
from tests.servers.fault_proxy import FaultProxy
from tests.servers.seaweed import SeaweedServer
from vfs.fsspec import VfsFileSystem

FRAME = pd.DataFrame({"number": range(3000), "text": [f"row {row}" for row in range(3000)]})


@pytest.fixture
def bucket_files(seaweed: SeaweedServer, bucket: str) -> dict[str, bytes]:
    """Forty files in twenty folders, put there by another client."""
    files = {f"d/{number % 20}/{number}": b"x" * number for number in range(40)}
    client = seaweed.client()
    for key, data in files.items():
        client.put_object(Bucket=bucket, Key=key, Body=data)
    return files


@pytest.fixture
def fs(tmp_path: Path, seaweed: SeaweedServer, bucket: str, proxy: FaultProxy) -> Iterator[VfsFileSystem]:
    """Over one bucket, `s3`, through the counting proxy."""
    mounts = {"scratch": {"type": "memory"}}
    with vfs.open({"mounts": mounts, "state": f"{tmp_path}/state", "cache": {"directory": None}}) as storage:
        add_bucket(storage, seaweed, bucket, endpoint_url=proxy.url, ttl="10m")
        yield VfsFileSystem(storage=storage)


def test_a_tree_is_one_listing(fs: VfsFileSystem, bucket_files: dict[str, bytes], proxy: FaultProxy) -> None:
    """Of all its folders together, sizes included."""
    with proxy.counting() as requests:
        found = fs.find("s3/d", detail=True)
    assert {name: known["size"] for name, known in found.items()} == {
        f"s3/{key}": len(data) for key, data in bucket_files.items()
    }
    assert requests == Counter(LIST=1)


def test_many_files_are_asked_for_once(
    fs: VfsFileSystem, bucket_files: dict[str, bytes], proxy: FaultProxy
) -> None:
    """A HEAD and a GET each at most where nothing is known of them, and nothing after that."""
    paths = [f"s3/{key}" for key in bucket_files]
    with proxy.counting() as requests:
        assert list(fs.cat(paths).values()) == [bucket_files[path[3:]] for path in sorted(paths)]
    assert set(requests) <= {"HEAD", "GET"}
    assert max(requests.values()) <= len(paths)
    with proxy.counting() as requests:
        assert fs.cat_ranges(paths, 0, 2) == [bucket_files[path[3:]][:2] for path in paths]
    assert requests == Counter()


def test_whole_files_are_one_put(fs: VfsFileSystem, proxy: FaultProxy) -> None:
    """Into a folder that was seen; a file object costs what a whole file does."""
    fs.pipe_file("s3/d/first", b"1")
    fs.ls("s3/d")
    with proxy.counting() as requests:
        fs.pipe_file("s3/d/second", b"2")
    assert requests == Counter(PUT=1)
    with proxy.counting() as requests, fs.open("s3/d/third", "wb") as file:
        file.write(b"3")
    assert requests == Counter(PUT=1)


def test_tables_in_a_bucket(fs: VfsFileSystem) -> None:
    """A partitioned dataset, by pyarrow, pandas and DuckDB."""
    table = pa.Table.from_pandas(FRAME.assign(rest=FRAME.number % 3))
    pa.parquet.write_to_dataset(table, "s3/set", partition_cols=["rest"], filesystem=fs)
    dataset = pa.dataset.dataset("s3/set", filesystem=fs, partitioning="hive")
    assert dataset.count_rows() == len(FRAME)
    frame = pd.read_parquet("vfs://s3/set", storage_options={"storage": fs.storage})
    assert sorted(frame.number) == list(FRAME.number)
    with duckdb.connect() as connection:
        connection.register_filesystem(fs)
        rows = connection.sql("select count(*) from 'vfs://s3/set/*/*.parquet'").fetchall()
    assert rows == [(len(FRAME),)]
