"""The table of errnos: complete, and exact where the error is."""

import errno

import pytest

from vfs.engine import errors
from vfs.engine.errors import PermissionDenied, StorageError
from vfs.fuse.errnos import ERRNOS, errno_of

ALL_ERRORS = [
    kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, StorageError)
]


def test_every_error_has_a_row() -> None:
    """The table names each class that the engine may raise, and nothing else."""
    assert set(ERRNOS) == set(ALL_ERRORS)


@pytest.mark.parametrize("kind", ALL_ERRORS, ids=lambda kind: kind.__name__)
def test_an_error_without_a_number_of_its_own_gets_the_row(kind: type[StorageError]) -> None:
    """The class decides."""
    assert errno_of(kind("why", "key")) == ERRNOS[kind]


def test_an_exact_number_is_kept() -> None:
    """A read-only mount says EROFS, not EACCES."""
    assert errno_of(PermissionDenied("read-only", errno=errno.EROFS)) == errno.EROFS


def test_a_subclass_takes_the_row_of_its_parent() -> None:
    """An error that a layer derives is told like the one it derives from."""

    class Throttled(errors.ResourceLocked):
        pass

    assert errno_of(Throttled("busy")) == errno.EBUSY
