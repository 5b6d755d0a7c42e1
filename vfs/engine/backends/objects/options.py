"""The settings that every mount of a bucket has."""

from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AliasChoices, BaseModel, Field, SecretStr, WithJsonSchema, field_validator

from vfs.engine import paths
from vfs.engine.backends.objects.policy import AttributePolicy
from vfs.engine.backends.objects.proxies import proxy_of
from vfs.engine.option_types import Duration, LocalPath, Size

MIB = 1 << 20

_PROXY_IN_SCHEMA = WithJsonSchema(
    {
        "anyOf": [
            {"type": "string", "format": "password", "writeOnly": True},
            {"const": False},
            {"type": "null"},
        ]
    }
)


class BucketOptions(BaseModel, frozen=True, extra="forbid", populate_by_name=True):
    """A prefix in a bucket, where its store is, and how long to try."""

    prefix: str = Field("", validation_alias=AliasChoices("prefix", "base_path"))
    endpoint_url: str | None = None
    attributes: AttributePolicy = AttributePolicy.STORE
    timeout: Annotated[Duration, Field(gt=0)] = 30.0
    """Seconds for one request, connecting included."""
    deadline: Annotated[Duration, Field(gt=0)] = 120.0
    """Seconds for one act with all its attempts; at least one attempt is made, whatever it takes."""
    retries: int = Field(8, ge=0)
    """Further attempts after one that the network or an overloaded store spoiled."""
    part_size: Annotated[Size, Field(ge=MIB, le=1024 * MIB)] = 8 * MIB
    connections: int = Field(64, ge=1, le=1024)
    """Requests under way at the same time, at most."""

    proxy: Annotated[SecretStr | None, _PROXY_IN_SCHEMA] = None
    """The proxy that leads to the store, "" for none; else the environment says."""
    ca_bundle: LocalPath | None = None
    """A file of certificates (PEM) that are trusted besides those that this machine trusts."""

    @property
    def long_timeout(self) -> float:
        """Seconds for a request whose work the store does itself, as long as the object is big."""
        return max(self.timeout, self.deadline)

    @field_validator("prefix")
    @classmethod
    def _normalized(cls, written: str) -> str:
        return paths.normalize(written)

    @field_validator("endpoint_url", mode="before")
    @classmethod
    def _checked_url(cls, written: object) -> object:
        if written == "":
            return None
        if isinstance(written, str) and not written.startswith(("http://", "https://")):
            raise ValueError("must start with http:// or https://")
        if isinstance(written, str) and "@" in urlsplit(written).netloc:
            raise ValueError("holds credentials, which logs would show; there are options for them")
        return written.rstrip("/") if isinstance(written, str) else written

    @field_validator("proxy", mode="before")
    @classmethod
    def _checked_proxy(cls, written: object) -> object:
        """`off`, which YAML takes for a truth value, is none."""
        if written is False or written in {"", "off", "none"}:
            return ""
        if isinstance(written, str):
            proxy_of(written, "it")
        return written
