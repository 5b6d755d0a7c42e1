"""The settings of an `fsspec` mount, and what is known of the protocols it may name."""

from typing import Any

import fsspec
from pydantic import BaseModel, Field, field_validator

RENAMING = frozenset({"dir", "file", "ftp", "local", "sftp", "smb", "ssh"})
"""Protocols whose driver renames on the server, over what is there, in one act."""

HERE = frozenset({"dir", "file", "local", "memory"})
"""Protocols that cross no network."""

PIPELINED = frozenset({"sftp", "ssh"})
"""Protocols whose driver waits for an answer to every 32 KiB unless its files are asked for many at once."""

_PLACES = ("host", "port", "endpoint_url", "account_name", "base_url", "repo", "org", "share")
"""Options of drivers that tell where the storage is, and are no secrets."""


class FsspecOptions(BaseModel, frozen=True, extra="forbid", hide_input_in_errors=True):
    """Which of fsspec's protocols, the folder in it, and the driver's own options."""

    protocol: str
    path: str = ""
    create: bool = False
    options: dict[str, Any] = Field(default_factory=dict, repr=False)
    """Given to the driver as they are; they may hold secrets."""

    @field_validator("protocol")
    @classmethod
    def _is_registered(cls, written: str) -> str:
        if written not in fsspec.available_protocols():
            raise ValueError("is no protocol that fsspec knows")
        return written

    @property
    def location(self) -> str:
        """Where the storage is, without credentials."""
        places = [f"{name}={self.options[name]}" for name in _PLACES if name in self.options]
        return f"fsspec+{self.protocol}://{self.path}?{'&'.join(places)}"
