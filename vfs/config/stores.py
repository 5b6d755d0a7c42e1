"""Configurations of object stores: `stores` by class names, decorators with a `base`, as mounts of ours.

A decorator is a mount of its own over its base: the store below stays as it is under its own name.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from vfs.config.problems import KeyPath, Problems
from vfs.engine.spelling import did_you_mean

Keys = dict[str, object]


@dataclass(frozen=True, slots=True)
class _Kind:
    """A type of ours that a class stands for: its own words for our keys, and what it says without saying."""

    name: str
    words: Mapping[str, str] = field(default_factory=dict)
    implied: Mapping[str, object] = field(default_factory=dict)

    def keys(self, config: Mapping[str, object]) -> Keys:
        return {"type": self.name, **self.implied} | {self.words.get(key, key): config[key] for key in config}


_FOLDER = {"root_path": "path"}
_BUCKET = {
    "bucket_name": "bucket",
    "s3_url": "endpoint_url",
    "s3_access_key": "key",
    "s3_secret_key": "secret",
}

STORAGES = {
    "BucketStore": _Kind("s3", _BUCKET),
    "DictStore": _Kind("memory"),
    "FilesystemStore": _Kind("local", _FOLDER, {"create": True}),
    "HashdirStore": _Kind("hashdir", _FOLDER, {"create": True}),
    "SqliteStore": _Kind("sqlite", {"db_path": "path"}),
    "ZipStore": _Kind("zip"),
}
"""The classes that hold something themselves."""

DECORATORS = {
    "Base64Store": _Kind("base64"),
    "BufferStore": _Kind("buffer"),
    "ExceptionLoggingStore": _Kind("log"),
    "GzipStore": _Kind("gzip"),
    "HashPrefixStore": _Kind("hash_prefix", {"hash_length": "length"}),
    "KeyValidatingStore": _Kind("validate", {"validator": "check"}),
    "LoggingStore": _Kind("log", {"store_name": "logger"}, {"level": "info"}),
    "NotifyingStore": _Kind("notify"),
    "PrefixStore": _Kind("prefix"),
    "ReadonlyStore": _Kind("readonly"),
    "RegexValidatingStore": _Kind("validate"),
    "TextEncodingStore": _Kind("text", {"encoding": "stored"}),
    "UrlEncodingStore": _Kind("url_encode"),
    "UrlValidatingStore": _Kind("validate", {}, {"urls": True}),
    "WriteonlyStore": _Kind("writeonly"),
}
"""The classes around one other store: layers."""

KINDS = sorted([*STORAGES, *DECORATORS, "CachingStore", "MirroringStore"])

_ASYNC = "Async"
"""The beginning of the name of a class's asynchronous twin, which is configured alike."""


def as_mount(store: Mapping[str, object], path: KeyPath, problems: Problems) -> Keys | None:
    """The keys of a mount that is as this store; None, and the problem noted, for what is none."""
    kind = str(store.get("type")).removeprefix(_ASYNC)
    config, base = store.get("config") or {}, store.get("base")
    if unknown := store.keys() - {"type", "base", "config"}:
        problems.add((*path, min(unknown)), "unknown key; a store has type, base and config")
    elif not isinstance(config, Mapping):
        problems.add((*path, "config"), "must be a mapping of keys to values")
    elif kind not in KINDS:
        problems.add((*path, "type"), f"unknown store {store.get('type')!r}; {did_you_mean(kind, KINDS)}")
    elif kind in STORAGES:
        return STORAGES[kind].keys(config)
    elif (over := _over(kind, base, config)) is not None:
        return over
    else:
        problems.add((*path, "base"), f"must be {_BASES.get(kind, 'the name of a store')}")
    return None


_BASES = {
    "CachingStore": "a mapping with main_store and cache_store, each the name of a store",
    "MirroringStore": "a list of names of stores",
}


def _over(kind: str, base: object, config: Mapping[str, object]) -> Keys | None:
    """The mount of a decorator; None where its base is not of the form that it needs."""
    match kind, base:
        case "MirroringStore", [*members] if members:
            return {"type": "mirror", "mounts": members, **config}
        case "CachingStore", {"main_store": str(main), "cache_store": str(cache), **rest} if not rest:
            return _layered(main, {"type": "cache", "mount": cache, **config})
        case "MirroringStore" | "CachingStore", _:
            return None
        case _, str(below):
            return _layered(below, DECORATORS[kind].keys(config))
    return None


def _layered(below: str, layer: Keys) -> Keys:
    return {"type": "relative", "path": f"{below}:", "layers": [layer]}
