"""Types that a configuration names, imported when one is first used."""

import importlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar, cast

from pydantic import BaseModel

from vfs.engine.errors import ConfigError
from vfs.engine.spelling import did_you_mean

BuilderT = TypeVar("BuilderT")


@dataclass(frozen=True, slots=True)
class LazyType:
    """Where a type is: `module:builder:options`, and the optional extra of this package that it needs."""

    reference: str
    extra: str | None = None
    composes: bool = False
    """True for a type that stands on other mounts: its builder takes a `Composition` as its last argument."""


@dataclass(frozen=True, slots=True)
class LoadedType(Generic[BuilderT]):
    """A type ready for use: the model of its options, and what makes one from them."""

    build: BuilderT
    options: type[BaseModel]
    composes: bool = False


class Registry(Generic[BuilderT]):
    """The built-in types of one kind ("storage type", "layer") under the names that a configuration uses."""

    def __init__(self, kind: str, types: Mapping[str, LazyType]) -> None:
        self.kind = kind
        self._types = dict(types)

    @property
    def names(self) -> list[str]:
        return sorted(self._types)

    def load(self, name: str) -> LoadedType[BuilderT]:
        """The type of this name; ConfigError for an unknown name or a package that is not installed."""
        if name not in self._types:
            raise ConfigError(f"unknown {self.kind} {name!r}; {did_you_mean(name, self._types)}")
        lazy = self._types[name]
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
