"""A storage that can only be written: a drop box whose content and listings are not given out."""

from collections.abc import Callable
from dataclasses import replace
from typing import TypeVar, cast

from pydantic import BaseModel

from vfs.engine.backend import (
    Backend,
    CompletesEntries,
    HashesContent,
    KeepsVersions,
    OpensInPlace,
    ReadsBeginning,
    ReadsRanges,
    SignsUrls,
    SweepsTree,
)
from vfs.engine.capabilities import Capability
from vfs.engine.entries import Entry
from vfs.engine.errors import PermissionDenied
from vfs.engine.histories import SweepsVersions
from vfs.engine.layers.acts import Act
from vfs.engine.layers.intercepted_abilities import INTERCEPTED
from vfs.engine.layers.interception import InterceptingLayer
from vfs.engine.originals import TellsOriginal

ResultT = TypeVar("ResultT")

_REFUSED = frozenset({Act.READ, Act.LIST, Act.READ_SYMLINK, Act.GET_XATTR})


class WriteOnlyOptions(BaseModel, frozen=True, extra="forbid"):
    """There is nothing to choose."""


class WriteOnlyLayer(InterceptingLayer):
    """Refuses with EACCES to read and to list, as a folder of mode `-wx` does.

    What a name stands for is still told (`stat`): without it nothing could be written there by path.
    """

    exposes = frozenset(INTERCEPTED) - {
        CompletesEntries,
        HashesContent,
        KeepsVersions,
        OpensInPlace,
        ReadsBeginning,
        ReadsRanges,
        SignsUrls,
        SweepsTree,
        SweepsVersions,
        TellsOriginal,
    }

    def __init__(self, inner: Backend, options: WriteOnlyOptions | None = None) -> None:
        super().__init__(inner)
        self.lists_cheaply = False

    @property
    def capabilities(self) -> frozenset[Capability]:
        return super().capabilities - {
            Capability.READ,
            Capability.LIST,
            Capability.GLOB,
            Capability.SEEKABLE_READ,
            Capability.LAZY_READ,
        }

    def around(self, act: Act, keys: tuple[str, ...], run: Callable[..., ResultT]) -> ResultT:
        if act in _REFUSED:
            raise PermissionDenied("this mount is write-only", keys[0])
        result = run(*keys)
        if isinstance(result, Entry):
            return cast("ResultT", replace(result, xattrs=None))
        return result
