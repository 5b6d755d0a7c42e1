"""What the front page of a library of object stores shows, with our stores and our configuration."""

import asyncio
import textwrap
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import trio

import vfs
from tests.servers.seaweed import ACCESS_KEY, REGION, SECRET_KEY, SeaweedServer
from vfs import stores
from vfs.aio.stores import (
    AsyncBucketStore,
    AsyncDictStore,
    AsyncFilesystemStore,
    AsyncHashdirStore,
    AsyncSqliteStore,
    AsyncZipStore,
)
from vfs.config import settings_from
from vfs.stores import (
    BucketStore,
    DictStore,
    FilesystemStore,
    HashdirStore,
    SqliteStore,
    Store,
    StoreFactory,
    ZipStore,
    clear_store,
    copy_store,
    sync_stores,
)

Written = Callable[[str], Path]


@pytest.fixture
def written(tmp_path: Path) -> Written:
    """Writes a configuration file and tells where."""

    def write(text: str) -> Path:
        (tmp_path / "example.yaml").write_text(textwrap.dedent(text))
        return tmp_path / "example.yaml"

    return write


def test_to_use_an_object_store(tmp_path: Path) -> None:
    """Made by its class, then put, get, exists, delete and keys."""
    store = FilesystemStore(tmp_path / "storage" / "directory")
    store.put("my_object_key", b"my object data")
    assert store.get("my_object_key") == b"my object data"
    assert store.exists("my_object_key")
    assert list(store.keys()) == ["my_object_key"]
    store.delete("my_object_key")
    assert not store.exists("my_object_key")
    with pytest.raises(KeyError):
        store.get("my_object_key")
    store.close()
    assert (tmp_path / "storage" / "directory").is_dir()


def opened(kind: str, folder: Path) -> Store:
    made: dict[str, Callable[[], Store]] = {
        "DictStore": DictStore,
        "FilesystemStore": lambda: FilesystemStore(folder / "files"),
        "HashdirStore": lambda: HashdirStore(folder / "hashed", width=2, depth=3),
        "SqliteStore": lambda: SqliteStore(folder / "store.db"),
        "ZipStore": lambda: ZipStore(folder / "store.zip"),
    }
    return made[kind]()


@pytest.mark.parametrize("kind", ["DictStore", "FilesystemStore", "HashdirStore", "SqliteStore", "ZipStore"])
def test_concrete_implementations(tmp_path: Path, kind: str) -> None:
    """Each keeps bytes under keys, and all but memory keep them for the next time."""
    with opened(kind, tmp_path) as store:
        store.put("a/b", b"1")
        store.put("c", b"2")
        assert dict(store) == {"a/b": b"1", "c": b"2"}
    with opened(kind, tmp_path) as store:
        assert dict(store) == ({} if kind == "DictStore" else {"a/b": b"1", "c": b"2"})


def test_list_all_object_keys_of_s3_stores(seaweed: SeaweedServer, bucket: str) -> None:
    """They come as they are listed."""
    with BucketStore(bucket, seaweed.url, ACCESS_KEY, SECRET_KEY, region=REGION) as store:
        for key in ("a", "b/c", "d"):
            store.put(key, key.encode())
        assert next(iter(store.keys())) in {"a", "b/c", "d"}
        assert sorted(key for key in store.keys()) == ["a", "b/c", "d"]  # noqa: SIM118 - as the example has it


def test_stateful_stores_as_context_managers(tmp_path: Path) -> None:
    """The `with` block closes the database."""
    with SqliteStore(tmp_path / "db.sqlite") as store:
        store.put("my_object_key", b"my object data")
        assert store.get("my_object_key") == b"my object data"
    assert (tmp_path / "db.sqlite").read_bytes().startswith(b"SQLite format 3")


def test_configuration_schema(written: Written) -> None:
    """A decorator stands on its base, and `main` is what is built."""
    path = written(
        """
        stores:
          store1:
            type: DictStore
          readonly_store:
            type: ReadonlyStore
            base: store1
        main: readonly_store
        """
    )
    with StoreFactory(path).build() as store:
        store.storage.node("store1:key").write_bytes(b"data")
        assert store.get("key") == b"data"
        with pytest.raises(vfs.PermissionDenied):
            store.put("key", b"other")


def test_configuration_schema_initialization_parameters(
    written: Written, seaweed: SeaweedServer, bucket: str
) -> None:
    """They stand in `config`, under the names of the class's arguments."""
    path = written(
        f"""
        stores:
          async_store:
            type: AsyncBucketStore
            config:
              endpoint_url: {seaweed.url}
              s3_access_key: {ACCESS_KEY}
              s3_secret_key: {SECRET_KEY}
              bucket_name: {bucket}
              region: {REGION}
        main: async_store
        """
    )
    with StoreFactory(path).build() as store:
        store.put("key", b"data")
        assert seaweed.client().get_object(Bucket=bucket, Key="key")["Body"].read() == b"data"


