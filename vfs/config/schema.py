"""The JSON Schema of a configuration, made from the models of its settings: editors complete and check by it.

    python -m vfs.config.schema > vfs/config/schema.json

makes the file that is shipped. It is of draft 7, which every editor knows. Each value may also be text that
holds `${`, for a variable.
"""

import json
import sys
from collections.abc import Mapping
from importlib import resources
from typing import Any

from pydantic import BaseModel

from vfs.config.configuration import Configuration
from vfs.config.metrics import MetricsSettings
from vfs.config.model_schemas import Definitions, Schema, reference, with_variables
from vfs.config.spellings import protocols, words_of
from vfs.config.stores import KINDS
from vfs.config.webdav import PAM, TLS, Proxy, User, WebDAVSettings
from vfs.engine.backends import STORAGE_TYPES
from vfs.engine.layers import LAYER_TYPES
from vfs.engine.mounts import CacheSettings, MountTerms

DRAFT = "http://json-schema.org/draft-07/schema#"

_NAME = {"type": "string", "description": "The mount's name.", "pattern": "^[^/:]+$"}


def shipped() -> dict[str, Any]:
    """The schema of this version's own types, as it is part of the package."""
    text = resources.files("vfs.config").joinpath("schema.json").read_text(encoding="utf-8")
    found: dict[str, Any] = json.loads(text)
    return found


def installed() -> dict[str, Any]:
    """The shipped schema; where packages of others bring further types, one that has those too."""
    found = shipped()
    known = found["definitions"]
    further = [f"storage {name}" for name in STORAGE_TYPES.names if f"storage {name}" not in known]
    further += [f"layer {name}" for name in LAYER_TYPES.names if f"layer {name}" not in known]
    return generate() if further else found


def generate() -> dict[str, Any]:
    """The schema of every type that is installed here. ConfigError where one of ours lacks a package."""
    definitions = Definitions()
    definitions.add("variable", {"type": "string", "pattern": r"\$\{"})
    terms = definitions.properties(MountTerms)
    storages = {name: loaded.options for name, loaded in STORAGE_TYPES.load_all().items()}
    layers = {name: loaded.options for name, loaded in LAYER_TYPES.load_all().items()}
    for name, options in layers.items():
        definitions.add(f"layer {name}", _layer(definitions, name, options))
    definitions.add("layers", _layers(layers))
    for name, options in storages.items():
        definitions.add(f"storage {name}", _storage(definitions, terms, options))
    definitions.add("storage of a protocol", _protocol(terms))
    definitions.add("mount", _mount(list(storages)))
    definitions.add("named mount", {"required": ["name"], "allOf": [reference("mount")]})
    definitions.add("settings", _settings(definitions))
    definitions.add("settings of stores", _settings_of_stores(definitions.found["settings"]["properties"]))
    return {
        "$schema": DRAFT,
        "title": "Configuration of vfs",
        "anyOf": [reference("settings"), _list_of_mounts(), reference("settings of stores")],
        "definitions": definitions.found,
    }


def _settings(definitions: Definitions) -> Schema:
    own = definitions.properties(Configuration, without=frozenset({"mounts", "cache", "webdav", "metrics"}))
    unnamed = {"allOf": [reference("mount")], "not": {"required": ["name"]}}
    named = {"type": "object", "minProperties": 1, "propertyNames": _NAME, "additionalProperties": unnamed}
    own["mounts"] = {"description": "Names to storages.", "anyOf": [named, _list_of_mounts()]}
    own["cache"] = {
        **_object(definitions.properties(CacheSettings), []),
        "description": _first_sentence(CacheSettings),
    }
    own["webdav"] = _webdav(definitions)
    own["metrics"] = {
        **_object(definitions.properties(MetricsSettings), []),
        "description": _first_sentence(MetricsSettings),
    }
    return _object(own, ["mounts"])


def _webdav(definitions: Definitions) -> Schema:
    """The section, what is in it told as well: its models, which it refers to, with all that they say."""
    section = _object(definitions.properties(WebDAVSettings), [])
    for model in (User, PAM, TLS, Proxy):
        required = [name for name, field in model.model_fields.items() if field.is_required()]
        told = _object(definitions.properties(model), required)
        definitions.add(model.__name__, {**told, "description": _first_sentence(model)})
    return {**section, "description": _first_sentence(WebDAVSettings)}


