"""One HTTP request and its whole answer, by a deadline that holds whatever the server does."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import urllib3
from urllib3.exceptions import IncompleteRead

from vfs.engine.backend import Buffer

_CHUNK = 1 << 18


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back for a request."""

    status: int
    headers: Mapping[str, str]
    body: bytes


def exchange(
    pool: Any,
    method: str,
    target: str,
    headers: Mapping[str, str],
    body: Buffer,
    timeout: float,
) -> Answer:
    """Send one request through a urllib3 pool: no redirect is followed, and nothing is tried again.

    Raises urllib3's errors and TimeoutError, for the caller to translate.
    """
    until = time.monotonic() + timeout
    response = pool.urlopen(
        method,
        target,
        body=body if len(body) else None,
        headers=headers,
        retries=False,
        redirect=False,
        preload_content=False,
        timeout=urllib3.Timeout(total=timeout),
        pool_timeout=timeout,
        decode_content=False,
    )
    return Answer(response.status, response.headers, _read(response, until))


def _read(response: Any, until: float) -> bytes:
    """The whole body by the deadline, also from a server that sends a byte now and then."""
    held = bytearray()
    try:
        while piece := response.read1(_CHUNK):
            held += piece
            if time.monotonic() > until:
                raise TimeoutError("the answer takes too long")
        expected = response.length_remaining
        if expected:
            raise IncompleteRead(len(held), expected)
        response.release_conn()
    except BaseException:
        response.close()
        raise
    return bytes(held)
