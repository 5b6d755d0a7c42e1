"""Who we are to Azure: one block of credentials that feeds every driver."""

import base64
import binascii
import datetime
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import azure.core.exceptions
import azure.identity
import azure.identity.aio

from vfs.engine.backends.azure.options import AzureOptions, CredentialKind
from vfs.engine.backends.objects.proxies import proxy_for
from vfs.engine.backends.objects.trust import authorities
from vfs.engine.errors import ConfigError, PermissionDenied

_SCOPE = "https://storage.azure.com/.default"
_SUFFIX = "core.windows.net"
_CONNECTION_STRING = "AZURE_STORAGE_CONNECTION_STRING"

_EMULATOR = (
    "AccountName=devstoreaccount1;BlobEndpoint=http://127.0.0.1:10000/devstoreaccount1;AccountKey="
    "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="
)
"""What `UseDevelopmentStorage=true` stands for; this key is in Azure's documentation."""

_CREDENTIALS = {
    CredentialKind.DEFAULT: "DefaultAzureCredential",
    CredentialKind.ENVIRONMENT: "EnvironmentCredential",
    CredentialKind.MANAGED_IDENTITY: "ManagedIdentityCredential",
    CredentialKind.WORKLOAD_IDENTITY: "WorkloadIdentityCredential",
    CredentialKind.CLI: "AzureCliCredential",
}


@dataclass(frozen=True, slots=True, repr=False)
class TokenSource:
    """A credential of azure-identity, by name and what it is made of; adlfs needs one of its own."""

    name: str
    arguments: Mapping[str, str] = field(default_factory=dict)

    @property
    def fingerprint(self) -> str:
        """Equal for sources of the same tokens. A secret."""
        return f"{self.name} {sorted(self.arguments.items())}"

    def credential(self) -> Any:
        """Raises ConfigError for one that this machine is not set up for."""
        return self._made(azure.identity)

    def credential_for_adlfs(self) -> Any:
        return self._made(azure.identity.aio)

    def _made(self, module: Any) -> Any:
        try:
            return getattr(module, self.name)(**self.arguments)
        except ValueError as error:
            raise ConfigError(f"{self.name} is not set up on this machine") from error


@dataclass(frozen=True, slots=True, repr=False)
class Account:
    """One account: where it is, and at most one of what proves that we may use it."""

    name: str
    endpoint: str
    """The URL of the blob service, without a slash at its end; emulators have the account's name in it."""
    key: str | None = None
    sas: str | None = None
    tokens: TokenSource | None = None

    @property
    def is_anonymous(self) -> bool:
        return self.key is None and self.sas is None and self.tokens is None


class Identity:
    """The account and the credentials, from the options or, where they are silent, from the usual places."""

    def __init__(self, options: AzureOptions) -> None:
        self.account = _account(options)
        self._credential: Any = self.account.tokens.credential() if self.account.tokens else None
        self.proxy = proxy_for(self.account.endpoint, options.proxy)
        self.authorities = authorities(options.ca_bundle)
        self.store_name = f"container {options.container!r} at {self.account.endpoint}"

    def bearer_token(self) -> tuple[str, datetime.datetime]:
        """An access token, and when it ends. Raises PermissionDenied where none is given."""
        try:
            token = self._credential.get_token(_SCOPE)
        except azure.core.exceptions.AzureError as error:
            raise PermissionDenied(
                f"no token for {self.store_name} ({type(error).__name__}): set `account_key`, `sas_token` or "
                "`connection_string`, sign in (`az login`), or `anon: true`"
            ) from error
        return token.token, datetime.datetime.fromtimestamp(token.expires_on, datetime.UTC)

    def for_obstore(self) -> dict[str, Any]:
        """How obstore is told: it asks for tokens as it needs them."""
        if self.account.is_anonymous:
            return {"account_name": self.account.name, "skip_signature": True}
        return {"account_name": self.account.name, "credential_provider": self._lend}

    def _lend(self) -> dict[str, Any]:
        if self.account.key is not None:
            return {"access_key": self.account.key, "expires_at": None}
        if self.account.sas is not None:
            return {"sas_token": self.account.sas, "expires_at": None}
        token, ends = self.bearer_token()
        return {"token": token, "expires_at": ends}

    def for_adlfs(self) -> dict[str, Any]:
        """How adlfs is told: by a connection string where one can say it.

        Raises ConfigError where it would take the one of the environment before the token that is to be used.
        """
        account = self.account
        if account.key is None and account.sas is None:
            if _CONNECTION_STRING in os.environ:
                raise ConfigError(
                    f"{_CONNECTION_STRING} is set, and hides the credentials of {self.store_name}"
                )
            credential = account.tokens.credential_for_adlfs() if account.tokens else None
            host = urlsplit(account.endpoint).netloc
            anonymous = credential is None
            return {
                "account_name": account.name,
                "account_host": host,
                "credential": credential,
                "anon": anonymous,
            }
        proof = f"AccountKey={account.key}" if account.key else f"SharedAccessSignature={account.sas}"
        return {
            "connection_string": f"AccountName={account.name};BlobEndpoint={account.endpoint};{proof}",
            "account_name": account.name,
        }

    def way_for_azure(self) -> dict[str, Any]:
        """How each call of Azure's own client is told of the proxy and whom to trust."""
        trusted = {"connection_verify": self.authorities} if self.authorities is not None else {}
        if self.proxy is None:
            return trusted
        return {"proxies": dict.fromkeys(("http", "https"), self.proxy.url), **trusted}

    def close(self) -> None:
        if self._credential is not None:
            self._credential.close()


