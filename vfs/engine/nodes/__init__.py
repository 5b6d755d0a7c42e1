"""Nodes: handles on places of mounts, one subject a file; `node` has them all."""

from vfs.engine.nodes.node import StorageNode
from vfs.engine.nodes.plan import ResolutionPlan
from vfs.engine.nodes.results import NodeWriteResult

__all__ = ["NodeWriteResult", "ResolutionPlan", "StorageNode"]
