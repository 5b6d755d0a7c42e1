"""How much a mount allows: reading, writing without ever removing, or everything."""

import errno
from collections.abc import Callable
from typing import Literal, TypeVar

from pydantic import BaseModel

from vfs.engine.backend import Backend, DeletesMany
from vfs.engine.capabilities import Capability
from vfs.engine.errors import PermissionDenied
from vfs.engine.layers.acts import REMOVALS, Act
from vfs.engine.layers.intercepted_abilities import INTERCEPTED
from vfs.engine.layers.interception import InterceptingLayer
from vfs.engine.layers.readonly import ReadOnlyLayer

ResultT = TypeVar("ResultT")


class PermissionsOptions(BaseModel, frozen=True, extra="forbid"):
    """What is allowed; each word includes the ones before it."""

    allow: Literal["readonly", "readwrite", "delete"] = "delete"
    """`readwrite` takes new files, changes and renames, and refuses to remove; `delete` refuses nothing."""

    @property
    def is_readonly(self) -> bool:
        """Whether every change is refused."""
        return self.allow == "readonly"


def allow(inner: Backend, options: PermissionsOptions) -> Backend:
    """The backend with what is not allowed refused; itself where everything is."""
    if options.is_readonly:
        return ReadOnlyLayer(inner)
    return inner if options.allow == "delete" else KeepingLayer(inner)


class KeepingLayer(InterceptingLayer):
    """Refuses with EPERM to remove files, folders and versions; a file can still be replaced."""

    exposes = frozenset(INTERCEPTED) - {DeletesMany}

    @property
    def capabilities(self) -> frozenset[Capability]:
        return super().capabilities - {Capability.DELETE}

    def around(self, act: Act, keys: tuple[str, ...], run: Callable[..., ResultT]) -> ResultT:
        if act in REMOVALS:
            raise PermissionDenied("nothing is removed from this mount", keys[0], errno=errno.EPERM)
        return run(*keys)
