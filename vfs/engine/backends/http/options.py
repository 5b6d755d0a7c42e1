"""The settings of an `http` or `https` mount."""

from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import AliasChoices, BaseModel, Field, SecretStr, field_validator

from vfs.engine.option_types import Duration


class HttpOptions(BaseModel, frozen=True, extra="forbid", populate_by_name=True):
    """The URL of a folder, and how to ask for what is below."""

    url: str = Field(validation_alias=AliasChoices("url", "base_url", "base_path", "path"))
    user: str | None = None
    password: SecretStr = SecretStr("")
    headers: dict[str, SecretStr] = Field(default_factory=dict)
    """Sent with every request to the server of `url`, and to no other that it may lead to."""
    listing: Literal["auto", "off"] = "auto"
    """Whether folders are looked for: by the server's index of them, and by a `/` after their names."""
    timeout: Annotated[Duration, Field(gt=0)] = 30.0
    """Seconds without a byte, connecting included."""
    deadline: Annotated[Duration, Field(gt=0)] = 120.0
    """Seconds in which a further attempt may begin."""
    retries: int = Field(4, ge=0)
    """Further attempts after one that the network or an overloaded server spoiled."""
    connections: int = Field(16, ge=1, le=256)
    """Connections that are kept open, and entries of a folder that are asked for at once."""

    @field_validator("url")
    @classmethod
    def _is_plain(cls, written: str) -> str:
        parts = urlsplit(written)
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise ValueError("must start with http:// or https:// and name a server")
        if parts.username is not None or parts.password is not None:
            raise ValueError("holds credentials, which logs would show; use `user` and `password`")
        if parts.query or parts.fragment:
            raise ValueError("must end with its path: keys are added to it")
        return written.rstrip("/") + "/"
