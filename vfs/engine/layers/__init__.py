"""Behaviours put around a storage: one module each, and the list of their type names."""

from collections.abc import Callable
from typing import Any

from vfs.engine.backend import Backend
from vfs.engine.registry import LazyType, Registry

LAYER_TYPES: Registry[Callable[[Backend, Any], Backend]] = Registry(
    "layer", {"readonly": LazyType("vfs.engine.layers.readonly:ReadOnlyLayer:ReadOnlyOptions")}
)
"""Each is built from the backend it goes around and its own options."""
