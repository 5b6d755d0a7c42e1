"""The settings of an `s3` mount."""

from typing import Annotated, Literal

from pydantic import AliasChoices, Field, SecretStr

from vfs.engine.backends.objects.options import MIB, BucketOptions
from vfs.engine.option_types import Size


class S3Options(BucketOptions, frozen=True):
    """One bucket, or a prefix in it, at AWS or at any endpoint that speaks S3.

    Without `key`, credentials come the usual AWS ways: environment, profile, instance role.
    """

    bucket: str = Field(min_length=1)
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
    part_size: Annotated[Size, Field(ge=5 * MIB, le=1024 * MIB)] = 8 * MIB

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
