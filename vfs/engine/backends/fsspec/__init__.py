"""The backend over any file system that fsspec knows."""

from vfs.engine.backends.fsspec.backend import FsspecBackend
from vfs.engine.backends.fsspec.options import FsspecOptions

__all__ = ["FsspecBackend", "FsspecOptions"]
