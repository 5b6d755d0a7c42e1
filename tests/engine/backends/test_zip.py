"""The zip backend keeps the backend contract in an archive that other tools read."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from vfs.engine.backend import Backend
from vfs.engine.backends.zip import ZipBackend, ZipOptions
from vfs.testing.backend import BackendContract


class TestZipBackend(BackendContract):
    mtime_resolution_ns = 100
    invalid_utf8_names = False
    many_files = 200  # an archive has no pages

    @pytest.fixture
    def backend(self, tmp_path: Path) -> Iterator[Backend]:
        backend = ZipBackend(ZipOptions(path=tmp_path / "archive.zip"))
        yield backend
        backend.close()
