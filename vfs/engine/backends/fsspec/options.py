"""The settings of an `fsspec` mount, and what is known of the protocols it may name."""

from typing import Any

import fsspec
from pydantic import BaseModel, Field, field_validator

from vfs.engine.spelling import did_you_mean

RENAMING = frozenset({"dir", "file", "ftp", "local", "sftp", "smb", "ssh"})
"""Protocols whose driver renames on the server, over what is there, in one act."""

HERE = frozenset({"dir", "file", "local", "memory"})
"""Protocols that cross no network."""

EXTRAS = {"sftp": "sftp", "ssh": "sftp"}
"""Extras of this package that bring the driver of a protocol."""

PIPELINED = frozenset({"sftp", "ssh"})
"""Protocols whose driver waits for an answer to every 32 KiB unless its files are asked for many at once."""

_PLACES = ("host", "port", "endpoint_url", "account_name", "base_url", "repo", "org", "share")
"""Options of drivers that tell where the storage is, and are no secrets."""


def known_protocols() -> frozenset[str]:
    """Every protocol that fsspec has a driver for, be that installed or not."""
    return frozenset(fsspec.available_protocols())


class FsspecOptions(BaseModel, frozen=True, extra="forbid", hide_input_in_errors=True):
    """Which of fsspec's protocols, the folder in it, and the driver's own options."""

    protocol: str
    path: str = ""
    create: bool = False
    options: dict[str, Any] = Field(default_factory=dict, repr=False)
    """Given to the driver as they are; they may hold secrets."""

    @field_validator("protocol")
    @classmethod
    def _has_a_driver(cls, written: str) -> str:
        if written not in known_protocols():
            raise ValueError(f"is no protocol that fsspec knows; {did_you_mean(written, known_protocols())}")
        try:
            fsspec.get_filesystem_class(written)
        except ImportError as error:
            extra = f": pip install 'vfs[{EXTRAS[written]}]'" if written in EXTRAS else f": {error}"
            raise ValueError(f"the driver for {written!r} is not installed{extra}") from error
        return written

    @property
    def location(self) -> str:
        """Where the storage is, without credentials."""
        places = [f"{name}={self.options[name]}" for name in _PLACES if name in self.options]
        return f"fsspec+{self.protocol}://{self.path}?{'&'.join(places)}"
