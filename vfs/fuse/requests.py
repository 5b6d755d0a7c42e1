"""What every request handler stands on: the projection, and a guard that turns any failure into an errno."""

import errno
import functools
import logging
from collections.abc import Callable, Coroutine
from typing import Any, ParamSpec, TypeVar, cast

import pyfuse3
from pyfuse3 import FUSEError

from vfs.engine import CapabilityNotSupported, StorageError
from vfs.engine.request_ids import begin_request
from vfs.fuse.errnos import errno_of
from vfs.fuse.projection import Projection

log = logging.getLogger(__name__)

P = ParamSpec("P")
ReplyT = TypeVar("ReplyT")
Handler = Callable[P, Coroutine[Any, Any, ReplyT]]


class Requests(pyfuse3.Operations):
    """The state that all handlers share; they are mixed together in `operations.Operations`."""

    def __init__(self, projection: Projection) -> None:
        super().__init__()
        self.projection = projection


def request(*, unsupported: int = errno.ENOTSUP) -> Callable[[Handler[P, ReplyT]], Handler[P, ReplyT]]:
    """Turn a coroutine method into a handler that raises nothing but FUSEError.

    `unsupported` is what POSIX wants this call to say where the storage has no such thing.
    """

    def guard(handler: Handler[P, ReplyT]) -> Handler[P, ReplyT]:
        @functools.wraps(handler)
        async def guarded(*args: P.args, **kwargs: P.kwargs) -> ReplyT:
            generation = cast("Requests", args[0]).projection.in_work.present
            generation.begun()
            begin_request()
            try:
                return await handler(*args, **kwargs)
            except FUSEError:
                raise
            except CapabilityNotSupported as error:
                raise FUSEError(_chosen(error, unsupported)) from None
            except StorageError as error:
                log.debug("%s: %s", handler.__name__, error)
                raise FUSEError(errno_of(error)) from None
            except Exception:
                log.exception("%s%r failed", handler.__name__, args[1:])
                raise FUSEError(errno.EIO) from None
            finally:
                generation.ended()

        return guarded

    return guard


def _chosen(error: CapabilityNotSupported, unsupported: int) -> int:
    number = errno_of(error)
    return unsupported if number == errno.ENOTSUP else number
