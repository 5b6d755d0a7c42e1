"""What of an HTTP request decides how a file answers it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Request:
    """A method and headers; their names are in lower case, the values of repeated ones joined by commas."""

    method: str = "GET"
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_conditional(self) -> bool:
        """Whether a present file may be answered without its content."""
        return any(name.startswith("if-") and name != "if-range" for name in self.headers)


def from_environ(environ: Mapping[str, Any]) -> Request:
    """The request that a WSGI environment tells of."""
    headers = {
        name.removeprefix("HTTP_").replace("_", "-").lower(): str(value)
        for name, value in environ.items()
        if name.startswith("HTTP_")
    }
    return Request(str(environ["REQUEST_METHOD"]), headers)