def test_configuration_schema_caching_and_mirroring_stores(written: Written) -> None:
    """One has two bases by name, the other a list."""
    path = written(
        """
        stores:
          dict_store: {type: DictStore}
          backup_store: {type: DictStore}
          hash_prefix_store: {type: HashPrefixStore, base: dict_store}
          text_store: {type: DictStore}
          text_encoding_store: {type: TextEncodingStore, base: text_store, config: {encoding: utf-16}}
          caching_store:
            type: CachingStore
            base:
              main_store: hash_prefix_store
              cache_store: backup_store
          mirror_store:
            type: MirroringStore
            base:
              - caching_store
              - text_encoding_store
        main: mirror_store
        """
    )
    with StoreFactory(path).build() as store:
        store.put("key", b"text")
        assert store.get("key") == b"text"
        storage = store.storage
        (kept,) = storage.node("dict_store:").glob("*/key")
        assert kept.read_bytes() == b"text"
        assert storage.node("text_store:key").read_text("utf-16") == "text"
        assert storage.node("caching_store:key").read_bytes() == b"text"
        assert storage.node("backup_store:").tree_info().file_count > 0


DECORATED = [
    ("WriteonlyStore", {}, b"data"),
    ("NotifyingStore", {"handlers": ["tests.seeds.test_object_store:notified"]}, b"data"),
    ("LoggingStore", {}, b"data"),
    ("ExceptionLoggingStore", {}, b"data"),
    ("GzipStore", {}, None),
    ("BufferStore", {}, b"data"),
    ("Base64Store", {}, b"ZGF0YQ=="),
    ("KeyValidatingStore", {"validator": "tests.seeds.test_object_store:is_short"}, b"data"),
    ("RegexValidatingStore", {"pattern": "[a-z]+"}, b"data"),
    ("PrefixStore", {"prefix": "below"}, b"data"),
    ("UrlEncodingStore", {}, b"data"),
]

HEARD: list[object] = []


def notified(notification: object) -> None:
    HEARD.append(notification)


def is_short(key: str) -> bool:
    return len(key) < 9


@pytest.mark.parametrize(("kind", "config", "stored"), DECORATED, ids=[row[0] for row in DECORATED])
def test_utilities_for_complex_store_setups(
    tmp_path: Path, kind: str, config: dict[str, object], stored: bytes | None
) -> None:
    """Each decorator is written by its class's name; what it keeps is in its base."""
    settings = settings_from(
        {"stores": {"base": {"type": "DictStore"}, "over": {"type": kind, "base": "base", "config": config}}}
    )
    HEARD.clear()
    with Store(settings, "over") as store:
        store.put("key", b"data")
        (kept,) = store.storage.node("base:").files(recursive=True)
        assert stored is None or kept.read_bytes().rstrip() == stored
        assert kept.path == ("below/key" if kind == "PrefixStore" else "key")
        assert bool(HEARD) is (kind == "NotifyingStore")
        if "Validating" in kind:
            with pytest.raises(vfs.InvalidPath):
                store.put("NOT A GOOD KEY", b"data")


def test_environmental_variables(
    written: Written, monkeypatch: pytest.MonkeyPatch, seaweed: SeaweedServer, bucket: str
) -> None:
    """`${variable}`, and `${variable:-default}` where it may be absent."""
    monkeypatch.setenv("S3_ACCESS_KEY", ACCESS_KEY)
    monkeypatch.setenv("S3_SECRET_KEY", SECRET_KEY)
    monkeypatch.delenv("BUCKET_NAME", raising=False)
    path = written(
        f"""
        stores:
          bucket_store:
            type: BucketStore
            config:
              endpoint_url: {seaweed.url}
              s3_access_key: ${{S3_ACCESS_KEY}}
              s3_secret_key: ${{S3_SECRET_KEY}}
              bucket_name: ${{BUCKET_NAME:-{bucket}}}
              region: {REGION}
        main: bucket_store
        """
    )
    with StoreFactory(path).build() as store:
        store.put("key", b"data")
        assert list(store) == ["key"]
    monkeypatch.delenv("S3_ACCESS_KEY")
    with pytest.raises(vfs.ConfigError, match="S3_ACCESS_KEY is not set"):
        StoreFactory(path)


def test_utility_functions() -> None:
    """Copying all, making equal, removing all."""
    with DictStore() as one, DictStore() as other:
        one.update({"a": b"1", "b/c": b"2"})
        other.update({"a": b"old", "d": b"3"})
        assert copy_store(one, other, overwrite=False).copied == 1
        assert dict(other) == {"a": b"old", "b/c": b"2", "d": b"3"}
        assert copy_store(one, other).copied == 2
        other["a"] = b"X"
        sync_stores(one, other, delete=True)
        assert dict(other) == dict(one) == {"a": b"1", "b/c": b"2"}
        clear_store(other)
        assert dict(other) == {}


