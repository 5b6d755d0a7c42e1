"""The backend that keeps each file of a tree under the hash of its key, in a folder of this machine."""

from vfs.engine.backends.hashdir.backend import HashdirBackend, HashdirOptions

__all__ = ["HashdirBackend", "HashdirOptions"]
