"""The kinds of storage under test, each with its configuration, its store, its declared limits."""

import contextlib
import itertools
import os
import secrets
import shutil
import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import pytest

from tests.mounts.daemon import Daemon, killed_after
from tests.mounts.folders import Folder, Limits
from tests.mounts.samples import MEBIBYTE
from tests.mounts.stores import BackendStore, BucketStore, ContainerStore, DirectoryStore, Store
from tests.servers.azure import ACCOUNT, KEY, AzuriteServer
from tests.servers.gcs import GcsServer
from tests.servers.seaweed import ACCESS_KEY, REGION, SECRET_KEY, SeaweedServer

KINDS = ("plain", "local", "memory", "sqlite", "s3", "azure", "gcs")
"""`plain` is a directory without any mount: it checks the suites themselves."""

EACH_TREE = ("plain", "local", "sqlite", "s3")
"""Files that lie open; a store that renames; one that does not."""

on_each_tree = pytest.mark.parametrize("folder", EACH_TREE, indirect=True)
"""For what the kernel and the tree decide, whatever the store is."""

LIMITS = {
    "plain": Limits(big_file=64 * MEBIBYTE),
    "local": Limits(),
    "memory": Limits(hard_links=False, folder_links_counted=False, many_files=200, big_file=64 * MEBIBYTE),
    "sqlite": Limits(hard_links=False, folder_links_counted=False, many_files=200, big_file=64 * MEBIBYTE),
    "s3": Limits(
        hard_links=False,
        folder_links_counted=False,
        invalid_utf8_names=False,
        max_path_bytes=1024,
        characters_lost_by_the_server="\\",
        atomic_exchange=False,
        many_files=200,
    ),
    "azure": Limits(
        hard_links=False,
        folder_links_counted=False,
        invalid_utf8_names=False,
        max_path_bytes=1024,
        characters_refused="\\\x01\x07\x1f",
        atomic_exchange=False,
        many_files=100,
        big_file=64 * MEBIBYTE,
    ),
    "gcs": Limits(
        hard_links=False,
        folder_links_counted=False,
        invalid_utf8_names=False,
        max_path_bytes=1024,
        atomic_exchange=False,
        gibibytes=False,
        many_files=100,
        big_file=64 * MEBIBYTE,
    ),
}


@dataclass
class Stage:
    """One kind, ready for tests: `root` is the mount point, or the directory of `plain`."""

    kind: str
    root: str
    store: Store | None
    daemon: Daemon | None


class Stages:
    """Starts each kind when it is first wanted, again after its daemon died, and stops all at the end."""

    def __init__(self, fixture: Callable[[str], Any]) -> None:
        self._fixture = fixture
        self._running: dict[str, Stage] = {}
        self._numbers = itertools.count()
        # Other users must reach the folders: pytest's own temporary directories are closed to them.
        self._directory = tempfile.mkdtemp(prefix="vfs-mounts-")
        os.chmod(self._directory, 0o755)

    def __enter__(self) -> "Stages":
        return self

    def __exit__(self, *_: object) -> None:
        daemons = {kind: stage.daemon for kind, stage in self._running.items() if stage.daemon is not None}
        with ThreadPoolExecutor() as pool:
            codes = dict(zip(daemons, pool.map(Daemon.stop, daemons.values()), strict=True))
        shutil.rmtree(self._directory)
        assert not any(codes.values()), f"daemons left with {codes}"

    @contextlib.contextmanager
    def fresh_folder(self, kind: str, hang_seconds: int) -> Iterator[Folder]:
        """A new empty folder on this kind; a call into it that hangs fails after `hang_seconds`."""
        stage = self._stage(kind)
        name = f"t{next(self._numbers)}"
        path = os.path.join(stage.root, name)
        with contextlib.nullcontext() if stage.daemon is None else killed_after(stage.daemon, hang_seconds):
            os.mkdir(path, 0o755)
            store = None if stage.store is None else stage.store.below(name)
            yield Folder(kind, path, store, LIMITS[kind], stage.daemon)

    def _stage(self, kind: str) -> Stage:
        stage = self._running.get(kind)
        if stage is None or (stage.daemon is not None and not stage.daemon.is_running):
            if stage is not None and stage.daemon is not None:
                stage.daemon.clear()
            stage = self._running[kind] = self._start(kind)
        return stage

    def _start(self, kind: str) -> Stage:
        directory = os.path.join(self._directory, f"{kind}{next(self._numbers)}")
        os.mkdir(directory)
        storage, store = STORAGES[kind](directory, self._fixture)
        if storage is None:
            return Stage(kind, directory, store, None)
        daemon = Daemon(directory, storage)
        daemon.start()
        return Stage(kind, daemon.mountpoint, store, daemon)


