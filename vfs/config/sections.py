"""The sections of a configuration: plain data to settings, every problem found before the first is raised."""

from collections.abc import Iterator, Mapping
from typing import Any

from vfs.config.configuration import Configuration
from vfs.config.documents import Document
from vfs.config.problems import KeyPath, Problem, Problems, keys_of
from vfs.config.spellings import in_our_words, meant, type_written
from vfs.config.stores import as_mount
from vfs.config.variables import expand
from vfs.engine.backends import STORAGE_TYPES
from vfs.engine.errors import ConfigError
from vfs.engine.layers import LAYER_TYPES
from vfs.engine.mounts import LayerSpec, MountSpec, MountTerms
from vfs.engine.references import members_of, wrong_references
from vfs.engine.registry import LoadedType, Registry

_TERMS = keys_of(MountTerms)
_MOUNT_KEYS = _TERMS | {"type", "layers"}
_SYNONYMS = {"protocol": "type", "base_path": "path"}
"""Other spellings that a mount may use, where its storage type does not use the word itself."""


def interpret(document: Document, environ: Mapping[str, str]) -> Configuration:
    """The settings in a document; ConfigError with a line for each problem."""
    settings, problems = examine(document, environ)
    if settings is None or problems:
        raise ConfigError("\n".join(map(str, problems)))
    return settings


def examine(document: Document, environ: Mapping[str, str]) -> tuple[Configuration | None, list[Problem]]:
    """The settings in a document, and what is wrong with it; where nothing is, there are settings."""
    problems = Problems(document)
    data = expand(document.data, environ, problems)
    settings = _Sections(problems, document.beside).settings(data)
    return settings, problems.found()


