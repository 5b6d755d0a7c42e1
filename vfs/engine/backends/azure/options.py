"""The settings of an `azure` mount."""

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import AliasChoices, BaseModel, Field, SecretStr, field_validator, model_validator

from vfs.engine import paths
from vfs.engine.backends.objects.policy import AttributePolicy
from vfs.engine.option_types import Duration, Size

MIB = 1 << 20


class CredentialKind(StrEnum):
    """Where a token comes from, when neither a key nor a SAS is given."""

    DEFAULT = "default"
    """The usual order of Azure's own tools: environment, workload identity, managed identity, `az login`."""
    ENVIRONMENT = "environment"
    MANAGED_IDENTITY = "managed_identity"
    WORKLOAD_IDENTITY = "workload_identity"
    CLI = "cli"


class AzureOptions(BaseModel, frozen=True, extra="forbid", populate_by_name=True):
    """One container of Azure Blob Storage, or a prefix in it.

    Who we are is told, in this order, by `connection_string`, `account_key`, `sas_token`, `client_secret`,
    `credential`, `anon`; else by the AZURE_STORAGE_* variables; else by Azure's default credential.
    """

    container: str = Field(min_length=1, validation_alias=AliasChoices("container", "bucket"))
    prefix: str = Field("", validation_alias=AliasChoices("prefix", "base_path"))
    account_name: str | None = None
    account_key: SecretStr | None = None
    connection_string: SecretStr | None = None
    sas_token: SecretStr | None = None
    tenant_id: str | None = None
    client_id: str | None = None
    client_secret: SecretStr | None = None
    credential: CredentialKind | None = None
    anon: bool = False
    endpoint_url: str | None = None
    hierarchical: Literal["auto", True, False] = "auto"
    """Whether the account has a hierarchical namespace: folders that are real, renamed in one act."""
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

    @model_validator(mode="after")
    def _checked_principal(self) -> "AzureOptions":
        if self.client_secret is not None and (self.tenant_id is None or self.client_id is None):
            raise ValueError("`client_secret` needs `tenant_id` and `client_id` beside it")
        return self
