"""Backends for tests: a local one with something beside it, and ones of scripted web servers."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.engine.backends.mounts import OpenedHttp, Requests
from tests.servers.web import Script, scripted_server
from vfs.engine.backends.http import HttpBackend, HttpOptions
from vfs.engine.backends.local import LocalBackend, LocalOptions


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The folder that is mounted; what lies beside it is outside."""
    inside = tmp_path / "inside"
    inside.mkdir()
    return inside


@pytest.fixture
def local(folder: Path) -> Iterator[LocalBackend]:
    """A backend on the folder that follows no symlinks."""
    backend = LocalBackend(LocalOptions(path=folder))
    yield backend
    backend.close()


@pytest.fixture
def opened() -> Iterator[OpenedHttp]:
    """Opens a mount of a server that answers by a function; tells also what the server was asked."""
    with ExitStack() as stack:

        def mounted(respond: Callable[[Script], None], **options: object) -> tuple[HttpBackend, Requests]:
            url, requests = stack.enter_context(scripted_server(respond))
            backend = HttpBackend(HttpOptions.model_validate({"url": url, "retries": 0, **options}))
            stack.callback(backend.close)
            return backend, requests

        yield mounted
