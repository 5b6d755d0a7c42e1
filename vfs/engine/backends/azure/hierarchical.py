"""Accounts with a hierarchical namespace: folders that are real, and renamed in one act.

Their second endpoint, `dfs`, has the two calls that blobs have not: to make a directory, and to rename.
"""

import base64
import threading
from collections.abc import Mapping
from urllib.parse import quote

from vfs.engine import paths
from vfs.engine.backends.azure.identity import Identity
from vfs.engine.backends.azure.options import AzureOptions
from vfs.engine.backends.azure.signed import SignedRequests
from vfs.engine.backends.azure.stored import encode_name
from vfs.engine.backends.objects.known import KnownPlaces
from vfs.engine.backends.objects.places import Places
from vfs.engine.backends.objects.retrying import Retrying
from vfs.engine.entries import Entry
from vfs.engine.errors import (
    AlreadyExists,
    BackendUnavailable,
    CapabilityNotSupported,
    ConfigError,
    Conflict,
    InvalidPath,
    IsADirectory,
    NotADirectory,
    NotFound,
    StorageError,
)


class Namespace:
    """The namespace of an account, as far as it is more than names of blobs. Thread-safe."""

    def __init__(
        self, options: AzureOptions, identity: Identity, blobs: SignedRequests, retrying: Retrying
    ) -> None:
        self._options = options
        self._blobs = blobs
        self._retrying = retrying
        self._timeout = max(options.timeout, options.deadline)
        self._container = options.container
        endpoint = identity.account.endpoint.replace(".blob.", ".dfs.", 1)
        self._signed = SignedRequests(options, identity, endpoint)
        self._sas = identity.account.sas
        self._lock = threading.Lock()
        self._told: bool | None = False if identity.account.is_anonymous else None

    @property
    def is_hierarchical(self) -> bool:
        """As the options say, or the account; asked once. One that does not say counts as flat."""
        if self._options.hierarchical != "auto":
            return self._options.hierarchical
        with self._lock:
            if self._told is None:
                try:
                    self._told = self._retrying.run(self._asked)
                except BackendUnavailable:
                    return False
                except ConfigError:
                    raise
                except StorageError:
                    self._told = False
            return self._told

    def _asked(self) -> bool:
        """What the account says of itself. Raises PermissionDenied where we may not know."""
        answer = self._blobs.send("GET", query={"restype": "account", "comp": "properties"})
        return answer.headers.get("x-ms-is-hns-enabled", "").lower() == "true"

    def make_directory(self, blob: str, path: str, metadata: Mapping[str, str]) -> None:
        """Make a directory, and those above it, where nothing is. Raises Conflict."""
        headers = {"if-none-match": "*", "x-ms-properties": _properties(metadata)}
        self._send("PUT", blob, path, {"resource": "directory"}, headers)

    def change_directory(self, blob: str, path: str, metadata: Mapping[str, str]) -> None:
        """Give a directory these metadata and no others. Raises NotFound."""
        headers = {"x-ms-properties": _properties(metadata)}
        self._send("PATCH", blob, path, {"action": "setProperties"}, headers)

    def rename(self, source: str, target: str, path: str, *, overwrite: bool) -> None:
        """Give a file, or a directory with all that is in it, another name. Raises Conflict, NotFound."""
        named = f"/{quote(self._container)}/{quote(source, safe='/~')}"
        headers = {"x-ms-rename-source": f"{named}?{self._sas}" if self._sas else named}
        if not overwrite:
            headers["if-none-match"] = "*"
        self._send("PUT", target, path, {}, headers)

    def _send(
        self, method: str, blob: str, path: str, query: dict[str, str], headers: dict[str, str]
    ) -> None:
        self._retrying.run(
            lambda: self._signed.send(
                method, blob, query=query, headers=headers, path=path, timeout=self._timeout
            )
        )

    def close(self) -> None:
        self._signed.close()


class Renames:
    """`Moves` of a hierarchical account."""

    def __init__(self, namespace: Namespace, places: Places, known: KnownPlaces) -> None:
        self._namespace = namespace
        self._places = places
        self._known = known

    def move(self, source: str, target: str, *, overwrite: bool = True, exchange: bool = False) -> None:
        """Two HEADs to know what stands there, and one request that renames."""
        if not source:
            raise InvalidPath("the root cannot be moved", source)
        entry = self._places.stat(source)
        paths.check_key(target)
        if not target or paths.is_below(target, source):
            raise InvalidPath("a folder cannot be moved below itself", target)
        if exchange:
            raise CapabilityNotSupported("Azure cannot exchange two names in one act", source)
        self._check_target(entry, target, overwrite=overwrite)
        if source == target:
            return
        self._rename(source, target, overwrite=overwrite)
        self._known.forget_tree(source)
        self._known.forget_tree(target)

    def _check_target(self, entry: Entry, target: str, *, overwrite: bool) -> None:
        self._places.refuse_below_file(target)
        try:
            taken = self._places.stat(target)
        except NotFound:
            return
        if not overwrite:
            raise AlreadyExists(path=target)
        if taken.is_folder and not entry.is_folder:
            raise IsADirectory(path=target)
        if entry.is_folder and not taken.is_folder:
            raise NotADirectory(path=target)

    def _rename(self, source: str, target: str, *, overwrite: bool) -> None:
        """The store wants the folder above the target to be there."""
        names = self._places.object_key(source), self._places.object_key(target)
        try:
            self._namespace.rename(*names, target, overwrite=overwrite)
        except NotFound:
            above = paths.parent(target)
            if not above or self._is_there(above):
                raise NotFound(path=source) from None
            self._namespace.make_directory(self._places.object_key(above), above, {})
            self._namespace.rename(*names, target, overwrite=overwrite)
        except Conflict as error:
            if not overwrite:
                raise AlreadyExists(path=target) from error
            raise

    def _is_there(self, key: str) -> bool:
        try:
            self._places.stat(key)
        except NotFound:
            return False
        return True


def _properties(metadata: Mapping[str, str]) -> str:
    """Metadata as this endpoint takes them."""
    return ",".join(
        f"{encode_name(name)}={base64.b64encode(value.encode()).decode('ascii')}"
        for name, value in metadata.items()
    )
