"""Azure's words for what went wrong, as ours; and what its drivers raise."""

import contextlib
import errno
from collections.abc import Iterator

import azure.core.exceptions
import obstore.exceptions

from vfs.engine.backends.fsspec_backend import status_of, translated
from vfs.engine.backends.objects.refusals import error_code_in, error_of_status
from vfs.engine.errors import (
    BackendUnavailable,
    Conflict,
    DirectoryNotEmpty,
    InvalidPath,
    NotFound,
    PermissionDenied,
    ResourceLocked,
    StorageError,
)

_DENIED = {
    "AccountIsDisabled": "the account is disabled",
    "AuthenticationFailed": "the store refuses the signature; check the credentials and this machine's clock",
    "AuthorizationFailure": "the store refuses the signature; check the credentials",
    "AuthorizationPermissionMismatch": "these credentials may not do this; a role such as Storage Blob Data "
    "Contributor is missing",
    "AuthorizationResourceTypeMismatch": "the SAS is not for this kind of resource",
    "BlobArchived": "the blob is in the archive tier; rehydrate it first",
    "BlobImmutableDueToPolicy": "an immutability policy or a legal hold keeps the blob as it is",
    "InvalidAuthenticationInfo": "the store cannot read the credentials",
    "KeyBasedAuthenticationNotPermitted": "the account takes no keys; use `credential`",
    "NoAuthenticationInformation": "the container is not public; credentials are needed",
    "PublicAccessNotPermitted": "the account is not public; credentials are needed",
    "SnapshotsPresent": "the blob has snapshots; remove those first",
}
"""Codes, of whatever status, that no further attempt helps with."""

_LOCKED = frozenset(
    {
        "LeaseAlreadyPresent",
        "LeaseIdMismatchWithBlobOperation",
        "LeaseIdMissing",
        "LeaseLost",
        "PendingCopyOperation",
    }
)

_TOO_LONG = frozenset({"OutOfRangeInput", "PathIsTooDeep"})
_IMPOSSIBLE = frozenset({"InvalidResourceName", "InvalidUri"})
_TOO_MUCH_METADATA = frozenset({"MetadataTooLarge", "RequestHeaderFieldsTooLarge"})
_TRANSIENT = frozenset({"OperationTimedOut", "ServerBusy", "ContainerBeingDeleted"})


@contextlib.contextmanager
def azure_errors(key: str, store: str) -> Iterator[None]:
    """Whatever a driver of Azure raises inside comes out as one of ours; see `translated`."""
    with translated(key, store):
        try:
            yield
        except obstore.exceptions.UnauthenticatedError as error:
            code = error_code_in(str(error)) or "no token was given"
            raise PermissionDenied(
                f"{store}: {_DENIED.get(code, 'check the credentials')} ({code})", key
            ) from error
        except (obstore.exceptions.BaseError, FileNotFoundError) as error:
            if isinstance(error, StorageError) or not status_of(error):
                raise
            raise error_of_answer(status_of(error), error_code_in(str(error)), key, store) from error
        except azure.core.exceptions.HttpResponseError as error:
            code = getattr(error, "error_code", None) or ""
            code = str(getattr(code, "value", code))
            raise error_of_answer(error.status_code or 401, code, key, store) from error
        except azure.core.exceptions.AzureError as error:
            raise BackendUnavailable(f"no answer from {store} ({type(error).__name__})", key) from error


def error_of_answer(status: int, code: str, key: str, store: str) -> StorageError:
    """The error for an HTTP status and Azure's own word for what went wrong."""
    if code == "ContainerNotFound":
        return NotFound(f"there is no {store}", key)
    if code in _DENIED:
        return PermissionDenied(f"{store}: {_DENIED[code]} ({code})", key)
    if code in _LOCKED:
        return ResourceLocked(f"somebody holds the blob ({code})", key)
    if code in {"DirectoryIsNotEmpty", "DirectoryNotEmpty"}:
        return DirectoryNotEmpty(path=key)
    if code in {"InvalidBlockList", "InvalidBlobOrBlock"}:
        return Conflict("somebody else wrote this file while its parts were on their way", key)
    if code in _TOO_LONG:
        return InvalidPath("the store takes no name as long as this", key, errno=errno.ENAMETOOLONG)
    if code in _IMPOSSIBLE:
        return InvalidPath("the store takes no such name", key)
    if code in _TOO_MUCH_METADATA or status == 431:
        return StorageError("the store has no room for so much metadata", key, errno=errno.ENOSPC)
    if code in _TRANSIENT:
        return BackendUnavailable(f"{store} answered {code}", key)
    return error_of_status(status, code, key, store)
