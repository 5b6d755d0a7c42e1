"""Nodes: handles on places of mounts, one subject a file; `node` has them all."""

from vfs.engine.nodes.node import StorageNode

__all__ = ["StorageNode"]
