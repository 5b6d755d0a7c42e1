"""GCS backends on the test server."""

import contextlib
from collections.abc import Iterator
from typing import Any

from vfs.engine.backends.gcs import GcsBackend, GcsOptions


def options(url: str, bucket: str, **more: Any) -> GcsOptions:
    """Options that reach a bucket of the test server, or a proxy in front of it."""
    return GcsOptions.model_validate({"bucket": bucket, "endpoint_url": url, "token": "anon", **more})


@contextlib.contextmanager
def opened(url: str, bucket: str, **more: Any) -> Iterator[GcsBackend]:
    """A backend, closed at the end."""
    backend = GcsBackend(options(url, bucket, **more))
    try:
        yield backend
    finally:
        backend.close()
