"""The backend that keeps a tree in one ZIP archive."""

from vfs.engine.backends.zip.backend import ZipBackend, ZipOptions

__all__ = ["ZipBackend", "ZipOptions"]