def _settings_of_stores(own: Mapping[str, Schema]) -> Schema:
    """Stores by the names of classes, each with its twin's name."""
    words = {"enum": [word for kind in KINDS for word in (kind, f"Async{kind}")]}
    store = _object({"type": words, "base": {}, "config": {"type": "object"}}, ["type"])
    stores: Schema = {"type": "object", "minProperties": 1, "propertyNames": _NAME}
    others = {key: value for key, value in own.items() if key != "mounts"}
    return _object({**others, "stores": {**stores, "additionalProperties": store}}, ["stores"])


def _list_of_mounts() -> Schema:
    return {"type": "array", "minItems": 1, "items": reference("named mount")}


def _mount(storages: list[str]) -> Schema:
    """Which definition holds is told by the type: editors then complain of that one alone."""
    words = {name: words_of(name) for name in storages}
    known = sorted({word for found in words.values() for word in found} | protocols())
    choices = [_chosen(found, f"storage {name}") for name, found in words.items()]
    choices.append(_chosen(sorted(protocols()), "storage of a protocol"))
    typed: list[Schema] = [{"required": ["type"]}, {"required": ["protocol"]}]
    if "relative" in storages:
        typed.append({"required": ["path"], "properties": {"path": {"pattern": ":"}}})
    return {
        "type": "object",
        "properties": {"type": with_variables({"enum": known, "description": "The kind of storage."})},
        "anyOf": typed,
        "allOf": choices,
    }


def _chosen(words: list[str], definition: str) -> Schema:
    is_word = {"enum": words}
    asked = [
        {"required": ["type"], "properties": {"type": is_word}},
        {"required": ["protocol"], "properties": {"protocol": is_word}, "not": {"required": ["type"]}},
    ]
    return {"if": {"anyOf": asked}, "then": reference(definition)}


def _storage(definitions: Definitions, terms: Mapping[str, Schema], options: type[BaseModel]) -> Schema:
    own = definitions.properties(options)
    if "path" in own and "base_path" not in own:
        own["base_path"] = {**own["path"], "description": "Means the same as path."}
    required = definitions.required(options, synonyms={"path": "base_path"})
    found = _object({**_mount_keys(terms), **own}, [])
    return {**found, "description": _first_sentence(options), **required}


def _protocol(terms: Mapping[str, Schema]) -> Schema:
    own: dict[str, Schema] = {
        "path": {"type": "string", "description": "The folder that is mounted."},
        "base_path": {"type": "string", "description": "Means the same as path."},
        "create": with_variables({"type": "boolean", "description": "Make the folder if it is not there."}),
        "options": {"type": "object", "description": "Given to the driver as they are."},
    }
    return {"type": "object", "properties": {**_mount_keys(terms), **own}}


def _mount_keys(terms: Mapping[str, Schema]) -> dict[str, Schema]:
    return {"name": _NAME, "type": {}, "protocol": {}, "layers": reference("layers"), **terms}


def _layers(layers: Mapping[str, type[BaseModel]]) -> Schema:
    bare = [name for name, options in layers.items() if not _needs_options(options)]
    typed = {
        "type": "object",
        "required": ["type"],
        "properties": {"type": {"enum": list(layers)}},
        "allOf": [
            {"if": {"properties": {"type": {"const": name}}}, "then": reference(f"layer {name}")}
            for name in layers
        ],
    }
    return {
        "type": "array",
        "description": "Behaviours around the storage, the innermost first.",
        "items": {"anyOf": [{"enum": bare}, typed]},
    }


def _layer(definitions: Definitions, name: str, options: type[BaseModel]) -> Schema:
    own = {"type": {"const": name}, **definitions.properties(options)}
    return {**_object(own, []), "description": _first_sentence(options), **definitions.required(options)}


def _needs_options(options: type[BaseModel]) -> bool:
    return any(field.is_required() for field in options.model_fields.values())


def _object(properties: Mapping[str, Schema], required: list[str]) -> Schema:
    found: Schema = {"type": "object", "properties": dict(properties), "additionalProperties": False}
    return {**found, "required": required} if required else found


def _first_sentence(model: type[BaseModel]) -> str:
    return " ".join((model.__doc__ or "").split("\n\n")[0].split())


def text_of(schema: Mapping[str, Any]) -> str:
    """A schema as the file that is shipped."""
    return json.dumps(schema, indent=1, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    sys.stdout.write(text_of(generate()))
