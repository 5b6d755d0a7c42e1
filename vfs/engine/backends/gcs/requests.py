"""Requests of the JSON API of Cloud Storage: for all but reading bytes."""

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from vfs.engine.backend import Buffer
from vfs.engine.backends.fsspec_backend import translated
from vfs.engine.backends.gcs.identity import Identity
from vfs.engine.backends.gcs.options import GcsOptions
from vfs.engine.backends.objects.answers import MOST, Answer
from vfs.engine.backends.objects.connections import Connections
from vfs.engine.backends.objects.exchange import exchange
from vfs.engine.backends.objects.refusals import error_of_status
from vfs.engine.errors import BackendUnavailable, StorageError

_TOO_FAST = frozenset({"rateLimitExceeded", "userRateLimitExceeded"})
"""Reasons that come with status 403 as well as 429, and pass."""

_API = "/storage/v1"

Query = Mapping[str, str | int | bool]


class JsonRequests:
    """One attempt a call; errors are ours, and what may pass is BackendUnavailable."""

    def __init__(self, options: GcsOptions, identity: Identity) -> None:
        endpoint = urlsplit(options.endpoint)
        self._root = endpoint.path
        self._store = options.store_name
        self._timeout = options.timeout
        self._identity = identity
        self._billed = {"x-goog-user-project": options.billed_project} if options.billed_project else {}
        self._connections = Connections(
            f"{endpoint.scheme}://{endpoint.netloc}",
            options.connections,
            proxy=identity.proxy,
            authorities=identity.authorities,
        )
        self.bucket = f"{_API}/b/{_segment(options.bucket)}"
        self.uploads = f"/upload{self.bucket}/o"

    def object(self, object_key: str, bucket: str | None = None) -> str:
        """The path of an object's resource, in this bucket or in another one."""
        place = self.bucket if bucket is None else f"{_API}/b/{_segment(bucket)}"
        return f"{place}/o/{_segment(object_key)}"

    def rewriting(self, source: str, target: str, source_bucket: str | None = None) -> str:
        """The path of the act that copies one object to another."""
        return f"{self.object(source, source_bucket)}/rewriteTo{self.object(target).removeprefix(_API)}"

    def send(
        self,
        method: str,
        target: str,
        path: str,
        *,
        query: Query | None = None,
        headers: Mapping[str, str] | None = None,
        body: Buffer = b"",
        accept: int = 200,
        timeout: float | None = None,
        most: int = MOST,
    ) -> Answer:
        """Send one request; `path` is for errors.

        Raises what `error_of_status` gives for an answer that is no success, unless its status is `accept`.
        """
        told = {name: str(value).lower() if value is True else value for name, value in (query or {}).items()}
        whole = self._root + target + (f"?{urlencode(told, quote_via=quote)}" if told else "")
        with translated(path, self._store):
            sent = {**self._identity.headers(), **self._billed, **(headers or {})}
            answer = exchange(self._connections, method, whole, sent, body, timeout or self._timeout, most)
        if answer.status >= 300 and answer.status != accept:
            raise self._error(answer, path)
        return answer

    def call(
        self,
        method: str,
        target: str,
        path: str,
        *,
        query: Query | None = None,
        body: Mapping[str, Any] | None = None,
        timeout: float | None = None,
    ) -> dict[str, Any]:
        """Send JSON and read JSON."""
        sent = b"" if body is None else json.dumps(body).encode()
        headers = {} if body is None else {"Content-Type": "application/json"}
        answer = self.send(method, target, path, query=query, headers=headers, body=sent, timeout=timeout)
        return self.parsed(answer.text, path)

    def parsed(self, text: str, path: str) -> dict[str, Any]:
        """The resource that an answer is."""
        try:
            found = json.loads(text)
        except ValueError as error:
            raise StorageError(f"{self._store} answers no JSON; is this a GCS endpoint?", path) from error
        if not isinstance(found, dict):
            raise StorageError(f"{self._store} answers no resource; is this a GCS endpoint?", path)
        return found

    def close(self) -> None:
        self._connections.close()

    def _error(self, answer: Answer, path: str) -> StorageError:
        reason = _reason_in(answer.text)
        if reason in _TOO_FAST:
            return BackendUnavailable(f"{self._store} answered {reason}", path)
        return error_of_status(answer.status, reason, path, self._store)


def _segment(name: str) -> str:
    return quote(name, safe="")


def _reason_in(text: str) -> str:
    """The store's own word for what went wrong; "" where there is none."""
    try:
        return str(json.loads(text)["error"]["errors"][0]["reason"])
    except (ValueError, LookupError, TypeError):
        return ""
