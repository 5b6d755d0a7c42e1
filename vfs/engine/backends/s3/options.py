"""The settings of an `s3` mount."""

from typing import Annotated, Literal

from pydantic import AliasChoices, BaseModel, Field, SecretStr, field_validator

from vfs.engine import paths
from vfs.engine.backends.objects.policy import AttributePolicy
from vfs.engine.option_types import Duration, Size

MIB = 1 << 20


class S3Options(BaseModel, frozen=True, extra="forbid", populate_by_name=True):
    """One bucket, or a prefix in it, at AWS or at any endpoint that speaks S3.

    Without `key`, credentials come the usual AWS ways: environment, profile, instance role.
    """

    bucket: str = Field(min_length=1)
    prefix: str = Field("", validation_alias=AliasChoices("prefix", "base_path"))
    endpoint_url: str | None = None
    region: str | None = None
    key: SecretStr | None = Field(None, validation_alias=AliasChoices("key", "access_key", "access_key_id"))
    secret: SecretStr | None = Field(
        None, validation_alias=AliasChoices("secret", "secret_key", "secret_access_key")
    )
    token: SecretStr | None = Field(None, validation_alias=AliasChoices("token", "session_token"))
    profile: str | None = None
    anon: bool = False
    addressing_style: Literal["auto", "path", "virtual"] = "auto"
    version_aware: bool = True
    """Whether the bucket is asked if it keeps old versions; without that there are none to be seen."""
    attributes: AttributePolicy = AttributePolicy.STORE
    timeout: Annotated[Duration, Field(gt=0)] = 30.0
    """Seconds for one request, connecting included."""
    deadline: Annotated[Duration, Field(gt=0)] = 120.0
    """Seconds for one act with all its attempts; at least one attempt is made, whatever it takes."""
    retries: int = Field(8, ge=0)
    """Further attempts after one that the network or an overloaded store spoiled."""
    part_size: Annotated[Size, Field(ge=5 * MIB, le=1024 * MIB)] = 8 * MIB
    connections: int = Field(64, ge=1, le=1024)
    """Requests under way at the same time, at most."""

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
        return written.rstrip("/") if isinstance(written, str) else written

    @property
    def path_style(self) -> bool:
        """Whether the bucket stands in the path of a URL rather than in its host name."""
        if self.addressing_style == "auto":
            return self.endpoint_url is not None
        return self.addressing_style == "path"

    @property
    def store_name(self) -> str:
        """The bucket and where it is, for messages."""
        return f"bucket {self.bucket!r} at {self.endpoint_url or 'AWS'}"
