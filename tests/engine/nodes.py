"""A manager over mounts of each kind, for tests of nodes."""

from pathlib import Path

from tests.servers import seaweed
from vfs.storage import StorageManager

KINDS = ("local", "memory", "sqlite", "journalled")
"""Mounts by name; `journalled` is a memory mount that acknowledges from disk."""


def storage_in(folder: Path) -> StorageManager:
    """One mount of each kind, with everything they keep in one folder."""
    return StorageManager(
        {
            "mounts": {
                "local": {"type": "local", "path": str(folder / "files"), "create": True},
                "memory": {"type": "memory"},
                "sqlite": {"type": "sqlite", "path": str(folder / "files.db")},
                "journalled": {"type": "memory", "durability": "disk"},
                "locked": {"type": "memory", "permissions": "readonly"},
            },
            "state": str(folder / "state"),
            "cache": {"directory": None, "memory": "16MiB"},
        }
    )


def add_bucket(
    storage: StorageManager, server: seaweed.SeaweedServer, bucket: str, name: str = "s3", **options: str
) -> None:
    """Mount a bucket of the test server."""
    storage.configure(
        [
            {
                "name": name,
                "type": "s3",
                "bucket": bucket,
                "endpoint_url": server.url,
                "region": seaweed.REGION,
                "key": seaweed.ACCESS_KEY,
                "secret": seaweed.SECRET_KEY,
                **options,
            }
        ]
    )