def test_asynchronous_interface(seaweed: SeaweedServer, bucket: str) -> None:
    """The bucket's store is opened by `async with`, and each act is awaited."""

    async def main() -> bytes:
        async with AsyncBucketStore(
            bucket_name=bucket,
            endpoint_url=seaweed.url,
            s3_access_key=ACCESS_KEY,
            s3_secret_key=SECRET_KEY,
            region=REGION,
        ) as store:
            await store.put("my_object_key", b"my object data")
            return await store.get("my_object_key")

    assert asyncio.run(main()) == b"my object data"


@pytest.mark.parametrize("run", [asyncio.run, trio.run], ids=["asyncio", "trio"])
def test_asyncio_based_implementations(tmp_path: Path, run: Callable[..., Any]) -> None:
    """Each store has a twin with the same arguments, on either loop."""

    async def main() -> list[str]:
        found = []
        for opening in (
            AsyncDictStore(),
            AsyncFilesystemStore(tmp_path / "files"),
            AsyncHashdirStore(tmp_path / "hashed", depth=2),
            AsyncSqliteStore(tmp_path / "store.db"),
            AsyncZipStore(tmp_path / "store.zip"),
        ):
            async with opening as store:
                await store.put("key", b"data")
                assert await store.exists("key")
                found += [key async for key in store.keys()]  # noqa: SIM118
        return found

    example = main()
    assert (run(example) if run is asyncio.run else run(lambda: example)) == ["key"] * 5


@pytest.mark.parametrize(
    ("kind", "config", "stored"),
    [
        (stores.Base64Store, {}, {"a/b": b"dGV4dA==\n\n"}),
        (stores.BufferStore, {}, {"a/b": b"text"}),
        (stores.ExceptionLoggingStore, {}, {"a/b": b"text"}),
        (stores.KeyValidatingStore, {"validator": lambda key: "x" not in key}, {"a/b": b"text"}),
        (stores.LoggingStore, {"store_name": "seen"}, {"a/b": b"text"}),
        (stores.NotifyingStore, {"handlers": [print]}, {"a/b": b"text"}),
        (stores.PrefixStore, {"prefix": "below"}, {"below/a/b": b"text"}),
        (stores.RegexValidatingStore, {"pattern": "[a-z/]+"}, {"a/b": b"text"}),
        (stores.TextEncodingStore, {"encoding": "utf-16-le"}, {"a/b": "text".encode("utf-16-le")}),
        (stores.UrlEncodingStore, {}, {"a/b": b"text"}),
    ],
)
def test_decorators_around_a_store(
    kind: type[stores.DecoratedStore], config: dict[str, Any], stored: dict[str, bytes]
) -> None:
    """Each is a store of its own over its base, which shows what is kept."""
    with DictStore() as base:
        over = kind(base, **config)
        over.put("a/b", b"text")
        assert over.get("a/b") == b"text"
        assert dict(base) == stored


def test_decorators_that_refuse() -> None:
    """`ReadonlyStore`, `WriteonlyStore`, `UrlValidatingStore`; a wrong word is told."""
    with DictStore() as base:
        base.put("a", b"1")
        readonly, writeonly = stores.ReadonlyStore(base), stores.WriteonlyStore(base)
        assert readonly.get("a") == b"1"
        with pytest.raises(vfs.PermissionDenied):
            readonly.put("b", b"2")
        writeonly.put("b", b"2")
        with pytest.raises(vfs.PermissionDenied):
            writeonly.get("a")
        assert readonly.get("b") == b"2"
        with pytest.raises(vfs.InvalidPath):
            stores.UrlValidatingStore(base).put("no-url", b"3")
        with pytest.raises(vfs.ConfigError, match="unknown"):
            stores.PrefixStore(base, prefex="p")


def test_decorators_in_a_row() -> None:
    """A decorator is a base too; contents and keys are changed one after the other."""
    with DictStore() as base:
        packed = stores.HashPrefixStore(stores.GzipStore(base), hash_length=2)
        packed.put("a", b"text")
        (stored,) = base.values()
        assert stored[:2] == b"\x1f\x8b"
        assert packed.get("a") == b"text"
        assert list(packed) == ["a"]


def test_asyncio_decorators() -> None:
    """Each decorator has a twin for loops, which takes a store that is open."""
    decorators = {kind.__name__ for kind in stores.DecoratedStore.__subclasses__()}
    assert {f"Async{name}" for name in decorators} <= set(vars(vfs.aio.stores))

    async def example() -> None:
        async with AsyncDictStore() as base:
            packed = vfs.aio.stores.AsyncPrefixStore(vfs.aio.stores.AsyncGzipStore(base), prefix="below")
            await packed.put("a", b"text")
            assert await packed.get("a") == b"text"
            assert [key async for key in base] == ["below/a"]
            with pytest.raises(vfs.PermissionDenied):
                await vfs.aio.stores.AsyncReadonlyStore(base).put("b", b"1")

    for run in (lambda: asyncio.run(example()), lambda: trio.run(example)):
        run()
