"""Nodes without a place: what they show is made of other nodes when it is asked for."""

from vfs.engine.virtual.nodes.diffnode import DiffNode
from vfs.engine.virtual.nodes.iternode import IterNode
from vfs.engine.virtual.nodes.past import PastNode
from vfs.engine.virtual.nodes.reading import VirtualNode

__all__ = ["DiffNode", "IterNode", "PastNode", "VirtualNode"]
