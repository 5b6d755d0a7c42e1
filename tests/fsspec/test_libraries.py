"""pandas, pyarrow, DuckDB, Dask and zarr on `vfs://`, each in its own way of opening files."""

import io
from typing import Any

import dask
import dask.bytes
import duckdb
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.dataset
import pyarrow.parquet
import pytest
import zarr

import vfs
from tests.fsspec.watched import WatchedStorage
from vfs.fsspec import VfsFileSystem

FRAME = pd.DataFrame({"number": range(10_000), "text": [f"row {row}" for row in range(10_000)]})

MOUNTS = ["local", "memory", "packed"]


@pytest.fixture
def options(storage: vfs.StorageManager) -> dict[str, Any]:
    return {"storage": storage}


@pytest.fixture
def used(storage: vfs.StorageManager) -> vfs.StorageManager:
    """The storage, in use: nothing needs to be said of it."""
    return vfs.use(storage)


@pytest.mark.parametrize("mount", MOUNTS)
def test_pandas_writes_and_reads_parquet(mount: str, options: dict[str, Any]) -> None:
    """A table comes back as it was."""
    url = f"vfs://{mount}/tables/table.parquet"
    FRAME.to_parquet(url, storage_options=options)
    pd.testing.assert_frame_equal(pd.read_parquet(url, storage_options=options), FRAME)
    columns = pd.read_parquet(url, columns=["text"], storage_options=options)
    assert list(columns.columns) == ["text"]


@pytest.mark.usefixtures("used")
def test_pandas_writes_and_reads_packed_csv() -> None:
    """Text, compressed by the name's end, from the storage in use."""
    FRAME.to_csv("vfs://memory/table.csv.gz", index=False)
    pd.testing.assert_frame_equal(pd.read_csv("vfs://memory/table.csv.gz"), FRAME)


def test_one_column_of_a_big_table_is_not_the_whole_of_it(fs: VfsFileSystem, watched: WatchedStorage) -> None:
    """Ranges are fetched, not files."""
    wide = pa.table({f"c{number}": np.random.default_rng(number).random(200_000) for number in range(20)})
    packed = io.BytesIO()
    pa.parquet.write_table(wide, packed)
    size = watched.write("wide.parquet", packed.getvalue()).size
    found = pa.parquet.read_table("watched/wide.parquet", columns=["c7"], filesystem=fs)
    assert found.column("c7").equals(wide.column("c7"))
    assert sum(watched.answers) < size / 3


@pytest.mark.parametrize("mount", MOUNTS)
def test_pyarrow_reads_a_dataset(mount: str, fs: VfsFileSystem) -> None:
    """Partitions are found by listing, and filtered by their folders."""
    table = pa.Table.from_pandas(FRAME.assign(rest=FRAME.number % 3))
    pa.parquet.write_to_dataset(table, f"{mount}/set", partition_cols=["rest"], filesystem=fs)
    dataset = pa.dataset.dataset(f"{mount}/set", filesystem=fs, partitioning="hive")
    assert dataset.count_rows() == len(FRAME)
    found = dataset.to_table(filter=pa.dataset.field("rest") == 1)
    assert found.num_rows == sum(FRAME.number % 3 == 1)


@pytest.mark.parametrize("mount", MOUNTS)
def test_duckdb_queries_files(mount: str, fs: VfsFileSystem, options: dict[str, Any]) -> None:
    """By name and by pattern; what it writes is a file like any other."""
    for part in range(3):
        FRAME[part::3].to_parquet(f"vfs://{mount}/parts/{part}.parquet", storage_options=options)
    with duckdb.connect() as connection:
        connection.register_filesystem(fs)
        one = connection.sql(f"select count(*) from 'vfs://{mount}/parts/0.parquet'").fetchall()
        every = connection.sql(f"select sum(number) from 'vfs://{mount}/parts/*.parquet'").fetchall()
        connection.sql(f"copy (select 42 as answer) to 'vfs://{mount}/out.parquet' (format parquet)")
    assert (one, every) == ([(len(FRAME[::3]),)], [(int(FRAME.number.sum()),)])
    assert pd.read_parquet(f"vfs://{mount}/out.parquet", storage_options=options).answer[0] == 42


def test_dask_reads_pieces_in_threads(fs: VfsFileSystem, options: dict[str, Any]) -> None:
    """Each task its own piece of a file, cut at the ends of lines."""
    lines = b"".join(b"line %d\n" % number for number in range(50_000))
    fs.pipe_file("memory/lines", lines)
    _, [pieces] = dask.bytes.read_bytes("vfs://memory/lines", delimiter=b"\n", blocksize=64_000, **options)
    assert len(pieces) > 5
    assert b"".join(dask.compute(*pieces, scheduler="threads")) == lines


@pytest.mark.parametrize("mount", MOUNTS)
def test_zarr_stores_arrays(mount: str, options: dict[str, Any]) -> None:
    """Chunks are files; absent ones are the fill value."""
    url = f"vfs://{mount}/array.zarr"
    array = zarr.create_array(url, shape=(100, 100), chunks=(10, 50), dtype="i4", storage_options=options)
    array[:50] = np.arange(5000).reshape(50, 100)
    found = zarr.open_array(url, mode="r", storage_options=options)
    assert (found[:50] == np.arange(5000).reshape(50, 100)).all()
    assert not found[50:].any()
