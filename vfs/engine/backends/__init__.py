"""The storages that can be mounted: one module each, and the list of their type names."""

from collections.abc import Callable

from vfs.engine.backend import Backend
from vfs.engine.registry import LazyType, Registry

STORAGE_TYPES: Registry[Callable[..., Backend]] = Registry(
    "storage type",
    {
        "azure": LazyType("vfs.engine.backends.azure:AzureBackend:AzureOptions", extra="azure"),
        "base64": LazyType("vfs.engine.backends.base64:Base64Backend:Base64Options"),
        "fsspec": LazyType("vfs.engine.backends.fsspec:FsspecBackend:FsspecOptions"),
        "gcs": LazyType("vfs.engine.backends.gcs:GcsBackend:GcsOptions", extra="gcs"),
        "given": LazyType("vfs.engine.backends.given:open_given:GivenOptions", is_named=False),
        "hashdir": LazyType("vfs.engine.backends.hashdir:HashdirBackend:HashdirOptions"),
        "http": LazyType("vfs.engine.backends.http:HttpBackend:HttpOptions", extra="http"),
        "https": LazyType("vfs.engine.backends.http:HttpBackend:HttpOptions", extra="http"),
        "local": LazyType("vfs.engine.backends.local:LocalBackend:LocalOptions"),
        "memory": LazyType("vfs.engine.backends.memory:MemoryBackend:MemoryOptions"),
        "mirror": LazyType("vfs.engine.composites.mirror:open_mirror:MirrorOptions", composes=True),
        "relative": LazyType("vfs.engine.composites.relative:open_relative:RelativeOptions", composes=True),
        "route": LazyType("vfs.engine.composites.route:open_route:RouteOptions", composes=True),
        "s3": LazyType("vfs.engine.backends.s3:S3Backend:S3Options", extra="s3"),
        "sqlite": LazyType("vfs.engine.backends.sqlite:SqliteBackend:SqliteOptions"),
        "zip": LazyType("vfs.engine.backends.zip:ZipBackend:ZipOptions"),
    },
    group="vfs.backends",
)
"""Each is built from its own options; one that composes also from a `Composition`."""