class _Sections:
    def __init__(self, problems: Problems, beside: frozenset[str]) -> None:
        self._problems = problems
        self._beside = beside

    def settings(self, data: object) -> Configuration | None:
        sections = {"mounts": data} if isinstance(data, list) else self._mapping(data, ())
        if sections is None:
            return None
        if "stores" in sections:
            written = list(self._stores(sections))
            sections = {key: value for key, value in sections.items() if key != "stores"}
        else:
            if not sections.get("mounts"):
                self._problems.add(("mounts",), "is required: a mapping of names to storages")
            written = list(self._mounts(sections.get("mounts")))
        found = [self._mount(*mount) for mount in written]
        mounts = [mount for mount in found if mount is not None]
        ways = {str(name): way for name, _, way in written}
        if not self._references_hold(mounts, ways) or None in found:
            # What is left is checked without them: one mistake is told once.
            mounts = [mount for mount in mounts if not members_of(mount)]
            names = [mount.name for mount in mounts]
            left_out = {"virtual"} if sections.get("main") in names else {"virtual", "main"}
            sections = {key: value for key, value in sections.items() if key not in left_out}
        return self._problems.validate(Configuration, {**sections, "mounts": tuple(mounts)}, ())

    def _references_hold(self, mounts: list[MountSpec], ways: Mapping[str, KeyPath]) -> bool:
        wrong = list(wrong_references(mounts, self._beside.union(ways)))
        for name, path, sentence in wrong:
            self._problems.add((*ways[name], *path), sentence)
        return not wrong

    def _mounts(self, data: object) -> Iterator[tuple[object, Mapping[str, object], KeyPath]]:
        """Each mount as it was written: its name, its keys, and the way there."""
        if isinstance(data, list):
            for place, item in enumerate(data):
                keys = self._mapping(item, ("mounts", place))
                if keys is not None and "name" not in keys:
                    self._problems.add(("mounts", place, "name"), "is required")
                elif keys is not None:
                    rest = {key: value for key, value in keys.items() if key != "name"}
                    yield keys["name"], rest, ("mounts", place)
        elif data:
            for name, item in (self._mapping(data, ("mounts",)) or {}).items():
                keys = self._mapping(item, ("mounts", name))
                if keys is not None:
                    yield name, keys, ("mounts", name)

    def _stores(
        self, sections: Mapping[str, object]
    ) -> Iterator[tuple[object, Mapping[str, object], KeyPath]]:
        """The same of stores that were written for another library."""
        if "mounts" in sections:
            self._problems.add(("stores",), "means the same as 'mounts'; write only one of them")
        elif not sections["stores"]:
            self._problems.add(("stores",), "is required: a mapping of names to stores")
        for name, item in (self._mapping(sections["stores"], ("stores",)) or {}).items():
            store = self._mapping(item, ("stores", name))
            mount = None if store is None else as_mount(store, ("stores", name), self._problems)
            if mount is not None:
                yield name, mount, ("stores", name)

    def _mount(self, name: object, written: Mapping[str, object], path: KeyPath) -> MountSpec | None:
        storage_type = type_written(written)
        if isinstance(storage_type, str) and storage_type not in STORAGE_TYPES:
            self._problems.add(
                (*path, "type"), f"unknown storage type {storage_type!r}; {meant(storage_type)}"
            )
            return None
        storage = self._type(STORAGE_TYPES, storage_type, (*path, "type"))
        if storage is None:
            return None
        ours = in_our_words(written, str(storage_type), _MOUNT_KEYS)
        keys = self._plain_spelling(ours, keys_of(storage.options), path)
        terms = self._problems.validate(MountTerms, {key: keys[key] for key in keys if key in _TERMS}, path)
        options = self._problems.validate(
            storage.options,
            {key: keys[key] for key in keys if key not in _MOUNT_KEYS},
            path,
            other_keys=_MOUNT_KEYS,
        )
        layers = self._layers(keys.get("layers", []), (*path, "layers"))
        if terms is None or options is None or None in layers:
            return None
        whole = {"name": name, "type": keys["type"], "options": options, "layers": tuple(layers)}
        return self._problems.validate(MountSpec, {**whole, **terms.model_dump()}, path)

    def _layers(self, data: object, path: KeyPath) -> list[LayerSpec | None]:
        if not isinstance(data, list):
            self._problems.add(path, "must be a list of layers")
            return []
        return [self._layer(item, (*path, place)) for place, item in enumerate(data)]

    def _layer(self, data: object, path: KeyPath) -> LayerSpec | None:
        keys = {"type": data} if isinstance(data, str) else self._mapping(data, path)
        layer = None if keys is None else self._type(LAYER_TYPES, keys.get("type"), (*path, "type"))
        if keys is None or layer is None:
            return None
        options = {key: value for key, value in keys.items() if key != "type"}
        validated = self._problems.validate(layer.options, options, path, other_keys=frozenset({"type"}))
        return None if validated is None else LayerSpec(type=str(keys["type"]), options=validated)

    def _type(self, registry: Registry[Any], name: object, path: KeyPath) -> LoadedType[Any] | None:
        if not isinstance(name, str):
            self._problems.add(path, f"is required: one of {', '.join(registry.names)}")
            return None
        try:
            return registry.load(name)
        except ConfigError as error:
            self._problems.add(path, error.message)
            return None

    def _plain_spelling(
        self, written: Mapping[str, object], own_keys: frozenset[str], path: KeyPath
    ) -> dict[str, object]:
        keys = dict(written)
        for synonym, word in _SYNONYMS.items():
            if synonym not in keys or synonym in own_keys:
                continue
            if word in keys:
                self._problems.add((*path, synonym), f"means the same as {word!r}; write only one of them")
            if word in own_keys | _MOUNT_KEYS:
                keys[word] = keys.pop(synonym)
        return keys

    def _mapping(self, data: object, path: KeyPath) -> Mapping[str, object] | None:
        if not isinstance(data, Mapping):
            self._problems.add(path, "must be a mapping of keys to values")
            return None
        for key in data:
            if not isinstance(key, str):
                self._problems.add((*path, str(key)), "is not text as YAML reads it; put it in quotes")
        return {key: value for key, value in data.items() if isinstance(key, str)}
