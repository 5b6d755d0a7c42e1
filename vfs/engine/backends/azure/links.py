"""URLs of blobs: for who shall read one without credentials, and for the store to copy from."""

import datetime
import threading
from typing import Any

from azure.storage.blob import BlobSasPermissions, generate_blob_sas

from vfs.engine.backends.azure.driver import AdlfsCalls
from vfs.engine.backends.azure.identity import Identity
from vfs.engine.backends.azure.options import AzureOptions
from vfs.engine.backends.azure.signed import SignedRequests
from vfs.engine.errors import CapabilityNotSupported, InvalidPath

_COPIES_FOR = 3600
_KEY_LASTS = datetime.timedelta(days=6)
_LONGEST = datetime.timedelta(days=7)
"""Azure gives no delegation key for longer."""


class BlobLinks:
    """Signs URLs with the account's key, or with one that the store lends to who has a token."""

    def __init__(
        self, options: AzureOptions, identity: Identity, signed: SignedRequests, calls: AdlfsCalls
    ) -> None:
        self._container = options.container
        self._identity = identity
        self._signed = signed
        self._calls = calls
        self._lock = threading.Lock()
        self._lent: tuple[Any, datetime.datetime] | None = None

    @property
    def can_sign(self) -> bool:
        """A SAS signs no other; and handing on our own would give away all that it allows."""
        return self._identity.account.sas is None

    def url(self, blob: str, path: str, expires_in: int) -> str:
        """A URL that reads this blob alone for so many seconds; a public container needs no signature."""
        if not self.can_sign:
            raise CapabilityNotSupported("a mount by SAS cannot sign URLs; give it a key or a token", path)
        account = self._identity.account
        plain = self._signed.url_of(blob)
        if account.is_anonymous:
            return plain
        return f"{plain}?{self._sas(blob, path, datetime.timedelta(seconds=expires_in))}"

    def source_headers(self, blob: str, path: str) -> dict[str, str]:
        """The headers that let the store read a blob of this container on our behalf."""
        account = self._identity.account
        if account.tokens is not None:
            bearer = f"Bearer {self._identity.bearer_token()[0]}"
            return {"x-ms-copy-source": self._signed.url_of(blob), "x-ms-copy-source-authorization": bearer}
        if account.key is None:
            return {"x-ms-copy-source": self._signed.url_of(blob)}
        return {"x-ms-copy-source": self.url(blob, path, _COPIES_FOR)}

    def _sas(self, blob: str, path: str, lasts: datetime.timedelta) -> str:
        account = self._identity.account
        ends = datetime.datetime.now(datetime.UTC) + lasts
        proof: dict[str, Any] = {"account_key": account.key}
        if account.key is None:
            if lasts > _LONGEST:
                raise InvalidPath("without the account's key, a URL lasts for seven days at most", path)
            proof = {"user_delegation_key": self._delegation_key(ends, path)}
        permission = BlobSasPermissions(read=True)
        token: str = generate_blob_sas(
            account.name, self._container, blob, permission=permission, expiry=ends, **proof
        )
        return token

    def _delegation_key(self, ends: datetime.datetime, path: str) -> Any:
        """The one that was lent, as long as it outlasts the URL."""
        with self._lock:
            if self._lent is None or self._lent[1] < ends:
                lasts_until = max(ends, datetime.datetime.now(datetime.UTC) + _KEY_LASTS)
                self._lent = self._calls.delegation_key(lasts_until, path), lasts_until
            return self._lent[0]
