"""A node's file for programs of this machine, awaited: as a local path, or in the arguments of a command."""

import os
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path
from typing import Any, Literal, Unpack, overload

from vfs.aio.blocks import AsyncBlock
from vfs.aio.nodes.place import AsyncPlace
from vfs.aio.pending import Pending
from vfs.aio.threads import changing
from vfs.engine.nodes import StorageNode
from vfs.engine.tools.commands import CommandOptions
from vfs.engine.tools.local_files import LocalMode

Argument = str | os.PathLike[str] | AsyncPlace | StorageNode
"""A word of a command; a node stands for a path of this machine with its file."""


class AsyncTools(AsyncPlace):
    """A place that programs can work on."""

    __slots__ = ()

    def local_path(self, mode: LocalMode = "r") -> AsyncBlock[Path]:
        """`async with node.local_path() as path`."""
        return AsyncBlock(self._node.local_path(mode))

    @overload
    def call(
        self,
        *args: Argument,
        callback: Callable[[], object] | None = None,
        async_mode: Literal[False] = False,
        return_output: Literal[False] = False,
        **options: Unpack[CommandOptions],
    ) -> Pending[None]: ...

    @overload
    def call(
        self,
        *args: Argument,
        callback: Callable[[], object] | None = None,
        async_mode: Literal[False] = False,
        return_output: Literal[True],
        **options: Unpack[CommandOptions],
    ) -> Pending[str]: ...

    @overload
    def call(
        self,
        *args: Argument,
        callback: Callable[[], object] | None = None,
        async_mode: Literal[True],
        return_output: bool = False,
        **options: Unpack[CommandOptions],
    ) -> Pending[Future[str | None]]: ...

    def call(
        self,
        *args: Argument,
        callback: Callable[[], object] | None = None,
        async_mode: bool = False,
        return_output: bool = False,
        **options: Unpack[CommandOptions],
    ) -> Pending[Any]:
        """The await ends with the program, cancelled or not: `timeout` is for those that may hang."""
        words = [word.sync if isinstance(word, AsyncPlace) else word for word in args]
        call: Any = self._node.call  # its overloads tell what comes back
        return changing(
            lambda: call(
                *words,
                callback=callback,
                async_mode=async_mode,
                return_output=return_output,
                **options,
            )
        )
