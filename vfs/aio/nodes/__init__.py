"""Nodes whose acts are awaited, one subject a file, as in `vfs.engine.nodes`; `node` has them all."""

from vfs.aio.nodes.node import AsyncStorageNode

__all__ = ["AsyncStorageNode"]
