"""What is mounted and how: validated settings, and building a mount's stack of layers over one backend."""

import os
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Annotated, Literal

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    SerializeAsAny,
    ValidationInfo,
    field_validator,
    model_validator,
)

from vfs.engine.backend import Backend
from vfs.engine.backends import STORAGE_TYPES
from vfs.engine.composition import Composition
from vfs.engine.errors import ConfigError, InvalidPath
from vfs.engine.layers import LAYER_TYPES
from vfs.engine.layers.permissions import PermissionsOptions, allow
from vfs.engine.layers.versions_dir.layer import with_versions
from vfs.engine.layers.versions_dir.options import VersionsOptions, VersionsTerm
from vfs.engine.option_types import Duration, LocalPath, MountPath, Size
from vfs.engine.paths import check_name
from vfs.engine.references import KeyPath, references_in, wrong_references
from vfs.engine.registry import LoadedType
from vfs.engine.spelling import did_you_mean
from vfs.engine.virtual.files.definitions import VirtualFile
from vfs.engine.virtual.files.table import Definitions, check


class SettingsModel(BaseModel):
    """Settings never change once made, and an unknown key is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class LayerSpec(SettingsModel):
    """One layer of a mount; `options` is an instance of that layer's own options model."""

    type: str
    options: SerializeAsAny[BaseModel]

    @model_validator(mode="after")
    def _options_fit_type(self) -> "LayerSpec":
        _check_options(self.options, LAYER_TYPES.load(self.type).options, self.type)
        return self

    @property
    def is_readonly(self) -> bool:
        """Whether this layer, with these options, refuses every change."""
        return bool(getattr(self.options, "is_readonly", False))


class MountTerms(SettingsModel):
    """What can be asked of a mount whatever its storage type."""

    permissions: Literal["readonly", "readwrite", "delete"] = "delete"
    """What is allowed, each word including the ones before it; see the layer of the same name."""
    ttl: Duration | None = None
    """Seconds that what was learned of an entry may be believed; None leaves it to the storage type."""
    durability: Literal["store", "disk"] = "store"
    """What close and fsync wait for: the store itself, or the journal on this machine's disk."""
    versions: VersionsTerm = VersionsOptions()
    """How `.versions` folders are shown where the storage keeps old versions."""


class MountSpec(MountTerms):
    """A storage under a name; `options` is an instance of that storage type's own options model."""

    name: str
    type: str
    options: SerializeAsAny[BaseModel]
    layers: tuple[LayerSpec, ...] = ()
    """The layer next to the storage first."""

    @property
    def is_readonly(self) -> bool:
        """Whether the stack refuses every change; told without asking the storage."""
        return self.permissions == "readonly" or any(layer.is_readonly for layer in self.layers)

    def references(self) -> Iterator[tuple[KeyPath, str]]:
        """The mounts that this one stands on, each with the way to where it is named."""
        yield from references_in(self.options)
        for place, layer in enumerate(self.layers):
            yield from references_in(layer.options, ("layers", place))

    @field_validator("name")
    @classmethod
    def _name_is_a_folder_name(cls, name: str) -> str:
        try:
            check_name(name)
        except InvalidPath as error:
            raise ConfigError(f"cannot name a mount: {error.message}") from error
        if ":" in name:
            raise ConfigError("a mount's name cannot hold ':'")
        return name

    @model_validator(mode="after")
    def _options_fit_type(self) -> "MountSpec":
        _check_options(self.options, STORAGE_TYPES.load(self.type).options, self.type)
        return self


class CacheSettings(SettingsModel):
    """What may be kept of the stores' bytes on this machine, all mounts together."""

    directory: LocalPath | None = Field(default_factory=lambda: _user_directory("XDG_CACHE_HOME", "~/.cache"))
    """Where blocks survive a restart; None keeps them in memory only."""
    size: Size = 20 << 30
    """Bytes of disk."""
    memory: Annotated[Size, Field(ge=16 << 20)] = 192 << 20
    """Bytes of memory, for cached blocks, reading ahead and unsent writes together."""


class Settings(SettingsModel):
    """Everything one process serves."""

    mounts: tuple[MountSpec, ...] = ()
    main: str | None = None
    """The mount that a path without a mount's name means."""
    virtual: Mapping[str, VirtualFile] = Field(default_factory=dict)
    """Files in the mounts that are made of others, by `mount:path`."""
    cache: CacheSettings = Field(default_factory=CacheSettings)
    state: LocalPath = Field(default_factory=lambda: _user_directory("XDG_STATE_HOME", "~/.local/state"))
    """The folder of the journal (what is not in a store yet) and of the logs."""

    @model_validator(mode="after")
    def _names_fit_together(self, info: ValidationInfo) -> "Settings":
        """The context's `mounts` are open already, and may be named too."""
        others: frozenset[str] = (info.context or {}).get("mounts", frozenset())
        names = [mount.name for mount in self.mounts]
        for name in names:
            if names.count(name) > 1:
                raise ConfigError(f"two mounts are named {name!r}")
        known = others.union(names)
        if self.main is not None and self.main not in known:
            raise ConfigError(f"main: there is no mount {self.main!r}; {did_you_mean(self.main, known)}")
        for name, path, sentence in wrong_references(self.mounts, others):
            raise ConfigError(f"{'.'.join(('mounts', name, *map(str, path)))}: {sentence}")
        for place, file in self.virtual_files.items():
            for mount in (place.mount, *(part.mount for part in file.parts)):
                if mount not in known:
                    raise ConfigError(
                        f"virtual: {place}: there is no mount {mount!r}; {did_you_mean(mount, known)}"
                    )
        check(self.virtual_files)
        return self

    @property
    def virtual_files(self) -> Definitions:
        """`virtual`, by place."""
        return {MountPath.parse(written): file for written, file in self.virtual.items()}


def build_stack(
    spec: MountSpec,
    composition: Composition | None = None,
    around: Callable[[Backend], Backend] = lambda storage: storage,
) -> Backend:
    """The mount's backend with its layers around it, in the order written, `permissions` around them.

    `around` is what is to be put next to the storage itself.

    Outermost are the `.versions` folders of a storage that keeps versions.

    Raises what the storage raises when it is opened; nothing stays open then. ConfigError for a mount that
    stands on others when they are not given.
    """
    stack = around(_built(spec, STORAGE_TYPES.load(spec.type), (spec.options,), composition))
    try:
        for layer in spec.layers:
            stack = _built(spec, LAYER_TYPES.load(layer.type), (stack, layer.options), composition)
    except BaseException:
        stack.close()
        raise
    allowed = allow(stack, PermissionsOptions(allow=spec.permissions))
    return with_versions(allowed, spec.versions, spec.ttl)


def _built(
    spec: MountSpec,
    loaded: LoadedType[Callable[..., Backend]],
    given: tuple[object, ...],
    composition: Composition | None,
) -> Backend:
    if not loaded.composes:
        return loaded.build(*given)
    if composition is None:
        raise ConfigError(f"mount {spec.name!r} stands on other mounts; open it through a StorageManager")
    return loaded.build(*given, composition)


def _check_options(options: BaseModel, model: type[BaseModel], type_name: str) -> None:
    if not isinstance(options, model):
        raise ConfigError(
            f"the options of type {type_name!r} are {model.__name__}, not {type(options).__name__}"
        )


def _user_directory(variable: str, default: str) -> Path:
    # The XDG specification says to ignore a relative path here.
    given = os.environ.get(variable, "")
    return Path(given if os.path.isabs(given) else os.path.expanduser(default), "vfs")