def _account(options: AzureOptions) -> Account:
    written = options.connection_string or None
    if written is not None:
        return _of_connection_string(written.get_secret_value(), options)
    proof = _proof(options)
    if proof is None and (found := os.environ.get(_CONNECTION_STRING)):
        return _of_connection_string(found, options)
    name = (
        options.account_name or os.environ.get("AZURE_STORAGE_ACCOUNT_NAME") or _name_in(options.endpoint_url)
    )
    if not name:
        raise ConfigError(
            f"no account for container {options.container!r}: set `account_name` or `connection_string`"
        )
    endpoint = _endpoint(options.endpoint_url, name)
    return Account(name, endpoint, **(_usual_proof() if proof is None else proof))


def _proof(options: AzureOptions) -> dict[str, Any] | None:
    """What the options say; None where they are silent."""
    if options.account_key is not None:
        return {"key": _checked_key(options.account_key.get_secret_value())}
    if options.sas_token is not None:
        return {"sas": options.sas_token.get_secret_value().lstrip("?")}
    if options.client_secret is not None and options.tenant_id and options.client_id:
        principal = {"tenant_id": options.tenant_id, "client_id": options.client_id}
        secret = {"client_secret": options.client_secret.get_secret_value()}
        return {"tokens": TokenSource("ClientSecretCredential", principal | secret)}
    if options.credential is not None:
        named = options.credential is CredentialKind.MANAGED_IDENTITY and options.client_id is not None
        arguments = {"client_id": options.client_id or ""} if named else {}
        return {"tokens": TokenSource(_CREDENTIALS[options.credential], arguments)}
    return {} if options.anon else None


def _usual_proof() -> dict[str, Any]:
    """What the environment says: a key, a SAS, or whatever Azure's default credential finds."""
    if key := os.environ.get("AZURE_STORAGE_ACCOUNT_KEY") or os.environ.get("AZURE_STORAGE_KEY"):
        return {"key": _checked_key(key)}
    if sas := os.environ.get("AZURE_STORAGE_SAS_TOKEN"):
        return {"sas": sas.lstrip("?")}
    return {"tokens": TokenSource(_CREDENTIALS[CredentialKind.DEFAULT])}


def _of_connection_string(text: str, options: AzureOptions) -> Account:
    parts = _parsed(text)
    if parts.get("usedevelopmentstorage", "").lower() == "true":
        parts = _parsed(_EMULATOR)
    written = options.endpoint_url or parts.get("blobendpoint", "").rstrip("/") or None
    name = options.account_name or parts.get("accountname") or _name_in(written)
    if not name:
        raise ConfigError("`connection_string` names no account")
    if written is None:
        protocol = parts.get("defaultendpointsprotocol", "https")
        written = f"{protocol}://{name}.blob.{parts.get('endpointsuffix', _SUFFIX)}"
    endpoint = _endpoint(written, name)
    if key := parts.get("accountkey"):
        return Account(name, endpoint, key=_checked_key(key))
    sas = parts.get("sharedaccesssignature", "").lstrip("?")
    return Account(name, endpoint, sas=sas or None)


def _parsed(text: str) -> dict[str, str]:
    pairs = (part.partition("=") for part in text.split(";") if part.strip())
    return {name.strip().lower(): value.strip() for name, _, value in pairs}


def _checked_key(key: str) -> str:
    try:
        base64.b64decode(key, validate=True)
    except binascii.Error as error:
        raise ConfigError("`account_key` is not the Base64 text that Azure shows for a key") from error
    return key


def _endpoint(written: str | None, name: str) -> str:
    """The URL of the account: an address without its name is an emulator's, which wants it in the path."""
    if written is None:
        return f"https://{name}.blob.{_SUFFIX}"
    parts = urlsplit(written)
    host = parts.hostname or ""
    in_host = host.partition(".")[0] == name.lower() or ("." in host and not _is_address(host))
    return written if in_host or parts.path.strip("/") else f"{written}/{name}"


def _name_in(url: str | None) -> str | None:
    """The account that a URL names: the first label of a host, or the path of an emulator's."""
    if url is None:
        return None
    parts = urlsplit(url)
    if parts.path.strip("/"):
        return parts.path.strip("/").partition("/")[0]
    host = parts.hostname or ""
    return host.partition(".")[0] if ".blob." in host else None


def _is_address(host: str) -> bool:
    return host.replace(".", "").isdigit() or ":" in host
