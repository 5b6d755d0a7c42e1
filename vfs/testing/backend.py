"""The conformance suite of backends: subclass `BackendContract` and give it a fresh, empty `backend`."""

from typing import ClassVar

import pytest

from vfs.engine.backend import (
    Backend,
    KeepsAttributes,
    KeepsMetadata,
    KeepsSymlinks,
    KeepsVersions,
    Moves,
    SignsUrls,
)
from vfs.engine.capabilities import READING, WRITING, Capability
from vfs.testing.attributes import AttributeContract
from vfs.testing.copying import CopyContract, MoveContract
from vfs.testing.errors import ErrorContract
from vfs.testing.files import FileContract
from vfs.testing.folders import FolderContract
from vfs.testing.in_place import InPlaceContract
from vfs.testing.links import LinkContract
from vfs.testing.names import NameContract
from vfs.testing.transfers import TransferContract


class BackendContract(
    FileContract,
    FolderContract,
    NameContract,
    CopyContract,
    MoveContract,
    AttributeContract,
    LinkContract,
    TransferContract,
    InPlaceContract,
    ErrorContract,
):
    """Everything that vfs/engine/backend.py promises. Limits are class attributes, see `Limits`."""

    told_by: ClassVar[list[tuple[type, Capability]]] = [
        (Moves, Capability.ATOMIC_MOVE),
        (KeepsMetadata, Capability.USER_METADATA),
        (KeepsSymlinks, Capability.SYMLINKS),
        (KeepsAttributes, Capability.POSIX_ATTRIBUTES),
        (KeepsVersions, Capability.VERSION_LISTING),
        (SignsUrls, Capability.PRESIGNED_URLS),
    ]

    @pytest.fixture
    def backend(self) -> Backend:
        raise NotImplementedError("a subclass gives a fresh, empty backend")

    def test_capabilities_tell_what_every_backend_can(self, backend: Backend) -> None:
        """A backend that passes this suite reads and writes, atomically."""
        assert backend.capabilities >= READING | WRITING | {Capability.ATOMIC_WRITE}
        assert Capability.READONLY not in backend.capabilities

    def test_capabilities_agree_with_abilities(self, backend: Backend) -> None:
        """An ability that has a word in `capabilities` is there exactly when the word is."""
        for wanted, capability in self.told_by:
            assert (backend.ability(wanted) is not None) == (capability in backend.capabilities), capability
