"""s3fs's client: calls that are rarely needed, with their oddities, which nobody should write twice."""

import os
import ssl
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from vfs.engine.backends.fsspec_backend import call
from vfs.engine.backends.objects.retrying import Retrying
from vfs.engine.backends.s3.errors import s3_errors
from vfs.engine.backends.s3.identity import Identity
from vfs.engine.backends.s3.options import S3Options
from vfs.engine.errors import StorageError

if TYPE_CHECKING:
    import s3fs

_SYSTEM_CERTIFICATES = ("/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt")
"""Where distributions keep them, for a Python whose OpenSSL was built to look elsewhere."""


class S3fsCalls:
    """Calls of the S3 API by botocore's names for them. Connects at the first one.

    Until then s3fs is not imported: with what it brings along that takes as long as all the rest of a start.
    """

    def __init__(self, options: S3Options, identity: Identity, retrying: Retrying) -> None:
        self._options = options
        self._identity = identity
        self._retrying = retrying
        self._lock = threading.Lock()
        self._system: Any = None
        self._client: Any = None

    def call(
        self,
        method: str,
        path: str,
        *,
        settle: Callable[[StorageError], dict[str, Any]] | None = None,
        timeout: float | None = None,
        **arguments: Any,
    ) -> dict[str, Any]:
        """What the store answers; errors are ours and name `path`. `settle`: see `Retrying.run`."""
        return self._retrying.run(
            lambda: self._once(method, path, timeout or self._options.timeout, arguments), settle=settle
        )

    def presigned(self, object_key: str, path: str, expires_in: int) -> str:
        """A URL that reads one object without credentials for so many seconds."""
        arguments = {
            "ClientMethod": "get_object",
            "Params": {"Bucket": self._options.bucket, "Key": object_key},
            "ExpiresIn": expires_in,
        }
        with s3_errors(path, self._options.store_name):
            client = self._connected()
            url = call(
                self._system.loop, client.generate_presigned_url, timeout=self._options.timeout, **arguments
            )
        return str(url)

    def system(self) -> "s3fs.S3FileSystem":
        """The connected driver itself. Errors are ours."""
        with s3_errors("", self._options.store_name):
            self._connected()
            return self._system

    def close(self) -> None:
        with self._lock:
            if self._client is not None:
                self._system.close_session(self._system.loop, self._client)
                self._client = None

    def _once(self, method: str, path: str, timeout: float, arguments: dict[str, Any]) -> dict[str, Any]:
        options = self._options
        with s3_errors(path, options.store_name):
            act = getattr(self._connected(), method)
            answer: dict[str, Any] = call(
                self._system.loop, act, timeout=timeout, Bucket=options.bucket, **arguments
            )
        return answer

    def _connected(self) -> Any:
        with self._lock:
            if self._client is None:
                import s3fs

                self._system = s3fs.S3FileSystem(
                    skip_instance_cache=True,
                    use_listings_cache=False,
                    endpoint_url=self._identity.endpoint,
                    client_kwargs={
                        "region_name": self._identity.region,
                        "verify": self._identity.authorities or _authorities(),
                    },
                    config_kwargs=self._config(),
                    **self._identity.for_s3fs(),
                )
                self._client = call(
                    self._system.loop, self._system.set_session, timeout=self._options.timeout
                )
            return self._client

    def _config(self) -> dict[str, Any]:
        """No tries but ours, no checksums that only AWS knows."""
        options, proxy = self._options, self._identity.proxy
        scheme = self._identity.endpoint.partition(":")[0]
        return {
            "proxies": {scheme: proxy.url} if proxy is not None else {},
            "connect_timeout": options.timeout,
            "read_timeout": max(options.timeout, options.deadline),
            "retries": {"total_max_attempts": 1, "mode": "standard"},
            "max_pool_connections": options.connections,
            "request_checksum_calculation": "when_required",
            "response_checksum_validation": "when_required",
            "s3": {"addressing_style": "path" if options.path_style else "virtual"},
        } | ({} if options.anon else {"signature_version": "s3v4"})


def _authorities() -> str | bool:
    """The file of certificates that this machine trusts: botocore would bring a list of its own.

    The other clients of a mount ask OpenSSL and the system; all are to trust the same. True: that list.
    """
    found = ssl.get_default_verify_paths().cafile
    return next((file for file in (found, *_SYSTEM_CERTIFICATES) if file and os.path.isfile(file)), True)
