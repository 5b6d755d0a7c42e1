"""What a mount says of its `.versions` folders."""

from typing import Annotated, Literal, get_args

from pydantic import BaseModel, BeforeValidator, WithJsonSchema

_Word = Literal["hidden", "visible", "off"]


def _word(written: object) -> object:
    """YAML reads `off` as a truth value."""
    return "off" if written is False else written


_WORDS = WithJsonSchema({"enum": [*get_args(_Word), False]})


class VersionsOptions(BaseModel, frozen=True, extra="forbid"):
    """How versions are shown, and whether they can be deleted."""

    show: Annotated[_Word, BeforeValidator(_word), _WORDS] = "hidden"
    """`hidden`: in no listing, always there by name; `visible`: in the listings of the mount point; `off`."""
    delete: bool = False
    """Whether `rm` of an old version deletes it for ever; otherwise it is refused with EPERM."""


def _spelled_out(written: object) -> object:
    return {"show": written} if isinstance(written, str) or written is False else written


VersionsTerm = Annotated[
    VersionsOptions,
    BeforeValidator(_spelled_out),
    WithJsonSchema({"anyOf": [{"enum": [*get_args(_Word), False]}, VersionsOptions.model_json_schema()]}),
]
"""All of it, or the word for `show` alone."""
