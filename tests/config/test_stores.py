"""Configurations of object stores: each class means a mount of ours, each mistake is told at its key."""

from typing import Any

import pytest

from vfs.config import settings_from
from vfs.config.stores import DECORATORS, KINDS, STORAGES
from vfs.engine.backends import STORAGE_TYPES
from vfs.engine.errors import ConfigError
from vfs.engine.layers import LAYER_TYPES

BASE = {"type": "DictStore"}


def problems_of(stores: Any, **sections: Any) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        settings_from({"stores": stores, **sections})
    return [line.removeprefix("configuration: ") for line in str(caught.value).splitlines()]


def test_every_class_is_a_type_of_ours() -> None:
    """Those that hold something are storages, those around another one layers."""
    assert {kind.name for kind in STORAGES.values()} <= set(STORAGE_TYPES.names)
    assert {kind.name for kind in DECORATORS.values()} <= set(LAYER_TYPES.names)
    assert {*STORAGES, *DECORATORS} < set(KINDS)


def test_twins_are_configured_alike() -> None:
    """A class with `Async` before its name means the same mount."""
    one = settings_from({"stores": {"a": {"type": "AsyncSqliteStore", "config": {"db_path": "/d"}}}})
    other = settings_from({"stores": {"a": {"type": "SqliteStore", "config": {"db_path": "/d"}}}})
    assert one == other == settings_from({"mounts": {"a": {"type": "sqlite", "path": "/d"}}})


@pytest.mark.parametrize(
    ("store", "line"),
    [
        ({}, "stores.a.type: unknown store None; known: "),
        (
            {"type": "SqlliteStore"},
            "stores.a.type: unknown store 'SqlliteStore'; did you mean 'SqliteStore'?",
        ),
        ({"type": "GzipStore"}, "stores.a.base: must be the name of a store"),
        ({"type": "GzipStore", "base": ["b"]}, "stores.a.base: must be the name of a store"),
        ({"type": "MirroringStore", "base": "b"}, "stores.a.base: must be a list of names of stores"),
        ({"type": "CachingStore", "base": {"main_store": "b"}}, "stores.a.base: must be a mapping with main"),
        ({"type": "DictStore", "config": [1]}, "stores.a.config: must be a mapping"),
        ({"type": "DictStore", "cofig": {}}, "stores.a.cofig: unknown key"),
        ({"type": "SqliteStore", "config": {"dbpath": "x"}}, "stores.a.dbpath: unknown key"),
        ({"type": "GzipStore", "base": "none"}, "stores.a.path: there is no mount 'none'"),
        ("DictStore", "stores.a: must be a mapping of keys to values"),
    ],
    ids=str,
)
def test_mistakes_are_told_at_their_key(store: Any, line: str) -> None:
    """The first line says what is wrong and where."""
    assert problems_of({"a": store, "b": BASE})[0].startswith(line)


def test_stores_stand_in_place_of_mounts() -> None:
    """Not beside them, and there must be some."""
    both = problems_of({"a": BASE}, mounts={"m": {"type": "memory"}})
    assert both == ["stores: means the same as 'mounts'; write only one of them"]
    assert problems_of({}) == ["stores: is required: a mapping of names to stores"]


def test_secrets_are_not_repeated() -> None:
    """A mistake beside a secret tells nothing of it."""
    config = {"bucket_name": "b", "s3_secret_key": "hush", "s3_acces_key": "a"}
    (line,) = problems_of({"a": {"type": "BucketStore", "config": config}})
    assert "hush" not in line
