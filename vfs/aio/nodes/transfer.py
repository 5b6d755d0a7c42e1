"""Copying, moving and archiving what stands at a node's place, awaited; callbacks run in the thread."""

from collections.abc import Callable
from typing import Any, BinaryIO, Self, overload

from vfs.aio.nodes.place import AsyncPlace, sync_of
from vfs.aio.pending import Pending
from vfs.aio.threads import changing
from vfs.engine.copying import CopySummary, SkipStrategy
from vfs.engine.copying.options import WORKERS
from vfs.engine.nodes import StorageNode
from vfs.engine.nodes.choices import Patterns, SkipName
from vfs.engine.virtual.archives import Compression


class AsyncTransfer(AsyncPlace):
    """A place whose entry can go elsewhere."""

    __slots__ = ()

    def copy_to(
        self,
        target: AsyncPlace | StorageNode | str,
        *,
        include: Patterns = (),
        exclude: Patterns = (),
        filter: Callable[[StorageNode, str], bool] | None = None,
        skip: SkipName | SkipStrategy | Callable[[StorageNode, StorageNode], bool] | None = None,
        skip_if: SkipName | SkipStrategy | Callable[[StorageNode, StorageNode], bool] | None = None,
        skip_fn: Callable[[StorageNode, StorageNode], bool] | None = None,
        overwrite: bool = True,
        delete: bool = False,
        verify: bool = False,
        dry_run: bool = False,
        workers: int = WORKERS,
        progress: Callable[[int, int], object] | None = None,
        on_file: Callable[[StorageNode], object] | None = None,
        on_skip: Callable[[StorageNode, str], object] | None = None,
    ) -> Pending[CopySummary]:
        return changing(
            self._node.copy_to,
            sync_of(target),
            include=include,
            exclude=exclude,
            filter=filter,
            skip=skip,
            skip_if=skip_if,
            skip_fn=skip_fn,
            overwrite=overwrite,
            delete=delete,
            verify=verify,
            dry_run=dry_run,
            workers=workers,
            progress=progress,
            on_file=on_file,
            on_skip=on_skip,
        )

    def move_to(
        self,
        target: AsyncPlace | StorageNode | str,
        *,
        include: Patterns = (),
        exclude: Patterns = (),
        filter: Callable[[StorageNode, str], bool] | None = None,
        skip: SkipName | SkipStrategy | Callable[[StorageNode, StorageNode], bool] | None = None,
        skip_if: SkipName | SkipStrategy | Callable[[StorageNode, StorageNode], bool] | None = None,
        skip_fn: Callable[[StorageNode, StorageNode], bool] | None = None,
        overwrite: bool = True,
        verify: bool = True,
        workers: int = WORKERS,
        progress: Callable[[int, int], object] | None = None,
        on_file: Callable[[StorageNode], object] | None = None,
        on_skip: Callable[[StorageNode, str], object] | None = None,
    ) -> Pending[Self]:
        return changing(
            lambda: self._of(
                self._node.move_to(
                    sync_of(target),
                    include=include,
                    exclude=exclude,
                    filter=filter,
                    skip=skip,
                    skip_if=skip_if,
                    skip_fn=skip_fn,
                    overwrite=overwrite,
                    verify=verify,
                    workers=workers,
                    progress=progress,
                    on_file=on_file,
                    on_skip=on_skip,
                )
            )
        )

    @overload
    def zip(self, target: None = None, *, compression: Compression = "deflate") -> Pending[bytes]: ...

    @overload
    def zip(
        self, target: AsyncPlace | StorageNode | str | BinaryIO, *, compression: Compression = "deflate"
    ) -> Pending[int]: ...

    def zip(
        self,
        target: AsyncPlace | StorageNode | str | BinaryIO | None = None,
        *,
        compression: Compression = "deflate",
    ) -> Pending[Any]:
        act: Any = self._node.zip  # its overloads tell bytes from their number
        there = target.sync if isinstance(target, AsyncPlace) else target
        return changing(lambda: act(there, compression=compression))
