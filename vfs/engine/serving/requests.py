"""What of an HTTP request decides how a file answers it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

_CONDITIONS = ("if-match", "if-none-match", "if-modified-since", "if-unmodified-since")
_CONDITIONAL = frozenset(_CONDITIONS)

_DECIDING = tuple(
    (f"HTTP_{header.upper().replace('-', '_')}", header) for header in (*_CONDITIONS, "range", "if-range")
)
"""As WSGI names them and as we do."""


@dataclass(frozen=True, slots=True)
class Request:
    """A method and headers; their names are in lower case, the values of repeated ones joined by commas."""

    method: str = "GET"
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_conditional(self) -> bool:
        """Whether a present file may be answered without its content."""
        return not _CONDITIONAL.isdisjoint(self.headers)


def from_environ(environ: Mapping[str, Any]) -> Request:
    """The request that a WSGI environment tells of, with those headers that decide something."""
    headers = {header: str(environ[name]) for name, header in _DECIDING if name in environ}
    return Request(str(environ["REQUEST_METHOD"]), headers)
