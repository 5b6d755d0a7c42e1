"""The backend that keeps a whole tree in one SQLite file."""

from vfs.engine.backends.sqlite.backend import SqliteBackend, SqliteOptions

__all__ = ["SqliteBackend", "SqliteOptions"]
