"""Errors on their way out to Python code are told which mount they come from."""

from collections.abc import Iterator
from contextlib import contextmanager

from vfs.engine.errors import StorageError


@contextmanager
def naming_mount(mount: str, key: str) -> Iterator[None]:
    """Complete the place in errors raised inside; one that names a mount already keeps it."""
    try:
        yield
    except StorageError as error:
        if error.mount is None:
            error.mount = mount
            error.path = key if error.path is None else error.path
        raise
