"""The `gcs` storage type."""

from vfs.engine.backends.gcs.backend import GcsBackend
from vfs.engine.backends.gcs.options import GcsOptions

__all__ = ["GcsBackend", "GcsOptions"]
