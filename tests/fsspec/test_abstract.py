"""fsspec's own conformance tests of file systems, on a mount in memory and on one of a folder."""

import posixpath
from collections.abc import Callable

import pytest
from fsspec.tests import abstract

import vfs
from vfs.fsspec import VfsFileSystem


class Fixtures(abstract.AbstractFixtures):
    """What fsspec's tests ask of whoever runs them."""

    mount: str

    @pytest.fixture
    def fs(self, storage: vfs.StorageManager) -> VfsFileSystem:
        return VfsFileSystem(storage=storage)

    @pytest.fixture
    def fs_path(self, fs: VfsFileSystem) -> str:
        path = f"{self.mount}/tests"
        fs.makedirs(path)
        return path

    @pytest.fixture
    def fs_join(self) -> Callable[..., str]:
        return posixpath.join


class Memory(Fixtures):
    mount = "memory"


class Local(Fixtures):
    mount = "local"


class TestCopyInMemory(abstract.AbstractCopyTests, Memory):
    """Copies."""


class TestGetFromMemory(abstract.AbstractGetTests, Memory):
    """Downloads."""


class TestPutIntoMemory(abstract.AbstractPutTests, Memory):
    """Uploads."""


class TestPipeIntoMemory(abstract.AbstractPipeTests, Memory):
    """Writes of whole files."""


class TestOpenInMemory(abstract.AbstractOpenTests, Memory):
    """Exclusive creation."""


class TestCopyInFolder(abstract.AbstractCopyTests, Local):
    """Copies."""


class TestGetFromFolder(abstract.AbstractGetTests, Local):
    """Downloads."""


class TestPutIntoFolder(abstract.AbstractPutTests, Local):
    """Uploads."""


class TestPipeIntoFolder(abstract.AbstractPipeTests, Local):
    """Writes of whole files."""


class TestOpenInFolder(abstract.AbstractOpenTests, Local):
    """Exclusive creation."""
