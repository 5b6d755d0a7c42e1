"""Types of the fixtures that open mounts for tests of backends."""

from collections.abc import Callable

from vfs.engine.backends.http import HttpBackend

Requests = list[tuple[str, str, dict[str, str]]]
"""Method, path and headers of what a server was asked."""

OpenedHttp = Callable[..., tuple[HttpBackend, Requests]]
