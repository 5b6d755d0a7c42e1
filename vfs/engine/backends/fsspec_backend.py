"""The one bridge to fsspec's drivers and to obstore: calls from any thread, and foreign errors as ours.

The drivers run on fsspec's own loop thread. Their retries and their notion of a timeout are not used: one
call here is one attempt with one deadline, and who calls decides what follows.
"""

import contextlib
import errno
import re
import ssl
import sys
from collections.abc import Callable, Iterator
from typing import Any, TypeVar

import obstore.exceptions
from fsspec import asyn
from fsspec.exceptions import FSTimeoutError

from vfs.engine.backends.objects.unanswered import Barred, NoAnswer, Unfit
from vfs.engine.errors import (
    BackendUnavailable,
    CapabilityNotSupported,
    Conflict,
    InvalidPath,
    NotFound,
    PermissionDenied,
    StorageError,
)
from vfs.engine.waiting import about_to_wait

ResultT = TypeVar("ResultT")

_OBSTORE_STATUS = re.compile(r"non-2xx status code: (\d{3})")
_ERROR_CODE = re.compile(r"<Code>([A-Za-z0-9]+)</Code>")

_UNREACHED = (
    FSTimeoutError,
    ConnectionError,
    TimeoutError,
)
"""What the drivers raise when no whole answer came."""

_UNTRUSTED = (ssl.SSLCertVerificationError,)
"""What the drivers raise for a certificate that nobody vouches for: another attempt will not help."""

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


def call(loop: Any, act: Callable[..., Any], *, timeout: float, **arguments: Any) -> Any:
    """Run a driver's coroutine function on fsspec's loop and wait; `timeout` seconds at most."""
    about_to_wait()
    return asyn.sync(loop, act, timeout=timeout, **arguments)


@contextlib.contextmanager
def translated(key: str, store: str) -> Iterator[None]:
    """Whatever a driver raises inside comes out as one of ours, naming `key`, or `store` for the whole store.

    BackendUnavailable means that another attempt may help. No message repeats a URL or a header.
    """
    try:
        yield
    except StorageError:
        raise
    except (obstore.exceptions.BaseError, FileNotFoundError) as error:
        raise _error_of_obstore(error, key, store) from error
    except _with_aiohttp(_UNTRUSTED, "ClientConnectorCertificateError") as error:
        raise untrusted(key, store, getattr(error, "verify_message", "")) from error
    except NoAnswer as error:
        raise BackendUnavailable(f"no answer from {store} ({error})", key) from error
    except Barred as error:
        raise PermissionDenied(f"{store}: {error}", key) from error
    except Unfit as error:
        raise StorageError(f"{store}: {error}", key) from error
    except _with_aiohttp(_UNREACHED, "ClientError") as error:
        raise BackendUnavailable(f"no answer from {store} ({_kind_of(error)})", key) from error


def _with_aiohttp(others: tuple[type[Exception], ...], name: str) -> tuple[type[Exception], ...]:
    """With a class of aiohttp's. That takes half a second to import: who never did raises none of them."""
    found: type[Exception] | None = getattr(sys.modules.get("aiohttp"), name, None)
    return others if found is None else (*others, found)


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


def status_of(error: BaseException) -> int:
    """The HTTP status that an obstore error tells of; 0 where the request got no answer."""
    found = _OBSTORE_STATUS.search(str(error))
    return int(found[1]) if found else 0


def _error_of_obstore(error: Exception, key: str, store: str) -> StorageError:
    text = str(error)
    status = status_of(error)
    if status:
        return error_of_status(status, error_code_in(text), key, store)
    if isinstance(error, FileNotFoundError):
        return NotFound(path=key)
    if "HTTP error" in text:
        return BackendUnavailable(f"no answer from {store}", key)
    return StorageError(f"{store}: {_kind_of(error)}", key)


def _kind_of(error: BaseException) -> str:
    return type(error).__name__
