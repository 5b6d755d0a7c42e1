"""The settings of an `azure` mount."""

from enum import StrEnum
from typing import Literal

from pydantic import AliasChoices, Field, SecretStr, model_validator

from vfs.engine.backends.objects.options import BucketOptions


class CredentialKind(StrEnum):
    """Where a token comes from, when neither a key nor a SAS is given."""

    DEFAULT = "default"
    """The usual order of Azure's own tools: environment, workload identity, managed identity, `az login`."""
    ENVIRONMENT = "environment"
    MANAGED_IDENTITY = "managed_identity"
    WORKLOAD_IDENTITY = "workload_identity"
    CLI = "cli"


class AzureOptions(BucketOptions, frozen=True):
    """One container of Azure Blob Storage, or a prefix in it.

    Who we are is told, in this order, by `connection_string`, `account_key`, `sas_token`, `client_secret`,
    `credential`, `anon`; else by the AZURE_STORAGE_* variables; else by Azure's default credential.
    """

    container: str = Field(min_length=1, validation_alias=AliasChoices("container", "bucket"))
    account_name: str | None = None
    account_key: SecretStr | None = None
    connection_string: SecretStr | None = None
    sas_token: SecretStr | None = None
    tenant_id: str | None = None
    client_id: str | None = None
    client_secret: SecretStr | None = None
    credential: CredentialKind | None = None
    anon: bool = False
    hierarchical: Literal["auto", True, False] = "auto"
    """Whether the account has a hierarchical namespace: folders that are real, renamed in one act."""

    @model_validator(mode="after")
    def _checked_principal(self) -> "AzureOptions":
        if self.client_secret is not None and (self.tenant_id is None or self.client_id is None):
            raise ValueError("`client_secret` needs `tenant_id` and `client_id` beside it")
        return self
