"""The one bridge to fsspec's drivers and to obstore: calls from any thread, and foreign errors as ours.

The drivers run on fsspec's own loop thread. Their retries and their notion of a timeout are not used: one
call here is one attempt with one deadline, and who calls decides what follows.
"""

import contextlib
import re
import ssl
import sys
from collections.abc import Callable, Iterator
from typing import Any

from vfs.engine.backends.objects.refusals import error_code_in, error_of_status, untrusted
from vfs.engine.backends.objects.unanswered import Barred, NoAnswer, Unfit
from vfs.engine.errors import BackendUnavailable, NotFound, PermissionDenied, StorageError
from vfs.engine.waiting import about_to_wait

_OBSTORE_STATUS = re.compile(r"non-2xx status code: (\d{3})")


def call(loop: Any, act: Callable[..., Any], *, timeout: float, **arguments: Any) -> Any:
    """Run a driver's coroutine function on fsspec's loop and wait; `timeout` seconds at most."""
    from fsspec import asyn

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
    except _or(FileNotFoundError, "obstore.exceptions:BaseError") as error:
        raise _error_of_obstore(error, key, store) from error
    except _or(ssl.SSLCertVerificationError, "aiohttp:ClientConnectorCertificateError") as error:
        raise untrusted(key, store, getattr(error, "verify_message", "")) from error
    except NoAnswer as error:
        raise BackendUnavailable(f"no answer from {store} ({error})", key) from error
    except Barred as error:
        raise PermissionDenied(f"{store}: {error}", key) from error
    except Unfit as error:
        raise StorageError(f"{store}: {error}", key) from error
    except _or(
        ConnectionError, TimeoutError, "fsspec.exceptions:FSTimeoutError", "aiohttp:ClientError"
    ) as error:
        raise BackendUnavailable(f"no answer from {store} ({_kind_of(error)})", key) from error


def _or(*kinds: type[Exception] | str) -> tuple[type[Exception], ...]:
    """Classes of errors, a driver's as `module:name`: of one that nobody imported yet there are no errors.

    To import them takes megabytes each, and up to half a second.
    """
    found = [_imported(kind) if isinstance(kind, str) else kind for kind in kinds]
    return tuple(kind for kind in found if kind is not None)


def _imported(place: str) -> type[Exception] | None:
    module, _, name = place.partition(":")
    kind: type[Exception] | None = getattr(sys.modules.get(module), name, None)
    return kind


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
