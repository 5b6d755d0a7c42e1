"""How a file is to be served: what callers say, and what it comes to."""

import re
from dataclasses import dataclass
from typing import Any, TypedDict, TypeVar

from vfs.engine.serving.dispositions import content_disposition

ValueT = TypeVar("ValueT")

_FIELD_VALUE = re.compile(r"[\x20-\x7e]+")


class ServeOptions(TypedDict, total=False):
    """All of them have a default; the last three are other names of those above."""

    mimetype: str
    """The content type; `auto`, what the name says, else what the storage says."""
    as_attachment: bool
    """To be saved, not shown."""
    attachment_filename: str | None
    """The name to save it under, if not its own."""
    cache_timeout: int | None
    """Seconds for which it may be used without asking again."""
    add_etags: bool
    conditional: bool
    """Whether `If-` headers may spare the content; ranges are answered in any case."""
    download: bool
    download_name: str | None
    cache_max_age: int | None


@dataclass(frozen=True, slots=True)
class Presentation:
    """The answers to all questions of `ServeOptions`; a content type of None is left to the storage."""

    content_type: str | None
    disposition: str | None
    max_age: int | None
    with_etag: bool
    is_conditional: bool


def presentation_of(name: str, guessed: str, options: ServeOptions) -> Presentation:
    """Raises TypeError for two names of one option, ValueError for what can be no header."""
    attachment = _either(options, "as_attachment", "download", False)
    given = _either(options, "attachment_filename", "download_name", None)
    max_age = _either(options, "cache_timeout", "cache_max_age", None)
    if max_age is not None and max_age < 0:
        raise ValueError(f"a file is cached for no less than 0 seconds, not {max_age}")
    mimetype = options.get("mimetype", "auto")
    if not _FIELD_VALUE.fullmatch(mimetype):
        raise ValueError(f"no content type: {mimetype!r}")
    if mimetype == "auto":
        mimetype = guessed
    named = attachment or given is not None
    return Presentation(
        content_type=None if mimetype == "application/octet-stream" else mimetype,
        disposition=content_disposition(given or name, is_attachment=attachment) if named else None,
        max_age=max_age,
        with_etag=options.get("add_etags", True),
        is_conditional=options.get("conditional", True),
    )


def _either(options: ServeOptions, one: str, other: str, default: ValueT) -> ValueT | Any:
    given: dict[str, Any] = {name: value for name, value in options.items() if name in {one, other}}
    if len(given) == 2:
        raise TypeError(f"`{one}` and `{other}` are two names of one option; give one of them")
    return next(iter(given.values()), default)
