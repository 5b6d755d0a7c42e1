"""The table of statuses: complete, and exact where the error is."""

import errno

import pytest

from vfs.dav.statuses import BY_ERRNO, STATUSES, status_of
from vfs.engine import errors
from vfs.engine.errors import ConfigError, PermissionDenied, StorageError

ALL_ERRORS = [
    kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, StorageError)
]


def test_every_error_has_a_row() -> None:
    """The table names each class that the engine may raise, and nothing else."""
    assert set(STATUSES) == set(ALL_ERRORS)


@pytest.mark.parametrize("kind", ALL_ERRORS, ids=lambda kind: kind.__name__)
def test_an_error_without_a_number_of_its_own_gets_the_row(kind: type[StorageError]) -> None:
    """The class decides, and what is no fault of the client is no 4xx."""
    assert status_of(kind("why", "key")) == STATUSES[kind]
    assert (STATUSES[kind] >= 500) == (kind in {StorageError, errors.BackendUnavailable, ConfigError})


@pytest.mark.parametrize(("number", "status"), BY_ERRNO.items())
def test_an_exact_number_is_told(number: int, status: int) -> None:
    """A full disk is 507, a file that is too big 413, whatever class brings the news."""
    assert status_of(errors.from_os_error(OSError(number, "why"), "key")) == status


def test_a_subclass_takes_the_row_of_its_parent() -> None:
    """An error that a layer derives is told like the one it derives from."""

    class Throttled(errors.ResourceLocked):
        pass

    assert status_of(Throttled("busy")) == 423
    assert status_of(PermissionDenied("read-only", errno=errno.EROFS)) == 403
