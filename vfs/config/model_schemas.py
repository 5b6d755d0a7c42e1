"""Models of settings as pieces of a JSON Schema: their keys under every spelling, and what each is for."""

import ast
import inspect
import textwrap
from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaWarningKind

from vfs.config.problems import spellings_of

Schema = dict[str, Any]


class _Generator(GenerateJsonSchema):
    """Defaults that JSON cannot hold are left out, without a word."""

    ignored_warning_kinds: set[JsonSchemaWarningKind] = {"skipped-choice", "non-serializable-default"}  # noqa: RUF012


class Definitions:
    """The parts of a schema that others refer to, by name."""

    def __init__(self) -> None:
        self.found: dict[str, Schema] = {}

    def add(self, name: str, schema: Schema) -> None:
        self.found[name] = schema

    def properties(
        self, model: type[BaseModel], *, without: frozenset[str] = frozenset()
    ) -> dict[str, Schema]:
        """The schema of each key that a model takes, under every spelling of it."""
        whole = model.model_json_schema(
            by_alias=False, ref_template="#/definitions/{model}", schema_generator=_Generator
        )
        told = _attribute_docstrings(model)
        found: dict[str, Schema] = {}
        for name, field in model.model_fields.items():
            if name in without:
                continue
            self._take_over(whole["properties"][name], whole.get("$defs", {}))
            schema = _plain(whole["properties"][name], told.get(name))
            others = sorted(spellings_of(name, field) - {name})
            found[name] = schema
            found |= {other: {**schema, "description": f"Means the same as {name}."} for other in others}
        return found

    def _take_over(self, schema: object, parts: Mapping[str, Schema]) -> None:
        """Add the parts that a schema refers to."""
        if isinstance(schema, list):
            for item in schema:
                self._take_over(item, parts)
        elif isinstance(schema, dict):
            name = str(schema.get("$ref", "")).rpartition("/")[2]
            if name in parts and name not in self.found:
                self.add(name, parts[name])
                self._take_over(parts[name], parts)
            self._take_over(list(schema.values()), parts)

    def required(self, model: type[BaseModel], synonyms: Mapping[str, str] | None = None) -> Schema:
        """What a mapping must hold to be this model: each required key in one of its spellings."""
        demands = []
        for name, field in model.model_fields.items():
            if field.is_required():
                spellings = {*spellings_of(name, field), *filter(None, [(synonyms or {}).get(name)])}
                demands.append({"anyOf": [{"required": [spelling]} for spelling in sorted(spellings)]})
        return {"allOf": demands} if demands else {}


def reference(name: str) -> Schema:
    """A place in a schema that is as the definition of this name."""
    return {"$ref": f"#/definitions/{name}"}


def with_variables(schema: Schema) -> Schema:
    """The same, or text with a variable in it."""
    choices: list[Schema] = schema.get("anyOf", [schema])
    if any(_takes_any_text(choice) for choice in choices):
        return schema
    about: Schema = {key: schema[key] for key in ("description", "default") if key in schema}
    if "anyOf" not in schema:
        choices = [{key: value for key, value in schema.items() if key not in about}]
    return {**about, "anyOf": [*choices, reference("variable")]}


def _takes_any_text(schema: Schema) -> bool:
    return schema.get("type") == "string" and not schema.keys() & {"enum", "const", "pattern"}


def _plain(schema: Schema, description: str | None) -> Schema:
    """A field's schema without what only pydantic cares for."""
    kept = {key: value for key, value in schema.items() if key != "title"}
    if kept.get("writeOnly") or kept.get("default", ...) is None:
        kept.pop("default", None)
    return with_variables({**kept, **({"description": description} if description else {})})


def _attribute_docstrings(model: type[BaseModel]) -> dict[str, str]:
    """What the strings under a model's attributes say of them, also those it inherits."""
    found: dict[str, str] = {}
    for kind in reversed(model.__mro__):
        if issubclass(kind, BaseModel) and kind is not BaseModel:
            found |= _docstrings_in(kind)
    return found


def _docstrings_in(kind: type) -> dict[str, str]:
    (definition,) = ast.parse(textwrap.dedent(inspect.getsource(kind))).body
    assert isinstance(definition, ast.ClassDef)
    found = {}
    for statement, following in zip(definition.body, definition.body[1:], strict=False):
        if (
            isinstance(statement, ast.AnnAssign)
            and isinstance(statement.target, ast.Name)
            and isinstance(following, ast.Expr)
            and isinstance(following.value, ast.Constant)
        ):
            found[statement.target.id] = " ".join(str(following.value.value).split())
    return found
