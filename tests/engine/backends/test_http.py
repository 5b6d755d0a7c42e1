"""The http backend keeps the reading part of the backend contract over real servers."""

import errno
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.servers.web import folder_server, rclone_server
from vfs.config import settings_from
from vfs.engine.backend import Backend
from vfs.engine.backends.http import HttpBackend, HttpOptions
from vfs.engine.errors import PermissionDenied
from vfs.engine.manager import StorageManager
from vfs.testing.reading import ReadContract, lay_out


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the files of the contract."""
    folder = tmp_path_factory.mktemp("web") / "sample"
    lay_out(folder)
    return folder


@pytest.fixture(scope="module")
def plain_url(sample: Path) -> Iterator[str]:
    """Python's http.server: whole files only, times to the second, and redirects to folders."""
    with folder_server(sample) as url:
        yield url


@pytest.fixture(scope="module")
def ranges_url(sample: Path) -> Iterator[str]:
    """rclone's server: ranges, and no redirects to folders. It serves the folder above the sample's."""
    with rclone_server(sample.parent) as url:
        yield url


class TestServerWithoutRanges(ReadContract):
    @pytest.fixture
    def backend(self, plain_url: str) -> Iterator[Backend]:
        backend = HttpBackend(HttpOptions(url=plain_url))
        yield backend
        backend.close()


class TestServerWithRanges(ReadContract):
    unkeepable_names = frozenset({"line\nbreak", "tab\there", "\x01control", "\x7f"})
    """rclone shows control characters of local names as others."""

    @pytest.fixture
    def backend(self, ranges_url: str) -> Iterator[Backend]:
        backend = HttpBackend(HttpOptions(url=f"{ranges_url}/sample"))
        yield backend
        backend.close()


@pytest.mark.parametrize("storage", ["http", "base64"])
def test_files_that_cannot_be_kept_are_refused_when_opened(
    plain_url: str, tmp_path: Path, storage: str
) -> None:
    """Not when they are closed, where many programs do not look: they would believe it stored."""
    mount = {"type": "http", "url": plain_url} if storage == "http" else {"type": "base64"}
    settings = {"mounts": {"m": mount}, "cache": {"directory": None}, "state": os.fspath(tmp_path)}
    with StorageManager(settings_from(settings)) as manager, pytest.raises(PermissionDenied) as caught:
        manager.tree("m").create("new")
    assert caught.value.errno == errno.EROFS
