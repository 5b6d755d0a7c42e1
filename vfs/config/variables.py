"""`${NAME}`, `${NAME:-default}` and `$${` in the strings of a configuration."""

import re
from collections.abc import Mapping

from vfs.config.problems import KeyPath, Problems

_REFERENCE = re.compile(
    r"(?P<escape>\$\$\{)|\$\{(?P<name>[A-Za-z_][A-Za-z0-9_]*)(?::-(?P<default>[^}]*))?\}|(?P<broken>\$\{)"
)

_ABSENT = object()


def expand(data: object, environ: Mapping[str, str], problems: Problems) -> object:
    """The data with every reference replaced by its variable.

    `$${` stands for a plain `${`. The default also replaces an empty variable, as in a shell. A mapping's
    value that is nothing but one reference and comes out empty counts as not written.
    """
    return _Expansion(environ, problems).value(data, ())


class _Expansion:
    def __init__(self, environ: Mapping[str, str], problems: Problems) -> None:
        self._environ = environ
        self._problems = problems

    def value(self, data: object, path: KeyPath) -> object:
        if isinstance(data, str):
            return self._text(data, path)
        if isinstance(data, list | tuple):
            return [self.value(item, (*path, place)) for place, item in enumerate(data)]
        if isinstance(data, Mapping):
            expanded = {key: self._member(item, (*path, str(key))) for key, item in data.items()}
            return {key: item for key, item in expanded.items() if item is not _ABSENT}
        return data

    def _member(self, data: object, path: KeyPath) -> object:
        expanded = self.value(data, path)
        is_reference = isinstance(data, str) and _REFERENCE.fullmatch(data) is not None
        return _ABSENT if is_reference and expanded == "" else expanded

    def _text(self, text: str, path: KeyPath) -> str:
        return _REFERENCE.sub(lambda match: self._replacement(match, path), text)

    def _replacement(self, match: re.Match[str], path: KeyPath) -> str:
        if match["escape"]:
            return "${"
        if match["broken"]:
            self._problems.add(
                path, "'${' begins no ${NAME} or ${NAME:-default}; write '$${' for a plain '${'"
            )
            return ""
        name, default = match["name"], match["default"]
        value = self._environ.get(name)
        if default is not None:
            return value or default
        if value is None:
            self._problems.add(
                path, f"the environment variable {name} is not set; set it, or write ${{{name}:-default}}"
            )
        return value or ""
