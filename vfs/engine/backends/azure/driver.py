"""adlfs's client: what is asked of the account rather than of blobs, which is little and rare."""

import datetime
import threading
from typing import Any

import adlfs

from vfs.engine.backends.azure.errors import azure_errors
from vfs.engine.backends.azure.identity import Identity
from vfs.engine.backends.azure.options import AzureOptions
from vfs.engine.backends.fsspec_backend import call
from vfs.engine.backends.objects.retrying import Retrying


class AdlfsCalls:
    """Calls of Azure's own client, as adlfs holds it. Connects at the first one."""

    def __init__(self, options: AzureOptions, identity: Identity, retrying: Retrying) -> None:
        self._options = options
        self._identity = identity
        self._retrying = retrying
        self._lock = threading.Lock()
        self._system: Any = None

    def delegation_key(self, ends: datetime.datetime, path: str) -> Any:
        """A key that signs for us until then, for who has a token and no key. Raises PermissionDenied."""
        # A clock that is a little ahead would make the key invalid now.
        starts = datetime.datetime.now(datetime.UTC) - datetime.timedelta(minutes=5)
        return self._call("get_user_delegation_key", path, key_start_time=starts, key_expiry_time=ends)

    def close(self) -> None:
        with self._lock:
            system, self._system = self._system, None
        if system is not None:
            call(system.loop, system.service_client.close, timeout=self._options.timeout)
            if system.credential is not None:
                call(system.loop, system.credential.close, timeout=self._options.timeout)

    def _call(self, method: str, path: str = "", **arguments: Any) -> Any:
        def once() -> Any:
            with azure_errors(path, self._identity.store_name):
                system = self._connected()
                act = getattr(system.service_client, method)
                way = self._identity.way_for_azure()
                return call(
                    system.loop, act, timeout=self._options.timeout, retry_total=0, **way, **arguments
                )

        return self._retrying.run(once)

    def _connected(self) -> Any:
        with self._lock:
            if self._system is None:
                self._system = adlfs.AzureBlobFileSystem(
                    skip_instance_cache=True, use_listings_cache=False, **self._identity.for_adlfs()
                )
            return self._system
