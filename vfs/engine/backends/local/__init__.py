"""The backend over a folder of this machine."""

from vfs.engine.backends.local.backend import LocalBackend, LocalOptions

__all__ = ["LocalBackend", "LocalOptions"]
