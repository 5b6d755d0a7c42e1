"""Streams of any length, sent in parts."""

from collections import deque
from collections.abc import Iterable
from concurrent.futures import Future, ThreadPoolExecutor

from vfs.engine.backends.objects.bucket import ObjectUpload
from vfs.engine.backends.objects.stored import Condition, Stored

_IN_FLIGHT = 4


def send_stream(
    upload: ObjectUpload, chunks: Iterable[bytes], threads: ThreadPoolExecutor, condition: Condition
) -> Stored:
    """Send chunks as parts, a few at a time, and publish them; whatever fails, nothing is left behind."""
    flying: deque[Future[None]] = deque()
    try:
        for number, chunk in enumerate(chunks, 1):
            if len(flying) == _IN_FLIGHT:
                flying.popleft().result()
            flying.append(threads.submit(upload.put, number, chunk))
        while flying:
            flying.popleft().result()
        return upload.complete(condition)
    except BaseException:
        for future in flying:
            future.cancel()
        for future in flying:
            if not future.cancelled():
                future.exception()
        upload.abort()
        raise
