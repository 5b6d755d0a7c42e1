"""Signed requests to one container: for what obstore has no call for."""

import email.utils
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from azure.core.pipeline import PipelineContext, PipelineRequest
from azure.core.pipeline.transport import HttpRequest

# The service sorts headers in an order of its own, which only Azure's own signer knows.
from azure.storage.blob._shared.authentication import SharedKeyCredentialPolicy

from vfs.engine.backend import Buffer
from vfs.engine.backends.azure.errors import azure_errors, error_of_answer
from vfs.engine.backends.azure.identity import Account, Identity
from vfs.engine.backends.azure.options import AzureOptions
from vfs.engine.backends.objects.answers import MOST, Answer
from vfs.engine.backends.objects.connections import Connections
from vfs.engine.backends.objects.exchange import exchange
from vfs.engine.backends.objects.proxies import proxy_for
from vfs.engine.backends.objects.refusals import error_code_in

API_VERSION = "2023-11-03"


class SignedRequests:
    """One attempt a call; errors are ours, and what may pass is BackendUnavailable."""

    def __init__(self, options: AzureOptions, identity: Identity, endpoint: str | None = None) -> None:
        """`endpoint` is another one of the same account, where it is not the one for blobs."""
        account = identity.account
        parts = urlsplit(endpoint or account.endpoint)
        self._origin = f"{parts.scheme}://{parts.netloc}"
        self._account_root = parts.path
        self._root = f"{parts.path}/{quote(options.container)}"
        self._store = identity.store_name
        self._timeout = options.timeout
        self._identity = identity
        self._signer: Any = _signer(account)
        self._connections = Connections(
            self._origin,
            options.connections,
            proxy=proxy_for(self._origin, options.proxy),
            authorities=identity.authorities,
        )

    def url_of(self, blob: str, *, version: str | None = None, container: str | None = None) -> str:
        """The whole URL of a blob, as another request may name it to the store; a SAS goes along."""
        query = self._with_sas({} if version is None else {"versionid": version})
        return f"{self._origin}{self._path(blob, container)}{query}"

    def send(
        self,
        method: str,
        blob: str | None = None,
        *,
        query: Mapping[str, str | int] | None = None,
        headers: Mapping[str, str] | None = None,
        body: Buffer = b"",
        path: str = "",
        accept: int = 200,
        timeout: float | None = None,
        most: int = MOST,
        container: str | None = None,
    ) -> Answer:
        """Send one request to a blob, or to the container itself, this one unless told; errors name `path`.

        Raises what `error_of_answer` gives for an answer that is no success, unless its status is `accept`.
        """
        target = self._path(blob, container) + self._with_sas(query or {})
        with azure_errors(path, self._store):
            whole = self._signed(method, target, headers or {}, len(body))
            answer = exchange(self._connections, method, target, whole, body, timeout or self._timeout, most)
        if answer.status >= 300 and answer.status != accept:
            code = answer.headers.get("x-ms-error-code") or error_code_in(answer.text)
            raise error_of_answer(answer.status, code, path, self._store)
        return answer

    def close(self) -> None:
        self._connections.close()

    def _path(self, blob: str | None, container: str | None) -> str:
        root = self._root if container is None else f"{self._account_root}/{quote(container)}"
        return root if blob is None else f"{root}/{quote(blob, safe='/~')}"

    def _with_sas(self, query: Mapping[str, str | int]) -> str:
        parts = [urlencode(query, quote_via=quote)] if query else []
        if self._identity.account.sas is not None:
            parts.append(self._identity.account.sas)
        return "?" + "&".join(parts) if parts else ""

    def _signed(self, method: str, target: str, headers: Mapping[str, str], length: int) -> dict[str, str]:
        whole = {
            "x-ms-version": API_VERSION,
            "x-ms-date": email.utils.formatdate(usegmt=True),
            **headers,
        }
        if length:
            whole["content-length"] = str(length)
        if self._signer is not None:
            request = HttpRequest(method, self._origin + target, whole)
            self._signer.on_request(PipelineRequest(request, PipelineContext(None)))
            return dict(request.headers)
        if self._identity.account.tokens is not None:
            whole["authorization"] = f"Bearer {self._identity.bearer_token()[0]}"
        return whole


def _signer(account: Account) -> Any:
    policy: Any = SharedKeyCredentialPolicy
    return policy(account.name, account.key) if account.key else None
