"""A node's file for programs of this machine: as a local path, or in the arguments of a command."""

import os
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Literal, Unpack, overload

from vfs.engine.errors import StorageError
from vfs.engine.files.tree import FileTree
from vfs.engine.mount_errors import naming_mount
from vfs.engine.nodes.live import LiveNode
from vfs.engine.tools.commands import CommandOptions, in_background, run
from vfs.engine.tools.local_files import LocalFile, LocalMode, local_file

Argument = str | os.PathLike[str] | LiveNode
"""A word of a command; a node stands for a path of this machine with its file."""


class NodeTools(LiveNode):
    """A place that programs can work on."""

    __slots__ = ()

    @contextmanager
    def local_path(self, mode: LocalMode = "r") -> Iterator[Path]:
        """A path of this machine with this file, while the `with` block runs.

        On a `local` mount it is the file itself, elsewhere a copy with the same name. `r` is to be read, `w`
        is a free name for a new file, `rw` a file to be changed (a free name where there is none). What the
        block made is stored when it ends, if it differs, and not at all where it fails; the copy is removed
        in any case. Raises NotFound, IsADirectory, PermissionDenied; Conflict where another file was stored
        meanwhile: ours is beside it then, as `name.conflict-<time>`.
        """
        with naming_mount(self._mount, self._key):
            file = local_file(self._tree, self._table.spec(self._mount), self._key, mode)
        try:
            yield file.path
            with naming_mount(self._mount, self._key):
                file.store()
        finally:
            file.close()

    @overload
    def call(
        self,
        *args: Argument,
        callback: Callable[[], object] | None = None,
        async_mode: Literal[False] = False,
        return_output: Literal[False] = False,
        **options: Unpack[CommandOptions],
    ) -> None: ...

    @overload
    def call(
        self,
        *args: Argument,
        callback: Callable[[], object] | None = None,
        async_mode: Literal[False] = False,
        return_output: Literal[True],
        **options: Unpack[CommandOptions],
    ) -> str: ...

    @overload
    def call(
        self,
        *args: Argument,
        callback: Callable[[], object] | None = None,
        async_mode: Literal[True],
        return_output: bool = False,
        **options: Unpack[CommandOptions],
    ) -> Future[str | None]: ...

    def call(
        self,
        *args: Argument,
        callback: Callable[[], object] | None = None,
        async_mode: bool = False,
        return_output: bool = False,
        **options: Unpack[CommandOptions],
    ) -> str | Future[str | None] | None:
        """Run a program; nodes among its arguments are paths of this machine with their files.

        A file that is there can be read and changed, one that is not can be made. What is new or differs is
        stored when the program succeeds, on mounts that are not read-only; copies are removed in any case.
        With `return_output` what the program wrote to stdout comes back. `options` are those of
        `subprocess.run`: `timeout`, `shell`, `cwd`, `env`, `input`, `check` and so on.

        With `async_mode` a thread does all that, and a Future comes back at once. `callback` is called when
        all went well. Raises `subprocess.CalledProcessError` with the end of `stderr`,
        `subprocess.TimeoutExpired` (the program and all it started are killed then), and what `local_path`
        does.
        """
        if not args:
            raise TypeError("call needs a program")

        def act() -> str | None:
            with _Arguments() as arguments:
                words = [arguments.word(argument) for argument in args]
                output = run(words, return_output=return_output, options=options)
                arguments.store()
            if callback is not None:
                callback()
            return output

        return in_background(os.path.basename(str(args[0])), act) if async_mode else act()


class _Arguments(ExitStack):
    """The local files of a command; a place that is named twice has one."""

    def __init__(self) -> None:
        super().__init__()
        self._files: dict[tuple[FileTree, str], tuple[LiveNode, LocalFile]] = {}

    def word(self, argument: Argument) -> str | os.PathLike[str]:
        if not isinstance(argument, LiveNode):
            return argument
        place = (argument._tree, argument.path)
        if place not in self._files:
            with naming_mount(argument.mount, argument.path):
                file = local_file(
                    argument._tree,
                    argument._table.spec(argument.mount),
                    argument.path,
                    "r" if argument._tree.readonly else "rw",
                )
            self.callback(file.close)
            self._files[place] = (argument, file)
        return self._files[place][1].path

    def store(self) -> None:
        """Store what each file became. One that fails keeps no other back; the first failure is raised."""
        failures: list[StorageError] = []
        for node, file in self._files.values():
            try:
                with naming_mount(node.mount, node.path):
                    file.store()
            except StorageError as error:
                failures.append(error)
        if failures:
            for another in failures[1:]:
                failures[0].add_note(f"and {another}")
            raise failures[0]
