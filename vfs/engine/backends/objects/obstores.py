"""obstore's calls as all stores over it make them: one attempt each, and what it cannot read told apart."""

import datetime
from collections.abc import Mapping
from typing import Any

import obstore
from obstore.exceptions import GenericError

from vfs.engine.backend import Buffer
from vfs.engine.backends.fsspec_backend import status_of
from vfs.engine.backends.objects.proxies import Proxy
from vfs.engine.backends.objects.stored import Condition, Wanted
from vfs.engine.errors import BackendUnavailable
from vfs.engine.slabs import SLAB, buffer
from vfs.engine.waiting import about_to_wait

_PIECE = 256 << 10
"""Bytes that are taken from obstore at a time."""

_NO_PROXY = {"proxy_url": "http://proxy.invalid", "proxy_excludes": "*,0.0.0.0/0,::/0"}
"""A proxy that leads nowhere, and all names and addresses excepted from it."""


class UnreadableMetadata(Exception):
    """Somebody gave the object metadata that is no UTF-8: obstore cannot read such an object at all."""


def _told(wanted: Wanted) -> dict[str, Any]:
    """What is wanted in obstore's words."""
    told: dict[str, Any] = {}
    if wanted.end is not None:
        told["range"] = (wanted.start, wanted.end)
    elif wanted.start:
        told["range"] = {"offset": wanted.start}
    if wanted.version is not None:
        told["version"] = wanted.version
    if wanted.if_match is not None:
        told["if_match"] = wanted.if_match
    return told


def single_attempts(
    endpoint: str,
    timeout: float,
    headers: Mapping[str, str] | None = None,
    *,
    proxy: Proxy | None = None,
    authorities: str | None = None,
) -> dict[str, Any]:
    """How a store of obstore is made: with `timeout` seconds a call, as trying again is ours to decide.

    So is the way to the store: obstore is told of a proxy in any case, or it would look for one itself.
    """
    limit = datetime.timedelta(seconds=timeout)
    return {
        "client_options": {
            "allow_http": endpoint.startswith("http:"),
            "timeout": limit,
            "connect_timeout": limit,
            "default_headers": dict(headers or {}),
            **({"proxy_url": proxy.url} if proxy is not None else _NO_PROXY),
            **({"proxy_ca_certificate": _content(authorities)} if authorities is not None else {}),
        },
        "retry_config": {"max_retries": 0, "retry_timeout": limit},
    }


def _content(file: str) -> str:
    with open(file, encoding="ascii", errors="replace") as opened:
        return opened.read()


def get(store: Any, object_key: str, wanted: Wanted, *, head: bool = False) -> Any | None:
    """obstore's answer; None when the range begins at or past the end of the object.

    Raises obstore's errors, for the caller to translate, and UnreadableMetadata.
    """
    options: Any = _told(wanted) | ({"head": True} if head else {})
    about_to_wait()
    try:
        return obstore.get(store, object_key, options=options)
    except GenericError as error:
        # Azure's servers have a word of their own for it, that obstore shows in place of the status.
        if status_of(error) == 416 or "InvalidRangeRequest" in str(error):
            return None
        if "contained non UTF-8" in str(error):
            raise UnreadableMetadata(object_key) from error
        raise


def received(result: Any, path: str) -> Buffer:
    """The bytes of an answer. What fills a slab goes there as it comes: obstore's own buffer is a new one
    for each answer, whose pages the system maps and clears every time.

    Raises obstore's errors, and BackendUnavailable for another number of bytes than was announced.
    """
    start, end = result.range
    if end - start != SLAB:
        return memoryview(result.bytes())
    target, filled = buffer(SLAB), 0
    for piece in result.stream(min_chunk_size=_PIECE):
        view = memoryview(piece)
        if filled + len(view) > SLAB:
            break
        target[filled : filled + len(view)] = view
        filled += len(view)
    else:
        if filled == SLAB:
            return target
    raise BackendUnavailable(f"another number of bytes came than the {SLAB} announced", path)


def mode_of(condition: Condition) -> Any:
    """A condition of writing in obstore's words."""
    if condition.absent:
        return "create"
    return {"e_tag": condition.etag} if condition.etag is not None else "overwrite"