Storage = tuple[dict[str, object] | None, Store | None]


def plain_storage(directory: str, _: Callable[[str], Any]) -> Storage:
    return None, DirectoryStore(directory)


def local_storage(directory: str, _: Callable[[str], Any]) -> Storage:
    """A folder of this machine behind the mount."""
    beneath = os.path.join(directory, "beneath")
    os.mkdir(beneath)
    return {"type": "local", "path": beneath}, DirectoryStore(beneath)


def memory_storage(_directory: str, _: Callable[[str], Any]) -> Storage:
    """The daemon's own memory: there is no store to look into from outside."""
    return {"type": "memory"}, None


def sqlite_storage(directory: str, _: Callable[[str], Any]) -> Storage:
    """A database file; looked into by a second backend object on the same file."""
    from vfs.engine.backends.sqlite import SqliteBackend, SqliteOptions

    path = os.path.join(directory, "store.db")
    return {"type": "sqlite", "path": path}, BackendStore(SqliteBackend(SqliteOptions(path=path)))


def s3_storage(_directory: str, fixture: Callable[[str], Any]) -> Storage:
    """A new bucket on the S3 server of the test run; it goes with the server."""
    server: SeaweedServer = fixture("seaweed")
    client = server.client()
    bucket = f"mounted-{secrets.token_hex(6)}"
    client.create_bucket(Bucket=bucket)
    return s3_settings(bucket, server.url), BucketStore(client, bucket)


def s3_settings(bucket: str, endpoint_url: str) -> dict[str, object]:
    """A mount of this bucket, by way of the server itself or of a proxy in front of it."""
    return {
        "type": "s3",
        "bucket": bucket,
        "endpoint_url": endpoint_url,
        "region": REGION,
        "key": ACCESS_KEY,
        "secret": SECRET_KEY,
    }


def azure_storage(_directory: str, fixture: Callable[[str], Any]) -> Storage:
    """A new container on the Azure server of the test run; it goes with the server."""
    server: AzuriteServer = fixture("azurite")
    container = server.client().create_container(f"mounted-{secrets.token_hex(6)}")
    return azure_settings(container.container_name, server.url), ContainerStore(container)


def azure_settings(container: str, endpoint_url: str) -> dict[str, object]:
    """A mount of this container, by way of the server itself or of a proxy in front of it."""
    return {
        "type": "azure",
        "container": container,
        "endpoint_url": endpoint_url,
        "account_name": ACCOUNT,
        "account_key": KEY,
    }


def gcs_storage(_directory: str, fixture: Callable[[str], Any]) -> Storage:
    """A new bucket on the GCS server of the test run; looked into by a second backend object on it."""
    from vfs.engine.backends.gcs import GcsBackend, GcsOptions

    server: GcsServer = fixture("gcs")
    settings = {"bucket": server.make_bucket(), "endpoint_url": server.url, "token": "anon"}
    store = BackendStore(GcsBackend(GcsOptions.model_validate(settings)))
    return {"type": "gcs", **settings}, store


STORAGES: dict[str, Callable[[str, Callable[[str], Any]], Storage]] = {
    "plain": plain_storage,
    "local": local_storage,
    "memory": memory_storage,
    "sqlite": sqlite_storage,
    "s3": s3_storage,
    "azure": azure_storage,
    "gcs": gcs_storage,
}
