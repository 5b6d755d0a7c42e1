"""The fsspec file system `vfs://mount/path`: the mounts of a configuration for pandas, Dask, zarr, DuckDB."""

from vfs.fsspec.filesystem import VfsFileSystem

__all__ = ["VfsFileSystem"]
