"""Config files to plain Python data: YAML, JSON and TOML, a key written twice refused in each."""

import json
import os
import tomllib
from collections.abc import Hashable
from dataclasses import dataclass
from typing import Any

import yaml

from vfs.engine.errors import ConfigError


@dataclass(frozen=True, slots=True)
class Document:
    """What was written, and where: `source` names it in messages, relative paths are taken from `folder`."""

    source: str
    folder: str
    data: object
    beside: frozenset[str] = frozenset()
    """Names of mounts that are open already, and may be referred to."""


def read_document(path: str, beside: frozenset[str] = frozenset()) -> Document:
    """Read and parse one file; ConfigError for one that cannot be read or parsed."""
    try:
        with open(path, encoding="utf-8") as file:
            text = file.read()
    except OSError as error:
        raise ConfigError(f"{path}: cannot read the configuration: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path}: not a text file in UTF-8 (byte {error.start})") from error
    try:
        data = _parser_of(path)(text)
    except ValueError as error:
        raise ConfigError(f"{path}: {error}") from error
    return Document(path, os.path.dirname(os.path.abspath(path)), data, beside)


def _parser_of(path: str) -> Any:
    return {".json": _parse_json, ".toml": _parse_toml}.get(os.path.splitext(path)[1].lower(), _parse_yaml)


def _parse_toml(text: str) -> object:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ValueError(f"not valid TOML: {error}") from error


def _parse_json(text: str) -> object:
    try:
        return json.loads(text, object_pairs_hook=_object_of)
    except json.JSONDecodeError as error:
        raise ValueError(f"line {error.lineno}, column {error.colno}: not valid JSON: {error.msg}") from error


def _object_of(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found: dict[str, object] = {}
    for key, value in pairs:
        if key in found:
            raise ValueError(f"{key!r} is written twice in one object")
        found[key] = value
    return found


def _parse_yaml(text: str) -> object:
    try:
        return yaml.load(text, Loader=_Loader)  # noqa: S506 - a SafeLoader
    except yaml.MarkedYAMLError as error:
        # The error's own text would quote the line, which may hold a secret.
        mark = error.problem_mark or error.context_mark
        place = f"line {mark.line + 1}, column {mark.column + 1}: " if mark else ""
        raise ValueError(f"{place}not valid YAML: {error.problem or error.context}") from error
    except yaml.YAMLError as error:
        raise ValueError("not valid YAML: it holds a character that YAML does not allow") from error


class _Loader(yaml.SafeLoader):
    """The safe loader, which would let the second of two equal keys win, refusing them."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        first_lines: dict[object, int] = {}
        for key_node, _ in node.value:
            if not isinstance(key_node, yaml.ScalarNode) or key_node.tag == "tag:yaml.org,2002:merge":
                continue
            line = key_node.start_mark.line + 1
            if key_node.value in first_lines:
                first = first_lines[key_node.value]
                raise ValueError(f"line {line}: {key_node.value!r} is written twice (first on line {first})")
            first_lines[key_node.value] = line
        return super().construct_mapping(node, deep)
