"""Layers that change nothing for the caller keep the whole contract of a backend."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fakes import ObjectStore
from vfs.engine.backend import Backend
from vfs.engine.backends.local import LocalBackend, LocalOptions
from vfs.engine.capabilities import Capability
from vfs.engine.layers.intercepted_abilities import INTERCEPTED
from vfs.engine.layers.log import LogLayer
from vfs.engine.layers.notify import NotifyLayer, NotifyOptions
from vfs.engine.layers.permissions import PermissionsOptions, allow
from vfs.engine.layers.retry import RetryLayer
from vfs.engine.layers.validate import ValidateLayer, ValidateOptions
from vfs.engine.node_abilities import HoldsClients, NamesContent
from vfs.testing.backend import BackendContract
from vfs.testing.layer import ABILITIES, LayerContract


class TestLog(LayerContract):
    def wrap(self, inner: Backend) -> Backend:
        return LogLayer(inner)


class TestNotify(LayerContract):
    def wrap(self, inner: Backend) -> Backend:
        return NotifyLayer(inner, NotifyOptions(handlers=(lambda notification: None,)))


class TestRetry(LayerContract):
    def wrap(self, inner: Backend) -> Backend:
        return RetryLayer(inner)


class TestValidate(LayerContract):
    def wrap(self, inner: Backend) -> Backend:
        return ValidateLayer(inner, ValidateOptions(pattern=r"(?s).*", check=lambda key: True))


class TestPermissionsThatRefuseNothing(LayerContract):
    def wrap(self, inner: Backend) -> Backend:
        return allow(inner, PermissionsOptions(allow="delete"))


class TestLogOverAFolder(BackendContract):
    """A storage that opens files in place, and keeps hard links and special files."""

    etag_survives_attribute_changes = False

    @pytest.fixture
    def backend(self, tmp_path: Path) -> Iterator[Backend]:
        backend = LogLayer(LocalBackend(LocalOptions(path=tmp_path)))
        yield backend
        backend.close()


class TestNotifyOverAnObjectStore(BackendContract):
    """A storage that takes files in parts and has no renames."""

    @pytest.fixture
    def backend(self) -> Backend:
        return NotifyLayer(PartsStore(), NotifyOptions(handlers=(lambda notification: None,)))


class PartsStore(ObjectStore):
    """An object store whose capabilities agree with its abilities."""

    @property
    def capabilities(self) -> frozenset[Capability]:
        return super().capabilities - {Capability.ATOMIC_MOVE}


def test_every_ability_has_its_interception() -> None:
    """An ability that the contract gains must be decided upon here, and each of its calls passed on."""
    only_without_layers: set[type] = {HoldsClients, NamesContent}
    assert set(INTERCEPTED) == set(ABILITIES) - only_without_layers
    for wanted, proxy in INTERCEPTED.items():
        asked = {name for name in vars(wanted) if not name.startswith("_")}
        assert asked <= set(dir(proxy))
