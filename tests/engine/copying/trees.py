"""Trees of nodes as dicts: path to bytes of a file, None for a folder, text for a symlink's target."""

from collections.abc import Mapping

from vfs.engine.entries import EntryKind
from vfs.engine.nodes import StorageNode

Tree = Mapping[str, bytes | str | None]


def put(top: StorageNode, tree: Tree) -> None:
    """Make all of it below a folder."""
    for path, content in tree.items():
        node = top / path
        if content is None:
            node.mkdir(parents=True, exist_ok=True)
        elif isinstance(content, str):
            node._tree.make_symlink(node.path, content)
        else:
            node.write_bytes(content)


def found(top: StorageNode) -> dict[str, bytes | str | None]:
    """All that is below a folder; nothing where there is none."""
    tree: dict[str, bytes | str | None] = {}
    if not top.exists():
        return tree
    for folder, folders, others in top.walk():
        for name in folders:
            tree[relative(folder / name, top)] = None
        for name in others:
            tree[relative(folder / name, top)] = _content(folder / name)
    return tree


def files(tree: Tree) -> dict[str, bytes]:
    """Without folders and symlinks."""
    return {path: content for path, content in tree.items() if isinstance(content, bytes)}


def relative(node: StorageNode, top: StorageNode) -> str:
    return node.path[len(top.path) :].lstrip("/")


def _content(node: StorageNode) -> bytes | str:
    if node.stat().kind is EntryKind.SYMLINK:
        return node._tree.read_symlink(node.path)
    return node.read_bytes()
