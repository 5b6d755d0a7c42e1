"""Behaviours put around a storage: one module each, and the list of their type names."""

from collections.abc import Callable

from vfs.engine.backend import Backend
from vfs.engine.registry import LazyType, Registry

LAYER_TYPES: Registry[Callable[..., Backend]] = Registry(
    "layer",
    {
        "base64": LazyType("vfs.engine.layers.base64:Base64Layer:Base64Options"),
        "buffer": LazyType("vfs.engine.layers.buffer:BufferLayer:BufferOptions"),
        "cache": LazyType("vfs.engine.layers.cache:open_cache:CacheOptions", composes=True),
        "encrypt": LazyType("vfs.engine.layers.encrypt:EncryptLayer:EncryptOptions", extra="encrypt"),
        "gzip": LazyType("vfs.engine.layers.gzip:GzipLayer:GzipOptions"),
        "hash_prefix": LazyType("vfs.engine.layers.hash_prefix:HashPrefixLayer:HashPrefixOptions"),
        "json": LazyType("vfs.engine.layers.json:JsonLayer:JsonOptions"),
        "log": LazyType("vfs.engine.layers.log:LogLayer:LogOptions"),
        "notify": LazyType("vfs.engine.layers.notify:NotifyLayer:NotifyOptions"),
        "permissions": LazyType("vfs.engine.layers.permissions:allow:PermissionsOptions"),
        "prefix": LazyType("vfs.engine.layers.prefix:PrefixLayer:PrefixOptions"),
        "readonly": LazyType("vfs.engine.layers.readonly:ReadOnlyLayer:ReadOnlyOptions"),
        "retry": LazyType("vfs.engine.layers.retry:RetryLayer:RetryOptions"),
        "text": LazyType("vfs.engine.layers.text:TextLayer:TextOptions"),
        "url_encode": LazyType("vfs.engine.layers.url_encode:UrlEncodeLayer:UrlEncodeOptions"),
        "validate": LazyType("vfs.engine.layers.validate:ValidateLayer:ValidateOptions"),
        "versioned": LazyType("vfs.engine.layers.versioned:VersionedLayer:VersionedOptions"),
        "writeonly": LazyType("vfs.engine.layers.writeonly:WriteOnlyLayer:WriteOnlyOptions"),
    },
    group="vfs.layers",
)
"""Each is built from the backend it goes around and its own options; one that composes also from a
`Composition`."""
