"""S3 backends on the test server."""

import contextlib
from collections.abc import Iterator
from typing import Any

from tests.servers import seaweed
from vfs.engine.backends.s3 import S3Backend, S3Options


def options(url: str, bucket: str, **more: Any) -> S3Options:
    """Options that reach a bucket of the test server, or a proxy in front of it."""
    return S3Options.model_validate(
        {
            "bucket": bucket,
            "endpoint_url": url,
            "region": seaweed.REGION,
            "key": seaweed.ACCESS_KEY,
            "secret": seaweed.SECRET_KEY,
            **more,
        }
    )


@contextlib.contextmanager
def opened(url: str, bucket: str, **more: Any) -> Iterator[S3Backend]:
    """A backend, closed at the end."""
    backend = S3Backend(options(url, bucket, **more))
    try:
        yield backend
    finally:
        backend.close()
