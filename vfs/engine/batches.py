"""Acts on many places at once, in any mounts: several at a time, and every failure told with its place."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TypeVar

from vfs.engine.errors import StorageError
from vfs.engine.nodes import StorageNode
from vfs.engine.workers import Workers

WORKERS = 16
"""Places that are acted on at once, unless told otherwise."""

ItemT = TypeVar("ItemT")
ResultT = TypeVar("ResultT")


@dataclass(frozen=True, slots=True)
class BatchResult:
    """What came of a batch, by full path, in the order given. True where nothing failed."""

    succeeded: tuple[str, ...]
    failed: Mapping[str, StorageError]

    @property
    def all_succeeded(self) -> bool:
        return not self.failed

    @property
    def total(self) -> int:
        return len(self.succeeded) + len(self.failed)

    def __bool__(self) -> bool:
        return self.all_succeeded


def delete(
    nodes: Iterable[StorageNode], *, recursive: bool, missing_ok: bool, stop_on_error: bool, workers: int
) -> BatchResult:
    """Delete each as `StorageNode.delete` does."""
    return _collected(
        ((node.fullpath, node) for node in nodes),
        lambda node: node.delete(recursive=recursive, missing_ok=missing_ok),
        stop_on_error,
        workers,
    )


def copy(
    pairs: Iterable[tuple[StorageNode, StorageNode]], *, overwrite: bool, stop_on_error: bool, workers: int
) -> BatchResult:
    """Copy each source to its target as `StorageNode.copy_to` does; told by the sources' paths."""
    return _collected(
        ((source.fullpath, (source, target)) for source, target in pairs),
        lambda pair: pair[0].copy_to(pair[1], overwrite=overwrite).raise_for_failures(),
        stop_on_error,
        workers,
    )


def exists(nodes: Iterable[StorageNode], *, workers: int) -> dict[str, bool]:
    """Whether something stands at each. Raises the first failure: an answer is not made up."""
    found: dict[str, bool] = {}
    for path, outcome in _outcomes(((node.fullpath, node) for node in nodes), StorageNode.exists, workers):
        if isinstance(outcome, StorageError):
            raise outcome
        found[path] = outcome
    return found


def _collected(
    items: Iterable[tuple[str, ItemT]], act: Callable[[ItemT], None], stop_on_error: bool, workers: int
) -> BatchResult:
    succeeded: list[str] = []
    failed: dict[str, StorageError] = {}
    # What must not be begun after a failure cannot be under way beside it.
    for path, outcome in _outcomes(items, act, 1 if stop_on_error else workers):
        if isinstance(outcome, StorageError):
            failed[path] = outcome
            if stop_on_error:
                break
        else:
            succeeded.append(path)
    return BatchResult(tuple(succeeded), failed)


def _outcomes(
    items: Iterable[tuple[str, ItemT]], act: Callable[[ItemT], ResultT], workers: int
) -> Iterator[tuple[str, ResultT | StorageError]]:
    """Each item's path with what came of the act, in order."""
    if workers < 1:
        raise ValueError(f"it takes one worker at least, not {workers}")

    def attempt(item: tuple[str, ItemT]) -> tuple[str, ResultT | StorageError]:
        try:
            return item[0], act(item[1])
        except StorageError as error:
            return item[0], error

    pool = Workers(workers, "vfs-batch")
    try:
        yield from pool.map_bounded(attempt, items, workers)
    finally:
        pool.close()
