"""What a virtual node is made of, as a file in a mount that is made of the same."""

from collections.abc import Iterator, Mapping

from pydantic import ValidationError

from vfs.engine.errors import ConfigError
from vfs.engine.nodes import StorageNode
from vfs.engine.virtual.files.definitions import Part, VirtualFile
from vfs.engine.virtual.nodes.diffnode import DiffNode
from vfs.engine.virtual.nodes.iternode import IterNode
from vfs.engine.virtual.nodes.parts import PartNode
from vfs.engine.virtual.nodes.reading import VirtualNode

Publishable = StorageNode | VirtualNode | Mapping[str, object]
"""A node; or what a configuration says of a virtual file."""


def definition_of(made: Publishable) -> VirtualFile:
    """Raises ConfigError for what no file can be made of: nodes inside that are not stored themselves."""
    if isinstance(made, IterNode):
        parts = tuple(_flat(made, made.separator))
        return VirtualFile(concat=parts, separator=made.separator.decode(errors="surrogateescape"))
    if isinstance(made, DiffNode):
        old, new = (_stored(node) for node in made.nodes)
        return VirtualFile(diff=(old, new), limit=made.limit)
    if isinstance(made, StorageNode | VirtualNode):
        return VirtualFile(concat=(_stored(made),))
    try:
        return VirtualFile.model_validate(made)
    except ValidationError as error:
        told = "; ".join(".".join([*map(str, each["loc"]), each["msg"]]) for each in error.errors())
        raise ConfigError(f"no virtual file: {told}") from error


def _flat(made: IterNode, separator: bytes) -> Iterator[Part]:
    if not made.nodes:
        raise ConfigError("a virtual file is made of one file at least")
    for node in made.nodes:
        if isinstance(node, IterNode) and node.separator == separator:
            yield from _flat(node, separator)
        else:
            yield _stored(node)


def _stored(node: PartNode) -> Part:
    if not isinstance(node, StorageNode):
        raise ConfigError(f"a virtual file is made of files in mounts; publish {node.fullpath} itself first")
    return Part(node.mount, node.path)
