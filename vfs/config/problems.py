"""What is wrong with a configuration, collected and told a line each; no value is ever repeated."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeVar, get_args

from pydantic import AliasChoices, BaseModel, SecretBytes, SecretStr, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from vfs.config.documents import Document
from vfs.engine.errors import ConfigError, StorageError
from vfs.engine.spelling import did_you_mean, nearest

KeyPath = tuple[str | int, ...]
"""The way to a value: mapping keys and list positions."""

ModelT = TypeVar("ModelT", bound=BaseModel)

_WRONG_TYPE = {
    "string": "text",
    "int": "a whole number",
    "float": "a number",
    "bool": "true or false",
    "path": "a path",
    "list": "a list",
    "tuple": "a list",
    "dict": "a mapping",
    "mapping": "a mapping",
    "model": "a mapping",
}
"""Pydantic's error types `<word>_type` and `<word>_parsing`, as people would say it."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong: at which key (`mounts.m.ttl`, "" for the whole), and what."""

    source: str
    key: str
    message: str

    def __str__(self) -> str:
        return f"{self.source}: {self.key}: {self.message}" if self.key else f"{self.source}: {self.message}"


class Problems:
    """The problems found so far, at most one for each key: the first, which is the cause of the others."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self._found: dict[KeyPath, str] = {}

    def add(self, path: KeyPath, message: str) -> None:
        self._found.setdefault(path, message)

    def validate(
        self,
        model: type[ModelT],
        data: Mapping[str, object],
        path: KeyPath,
        *,
        other_keys: frozenset[str] = frozenset(),
    ) -> ModelT | None:
        """The data as a model, or None and its problems noted; `other_keys` are also good words here."""
        try:
            context = {"folder": self._document.folder, "mounts": self._document.beside}
            return model.model_validate(data, context=context)
        except ValidationError as error:
            details = error.errors(include_url=False)
            misspelt = {_meant(detail, model) for detail in details if detail["type"] == "extra_forbidden"}
            for detail in details:
                if detail["type"] != "missing" or detail["loc"] not in misspelt:
                    self.add((*path, *detail["loc"]), _sentence(detail, model, other_keys))
        except ConfigError as error:
            self.add(path, error.message)
        return None

    def found(self) -> list[Problem]:
        """What was noted, in the order in which it was found."""
        source = self._document.source
        return [Problem(source, _label(path), text) for path, text in self._found.items()]


def keys_of(model: type[BaseModel]) -> frozenset[str]:
    """Every key that a model takes, aliases included."""
    return frozenset().union(*(spellings_of(name, field) for name, field in model.model_fields.items()))


def spellings_of(name: str, field: FieldInfo) -> frozenset[str]:
    """The keys under which a model takes one field."""
    alias = field.validation_alias
    choices = alias.choices if isinstance(alias, AliasChoices) else [alias, field.alias]
    return frozenset({name, *(choice for choice in choices if isinstance(choice, str))})


def _label(path: KeyPath) -> str:
    written = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path)
    return written.removeprefix(".")


def _meant(detail: ErrorDetails, model: type[BaseModel]) -> KeyPath:
    """Where an unknown key would have been right; an error there is only the shadow of the misspelling."""
    *above, written = detail["loc"]
    for step in above:
        model = _model_below(model, step)
    return (*above, nearest(str(written), keys_of(model)) or written)


def _sentence(detail: ErrorDetails, model: type[BaseModel], other_keys: frozenset[str]) -> str:
    kind, loc = detail["type"], detail["loc"]
    for step in loc[:-1]:
        model, other_keys = _model_below(model, step), frozenset()
    if kind == "extra_forbidden":
        return f"unknown key; {did_you_mean(str(loc[-1]), keys_of(model) | other_keys)}"
    if kind == "missing":
        return "is required"
    if kind in {"literal_error", "enum"}:
        return f"must be {detail.get('ctx', {}).get('expected')}"
    word, _, ending = kind.rpartition("_")
    if ending in {"type", "parsing"} and word in _WRONG_TYPE:
        return f"must be {_WRONG_TYPE[word]}{_quoting_hint(word, detail['input'])}"
    return _reason(detail) if _repeats_nothing(detail, model) else "is not acceptable here"


def _repeats_nothing(detail: ErrorDetails, model: type[BaseModel]) -> bool:
    """Whether the reason can be shown: not of a secret, unless it is in words of our own."""
    ours = isinstance(detail.get("ctx", {}).get("error"), ConfigError)
    return ours or not detail["loc"] or not _is_secret(model, detail["loc"][-1])


def _reason(detail: ErrorDetails) -> str:
    raised = detail.get("ctx", {}).get("error")
    if isinstance(raised, StorageError):
        return raised.message
    message = detail["msg"] if raised is None else str(raised)
    return message[:1].lower() + message[1:]


def _quoting_hint(word: str, value: object) -> str:
    return "; put it in quotes" if word == "string" and isinstance(value, int | float) else ""


def _field(model: type[BaseModel], key: str | int) -> FieldInfo | None:
    fields = model.model_fields.items()
    return next((field for name, field in fields if key in spellings_of(name, field)), None)


def _annotated_types(field: FieldInfo | None) -> set[object]:
    return set() if field is None else {field.annotation, *get_args(field.annotation)}


def _model_below(model: type[BaseModel], key: str | int) -> type[BaseModel]:
    """The model of a key's value; the same model where that value is none, as for a place in a list."""
    candidates = _annotated_types(_field(model, key))
    return next((c for c in candidates if isinstance(c, type) and issubclass(c, BaseModel)), model)


def _is_secret(model: type[BaseModel], key: str | int) -> bool:
    return bool(_annotated_types(_field(model, key)) & {SecretStr, SecretBytes})
