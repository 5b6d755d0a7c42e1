"""A manager over mounts of each kind, for tests of nodes."""

from pathlib import Path

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
            "cache": {"directory": None},
        }
    )
