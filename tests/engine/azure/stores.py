"""Azure backends on the test server."""

import contextlib
from collections.abc import Iterator
from typing import Any

from tests.servers import azure
from vfs.engine.backends.azure import AzureBackend, AzureOptions


def options(url: str, container: str, **more: Any) -> AzureOptions:
    """Options that reach a container of the test server, or a proxy in front of it."""
    known = {"account_name": azure.ACCOUNT, "account_key": azure.KEY, "endpoint_url": url}
    return AzureOptions.model_validate({"container": container, **known, **more})


@contextlib.contextmanager
def opened(url: str, container: str, **more: Any) -> Iterator[AzureBackend]:
    """A backend, closed at the end."""
    backend = AzureBackend(options(url, container, **more))
    try:
        yield backend
    finally:
        backend.close()
