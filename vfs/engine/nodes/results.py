"""What writing through a node gives back."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Generic, TypedDict, TypeVar

from vfs.engine.entries import WriteResult

NodeT = TypeVar("NodeT")


@dataclass(frozen=True, slots=True)
class NodeWriteResult(WriteResult, Generic[NodeT]):
    """What a write left in the store, and the node that it stands at.

    That is the node written to, but where the storage chooses the place: on a `base64` mount the path is the
    content, so a new content has a new node.
    """

    node: NodeT = field(kw_only=True)


class WriteOptions(TypedDict, total=False):
    """How a whole file is written; `write_bytes` says what each means."""

    overwrite: bool
    if_match: str | None
    metadata: Mapping[str, str] | None
    skip_if_unchanged: bool
