"""Types that a configuration names, imported when one is first used."""

import importlib
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Generic, TypeVar, cast

from pydantic import BaseModel

from vfs.engine.errors import ConfigError
from vfs.engine.plugins import PluginType, plugin_types
from vfs.engine.spelling import did_you_mean

BuilderT = TypeVar("BuilderT")

log = logging.getLogger("vfs")


@dataclass(frozen=True, slots=True)
class LazyType:
    """Where a type is: `module:builder:options`, and the optional extra of this package that it needs."""

    reference: str
    extra: str | None = None
    composes: bool = False
    """True for a type that stands on other mounts: its builder takes a `Composition` as its last argument."""
    is_named: bool = True
    """False for a type that programs mount, and no configuration can name."""


@dataclass(frozen=True, slots=True)
class LoadedType(Generic[BuilderT]):
    """A type ready for use: the model of its options, and what makes one from them."""

    build: BuilderT
    options: type[BaseModel]
    composes: bool = False


class Registry(Generic[BuilderT]):
    """The types of one kind ("storage type", "layer") under the names that a configuration uses.

    Built in, or brought by other distributions as entry points of `group`.
    """

    def __init__(self, kind: str, types: Mapping[str, LazyType], group: str) -> None:
        self.kind = kind
        self._types = dict(types)
        self._group = group

    @cached_property
    def _plugins(self) -> Mapping[str, PluginType]:
        return plugin_types(self.kind, self._group, self._types)

    @property
    def names(self) -> list[str]:
        named = (name for name, lazy in self._types.items() if lazy.is_named)
        return sorted([*named, *self._plugins])

    def __contains__(self, name: object) -> bool:
        return name in self.names

    def load(self, name: str) -> LoadedType[BuilderT]:
        """The type of this name.

        ConfigError for an unknown name, a package that is not installed, a distribution that brings no such
        type after all.
        """
        if name in self._types:
            return self._built_in(name, self._types[name])
        if name in self._plugins:
            found, options = self._plugins[name].load()
            composes = getattr(found, "composes", False) is True
            return LoadedType(build=cast("BuilderT", found), options=options, composes=composes)
        raise ConfigError(f"unknown {self.kind} {name!r}; {did_you_mean(name, self.names)}")

    def load_all(self) -> dict[str, LoadedType[BuilderT]]:
        """Every type by its name, sorted. ConfigError where one that is built in needs a package.

        One of another distribution that cannot be loaded is left out, and the log says why.
        """
        found: dict[str, LoadedType[BuilderT]] = {}
        for name in self.names:
            try:
                found[name] = self.load(name)
            except ConfigError as error:
                if name in self._types:
                    raise
                log.warning("left out: %s", error)
        return found

    def _built_in(self, name: str, lazy: LazyType) -> LoadedType[BuilderT]:
        module_name, builder, options = lazy.reference.split(":")
        try:
            module = importlib.import_module(module_name)
        except ModuleNotFoundError as error:
            if lazy.extra is None or (error.name or "").partition(".")[0] == "vfs":
                raise
            raise ConfigError(
                f"{self.kind} {name!r} needs the package {error.name!r}: pip install 'vfs[{lazy.extra}]'"
            ) from error
        return LoadedType(
            build=cast("BuilderT", getattr(module, builder)),
            options=cast("type[BaseModel]", getattr(module, options)),
            composes=lazy.composes,
        )
