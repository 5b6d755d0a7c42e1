"""What a virtual file is made of, as a configuration says it."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Annotated, Any

from pydantic import BaseModel, Field, GetCoreSchemaHandler, model_validator
from pydantic_core import CoreSchema, core_schema

from vfs.engine import paths
from vfs.engine.diffs import LIMIT
from vfs.engine.errors import StorageError
from vfs.engine.option_types import Size
from vfs.engine.patterns import PathPattern

_ESCAPED = re.compile(r"\[([*?\[])\]")
_MAGIC = re.compile(r"[*?\[]")


@dataclass(frozen=True)
class Part:
    """A file in a mount, or with `*`, `?`, `[...]` and `**` all files that fit, sorted by their paths."""

    mount: str
    key: str
    is_pattern: bool = False

    def __str__(self) -> str:
        written = self.key if self.is_pattern else _MAGIC.sub(r"[\g<0>]", self.key)
        return f"{self.mount}:{written}"

    @classmethod
    def parse(cls, written: str) -> "Part":
        """`mount:path`; `[*]` is a star itself. Raises ValueError for what is none."""
        mount, key = paths.split_mount(written)
        if not mount or not key:
            raise ValueError("must name a mount and a file in it, such as home:intro.md")
        if _MAGIC.search(_ESCAPED.sub("", key)) is None:
            return cls(mount, _ESCAPED.sub(r"\1", key))
        try:
            PathPattern(key)
        except StorageError as error:
            raise ValueError(error.message) from error
        return cls(mount, key, is_pattern=True)

    @cached_property
    def pattern(self) -> PathPattern:
        """Of the keys of a part that is one."""
        return PathPattern(self.key)

    def is_at(self, mount: str, key: str) -> bool:
        """Whether this is, or may be, the file at a place."""
        if mount != self.mount:
            return False
        return self.pattern.fits(key) if self.is_pattern else key == self.key

    def is_touched_by(self, mount: str, key: str) -> bool:
        """Whether a change at a place, or of the whole folder there, may concern it."""
        if mount != self.mount:
            return False
        if not self.is_pattern:
            return key == self.key or paths.is_below(self.key, key)
        states, is_sought = self.pattern.start, not key
        for name in key.split("/") if key else ():
            states, is_sought = self.pattern.after(states, name, is_folder=True)
        return is_sought or bool(states)

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        def taken(value: object, as_text: Callable[[object], str]) -> Part:
            return value if isinstance(value, cls) else cls.parse(as_text(value))

        return core_schema.no_info_wrap_validator_function(
            taken, core_schema.str_schema(), serialization=core_schema.to_string_ser_schema()
        )


class VirtualFile(BaseModel, frozen=True, extra="forbid"):
    """A file that is made of others: `concat` joins them, `diff` is how the second differs from the first."""

    concat: Annotated[tuple[Part, ...], Field(min_length=1)] | None = None
    """The parts, in order: `mount:path`, or a pattern of paths, whose files are sorted."""
    diff: tuple[Part, Part] | None = None
    """The old and the new file."""
    separator: str = ""
    """What stands between every two parts of a `concat`."""
    limit: Size = LIMIT
    """Bytes that each of the two files of a `diff` may have."""

    @model_validator(mode="after")
    def _is_one_of_both(self) -> "VirtualFile":
        if (self.concat is None) is (self.diff is None):
            raise ValueError("is made either by concat or by diff")
        if self.diff is not None and any(part.is_pattern for part in self.diff):
            raise ValueError("a diff is of two files, not of patterns")
        return self

    @property
    def parts(self) -> tuple[Part, ...]:
        """All that it is made of."""
        return self.concat or self.diff or ()
