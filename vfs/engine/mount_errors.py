"""Errors on their way out to Python code are told which mount they come from."""

from collections.abc import Iterator
from contextlib import contextmanager

from vfs.engine.errors import StorageError


def name_mount(error: StorageError, mount: str, key: str) -> None:
    """Complete the place in an error; one that names a mount already keeps it."""
    if error.mount is None:
        error.mount = mount
        error.path = key if error.path is None else error.path


@contextmanager
def naming_mount(mount: str, key: str) -> Iterator[None]:
    """Complete the place in errors raised inside."""
    try:
        yield
    except StorageError as error:
        name_mount(error, mount, key)
        raise
