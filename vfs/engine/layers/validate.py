"""Names that a mount takes: by a pattern, as URLs, or by a function; others are refused at once."""

import re
from collections.abc import Callable
from typing import Any, TypeVar
from urllib.parse import unquote, urlsplit

from pydantic import BaseModel, ImportString, field_validator, model_validator

from vfs.engine.backend import Backend
from vfs.engine.errors import InvalidPath
from vfs.engine.layers.acts import MAKES, Act
from vfs.engine.layers.interception import InterceptingLayer

ResultT = TypeVar("ResultT")


class ValidateOptions(BaseModel, frozen=True, extra="forbid"):
    """What a key must be; all that is given must hold."""

    pattern: str | None = None
    """A regular expression that the whole key matches."""
    urls: bool = False
    """The key is one name: a URL with scheme and host, percent-encoded (`https%3A%2F%2Fhost%2Fpath`)."""
    check: ImportString[Callable[[str], Any]] | None = None
    """`package.module:function`, given the key; False, or a ValueError with the reason, refuses it."""

    @field_validator("pattern")
    @classmethod
    def _pattern_compiles(cls, pattern: str | None) -> str | None:
        try:
            re.compile(pattern or "")
        except re.error as error:
            raise ValueError(f"must be a regular expression: {error}") from error
        return pattern

    @model_validator(mode="after")
    def _something_is_asked(self) -> "ValidateOptions":
        if self.pattern is None and not self.urls and self.check is None:
            raise ValueError("one of pattern, urls and check is required")
        return self


class ValidateLayer(InterceptingLayer):
    """Refuses with InvalidPath to make a file under a key that does not fit, before the store is asked.

    Folders may have any name, and what is there already can be read, renamed away and removed.
    """

    def __init__(self, inner: Backend, options: ValidateOptions) -> None:
        super().__init__(inner)
        self._options = options
        self._pattern = re.compile(options.pattern or ".*", re.DOTALL)

    def check_key(self, key: str) -> None:
        super().check_key(key)
        self._refuse_misfit(key, None)

    def around(self, act: Act, keys: tuple[str, ...], run: Callable[..., ResultT]) -> ResultT:
        if act in MAKES or act is Act.EXCHANGE:
            self._refuse_misfit(keys[-1], keys[0] if act in {Act.MOVE, Act.EXCHANGE} else None)
        if act is Act.EXCHANGE:
            self._refuse_misfit(keys[0], keys[1])
        return run(*keys)

    def _refuse_misfit(self, key: str, moved: str | None) -> None:
        problem = self._problem(key)
        if problem and key and not (moved is not None and self.inner.stat(moved).is_folder):
            raise InvalidPath(problem, key)

    def _problem(self, key: str) -> str | None:
        if not self._pattern.fullmatch(key):
            return f"does not match {self._options.pattern}"
        if self._options.urls and not _is_url(key):
            return "is not a percent-encoded URL"
        if self._options.check is None:
            return None
        try:
            return None if self._options.check(key) is not False else "is refused by the check of this mount"
        except ValueError as error:
            return str(error) or "is refused by the check of this mount"


def _is_url(key: str) -> bool:
    if "/" in key:
        return False
    try:
        parts = urlsplit(unquote(key))
    except ValueError:
        return False
    return bool(parts.scheme and parts.hostname)
