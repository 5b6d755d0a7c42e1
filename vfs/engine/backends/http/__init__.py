"""The backend that reads what a web server serves."""

from vfs.engine.backends.http.backend import HttpBackend
from vfs.engine.backends.http.options import HttpOptions

__all__ = ["HttpBackend", "HttpOptions"]
