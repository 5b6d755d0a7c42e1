"""ResolutionPlan: where a path leads, told without asking any storage and without a secret."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from pydantic import BaseModel, SecretStr

from vfs.engine.backend import Backend
from vfs.engine.mounts import MountSpec

_MASK = "**********"
_USER_IN_URL = re.compile(r"//[^/@\s]*@")


@dataclass(frozen=True, slots=True)
class ResolutionPlan:
    """How a place of a mount is found."""

    kind: str
    """The storage's type, as in the configuration."""
    backend: str
    """The mount's name."""
    key: str
    native_path: str
    layers: tuple[str, ...]
    """The types of the layers, the one next to the storage first."""
    details: Mapping[str, Any]
    """The storage's options as they were given, secrets masked."""


def plan_of(spec: MountSpec, key: str, native_path: str) -> ResolutionPlan:
    """The plan for a key of a mount opened by this spec."""
    layers = [layer.type for layer in spec.layers]
    if spec.permissions == "readonly":
        layers.append("readonly")
    details = MappingProxyType(_masked(spec.options))
    return ResolutionPlan(spec.type, spec.name, key, native_path, tuple(layers), details)


def _masked(options: BaseModel) -> dict[str, Any]:
    return {name: _shown(getattr(options, name)) for name in type(options).model_fields}


def _shown(value: Any) -> Any:
    """Options of drivers are a free mapping: whatever is written there may be a secret."""
    if isinstance(value, SecretStr):
        return str(value)
    if isinstance(value, BaseModel):
        return MappingProxyType(_masked(value))
    if isinstance(value, Mapping):
        return MappingProxyType(dict.fromkeys(value, _MASK))
    if isinstance(value, Backend):
        return type(value).__name__
    return _USER_IN_URL.sub(f"//{_MASK}@", value) if isinstance(value, str) else value
