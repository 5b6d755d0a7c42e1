"""What stores of objects say when they refuse a request, as our errors."""

import errno
import re

from vfs.engine.errors import (
    BackendUnavailable,
    CapabilityNotSupported,
    Conflict,
    InvalidPath,
    NotFound,
    PermissionDenied,
    StorageError,
)

_ERROR_CODE = re.compile(r"<Code>([A-Za-z0-9]+)</Code>")

_TRANSIENT_CODES = frozenset(
    {
        "BadDigest",
        "IncompleteBody",
        "InternalError",
        "RequestTimeout",
        "ServiceUnavailable",
        "SlowDown",
        "Throttling",
        "XAmzContentSHA256Mismatch",
    }
)
"""What the store says when a request was spoiled on its way, or came at a bad time."""

_ADVICE = {
    "InvalidAccessKeyId": "the store does not know this access key; check the credentials",
    "SignatureDoesNotMatch": "the secret does not fit the access key; check the credentials",
    "ExpiredToken": "the session token has expired; get new credentials",
    "InvalidToken": "the session token is not valid; get new credentials",
    "RequestTimeTooSkewed": "the clock of this machine is wrong",
    "AuthorizationHeaderMalformed": "the store refuses the signature; check `region`",
    "AccessDenied": "these credentials may not do this",
}


def untrusted(key: str, store: str, reason: str = "") -> PermissionDenied:
    """The error for a certificate that nobody vouches for, or that is not this server's."""
    because = f" ({reason.rstrip('.')})" if reason else ""
    return PermissionDenied(
        f"{store}: its certificate is not one that this machine trusts{because}; "
        "if it should be, let SSL_CERT_FILE name the certificates of its authority",
        key,
    )


def error_of_status(status: int, code: str, key: str, store: str) -> StorageError:
    """The error for an HTTP status and the store's own word for what went wrong."""
    said = code or f"status {status}"
    if code == "NoSuchBucket":
        return NotFound(f"there is no {store}", key)
    if code == "NoSuchUpload":
        return NotFound("the upload is not there any more", key)
    if status == 404:
        return NotFound(path=key)
    if status in {401, 403} or code in _ADVICE:
        return PermissionDenied(f"{store}: {_ADVICE.get(code, 'access denied')} ({said})", key)
    if status in {409, 412}:
        return Conflict(f"the object is another one now ({said})", key)
    if code in _TRANSIENT_CODES or status in {408, 429} or (status >= 500 and status != 501):
        return BackendUnavailable(f"{store} answered {said}", key)
    if status == 501:
        return CapabilityNotSupported(f"{store} cannot do this ({said})", key)
    if code == "KeyTooLongError":
        return InvalidPath("the store takes no name as long as this", key, errno=errno.ENAMETOOLONG)
    if code == "MetadataTooLarge":
        return StorageError("the store has no room for so much metadata", key, errno=errno.ENOSPC)
    if status in {301, 302, 303, 307, 308}:
        return StorageError(f"{store} sends on to another place; check `endpoint_url`", key)
    if status == 407:
        return PermissionDenied("the proxy answered 407: it wants a user and a password", key)
    return StorageError(f"{store} refused the request ({said})", key)


def error_code_in(body: str) -> str:
    """The store's own word for what went wrong, from the XML that it sent; "" where there is none."""
    found = _ERROR_CODE.search(body)
    return found[1] if found else ""
