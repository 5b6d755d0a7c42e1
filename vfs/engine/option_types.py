"""Types of settings as people write them: sizes (`20GiB`), durations (`5m`), local paths (`~/x`), mounts."""

import math
import os
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, GetCoreSchemaHandler, ValidationInfo, WithJsonSchema
from pydantic_core import CoreSchema, core_schema

from vfs.engine import paths

_NUMBER_AND_UNIT = re.compile(r"\s*(\d+(?:\.\d+)?)\s*([A-Za-z]*)\s*", re.ASCII)

_PREFIXES = "kmgtp"

_SIZE_UNITS = (
    {"": 1, "b": 1}
    | {prefix: 1024**power for power, prefix in enumerate(_PREFIXES, 1)}
    | {f"{prefix}ib": 1024**power for power, prefix in enumerate(_PREFIXES, 1)}
    | {f"{prefix}b": 1000**power for power, prefix in enumerate(_PREFIXES, 1)}
)

_DURATION_UNITS = {"": 1.0, "ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}


def parse_size(written: object) -> int:
    """Bytes from a number or from text with a unit.

    `k`, `M`, `G` and `KiB`, `MiB`, `GiB` are powers of 1024, `kB`, `MB`, `GB` powers of 1000, in any letter
    case. Raises ValueError.
    """
    amount = _amount(written, _SIZE_UNITS)
    if amount is None:
        raise ValueError("must be a size, such as 20GiB, 512k or a number of bytes")
    return int(amount)


def parse_duration(written: object) -> float:
    """Seconds from a number or from text with one of the units ms, s, m, h, d. Raises ValueError."""
    amount = _amount(written, _DURATION_UNITS)
    if amount is None:
        raise ValueError("must be a duration, such as 10s, 5m, 250ms or a number of seconds")
    return float(amount)


def _amount(written: object, units: dict[str, int] | dict[str, float]) -> int | float | None:
    if isinstance(written, bool):
        return None
    if isinstance(written, int | float):
        return written if math.isfinite(written) and written >= 0 else None
    if not isinstance(written, str):
        return None
    match = _NUMBER_AND_UNIT.fullmatch(written)
    factor = units.get(match[2].lower()) if match else None
    if match is None or factor is None:
        return None
    number = float(match[1]) if "." in match[1] else int(match[1])
    return number * factor


def _or_text(number: str, units: dict[str, int] | dict[str, float]) -> WithJsonSchema:
    letters = sorted({"".join(f"[{c}{c.upper()}]" for c in unit) for unit in units if unit})
    return WithJsonSchema(
        {
            "anyOf": [
                {"type": number, "minimum": 0},
                {"type": "string", "pattern": rf"^\s*\d+(\.\d+)?\s*({'|'.join(letters)})?\s*$"},
            ]
        }
    )


Size = Annotated[int, BeforeValidator(parse_size), _or_text("integer", _SIZE_UNITS)]
"""A field holding bytes that takes `8MiB` as well as a number."""

Duration = Annotated[float, BeforeValidator(parse_duration), _or_text("number", _DURATION_UNITS)]
"""A field holding seconds that takes `5m` as well as a number."""


def _absolute(path: Path, info: ValidationInfo) -> Path:
    folder = (info.context or {}).get("folder", "")
    return Path(os.path.abspath(os.path.join(folder, os.path.expanduser(path))))


LocalPath = Annotated[Path, AfterValidator(_absolute)]
"""A field holding an absolute path of this machine; `~` is expanded, and a relative path is taken from the
`folder` of the validation context (that of the config file), or from the working directory."""


class MountName(str):
    """A field holding the name of another mount of the same configuration, as `photos`."""

    __slots__ = ()

    @property
    def mount(self) -> str:
        """The name, as every field that refers to a mount tells it."""
        return str(self)

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_after_validator_function(cls, core_schema.str_schema(min_length=1))


@dataclass(frozen=True, slots=True)
class MountPath:
    """A field holding a place in another mount, as `home:work`; an empty key is the root of that mount."""

    mount: str
    key: str = ""

    def __str__(self) -> str:
        return f"{self.mount}:{self.key}"

    @classmethod
    def parse(cls, written: str) -> "MountPath":
        """Raises ValueError for text without a mount's name, and for what can be no path."""
        mount, key = paths.split_mount(written)
        if not mount:
            raise ValueError("must name a mount and a folder in it, such as home:work")
        return cls(mount, key)

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        def taken(value: object, as_text: Callable[[object], str]) -> MountPath:
            return value if isinstance(value, cls) else cls.parse(as_text(value))

        return core_schema.no_info_wrap_validator_function(
            taken, core_schema.str_schema(), serialization=core_schema.to_string_ser_schema()
        )
