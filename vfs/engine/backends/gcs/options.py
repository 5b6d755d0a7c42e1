"""The settings of a `gcs` mount."""

import os
from typing import Annotated

from pydantic import AliasChoices, BaseModel, Field, SecretStr, field_validator

from vfs.engine import paths
from vfs.engine.backends.objects.policy import AttributePolicy
from vfs.engine.option_types import Duration, Size

MIB = 1 << 20

_GOOGLE = "https://storage.googleapis.com"


def _emulator() -> str | None:
    """The endpoint that Google's own clients take from the environment."""
    host = os.environ.get("STORAGE_EMULATOR_HOST")
    if not host:
        return None
    return host if host.startswith(("http://", "https://")) else f"http://{host}"


class GcsOptions(BaseModel, frozen=True, extra="forbid", populate_by_name=True):
    """One bucket, or a prefix in it, of Google Cloud Storage or of a server with its JSON API.

    Without `token`, credentials come Google's usual ways: GOOGLE_APPLICATION_CREDENTIALS, gcloud, the
    machine's own service account.
    """

    bucket: str = Field(min_length=1)
    prefix: str = Field("", validation_alias=AliasChoices("prefix", "base_path"))
    token: SecretStr | None = None
    """A file of credentials, one of gcsfs's words (`google_default`, `cloud`, `cache`, `anon`), or an access
    token itself."""
    anon: bool = False
    project: str | None = None
    requester_pays: bool = False
    """Bill `project` for requests, as buckets of others may demand."""
    endpoint_url: str | None = Field(default_factory=_emulator, validate_default=True)
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
    def endpoint(self) -> str:
        """The URL of the store, without the bucket."""
        return self.endpoint_url or _GOOGLE

    @property
    def anonymous(self) -> bool:
        """Whether requests carry no credentials."""
        return self.anon or (self.token is not None and self.token.get_secret_value() == "anon")

    @property
    def billed_project(self) -> str | None:
        return self.project if self.requester_pays else None

    @property
    def store_name(self) -> str:
        """The bucket and where it is, for messages."""
        return f"bucket {self.bucket!r} at {self.endpoint_url or 'Google Cloud Storage'}"
