"""Copying and moving what stands at a node's place to another place, in any mount."""

from collections.abc import Callable
from typing import Self

from vfs.engine.copying import CopyOptions, CopySummary, Place, SkipStrategy, copy
from vfs.engine.copying.moving import move
from vfs.engine.copying.options import WORKERS
from vfs.engine.nodes.choices import Choices, Patterns, SkipName
from vfs.engine.nodes.live import LiveNode, telling_place


class NodeTransfer(LiveNode):
    """A place whose entry can go elsewhere."""

    __slots__ = ()

    @telling_place
    def copy_to(
        self,
        target: "LiveNode | str",
        *,
        include: Patterns = (),
        exclude: Patterns = (),
        filter: Callable[[Self, str], bool] | None = None,
        skip: SkipName | SkipStrategy | Callable[[Self, Self], bool] | None = None,
        skip_if: SkipName | SkipStrategy | Callable[[Self, Self], bool] | None = None,
        skip_fn: Callable[[Self, Self], bool] | None = None,
        overwrite: bool = True,
        delete: bool = False,
        verify: bool = False,
        dry_run: bool = False,
        workers: int = WORKERS,
        progress: Callable[[int, int], object] | None = None,
        on_file: Callable[[Self], object] | None = None,
        on_skip: Callable[[Self, str], object] | None = None,
    ) -> CopySummary:
        """Copy this file to that place, or all that is in this folder into that folder.

        What fails with one entry of a tree is in the summary's `failed`, and stops nothing else. For a single
        file, and for what concerns source or target as a whole, it is raised: NotFound; InvalidPath for a
        folder into itself; IsADirectory for a file onto a folder, NotADirectory for a folder onto a file;
        AlreadyExists where `overwrite` is not allowed.

        `include` and `exclude` are patterns of paths below this folder, `filter` is asked `(node, path)` of
        each file that they let through. `skip` (or `skip_if`) is a strategy's name or a function
        `(source, target) -> bool`; with `"custom"` the function is `skip_fn`. `delete` removes from the
        target what this folder has not, once everything was copied. `verify` compares what was stored,
        `dry_run` changes nothing. `progress` is told `(files done, files in all)`, `on_file` each node that
        was copied, `on_skip` each node left alone and why. All functions are called in this thread.
        """
        there = self._other(target)
        choices = Choices(self, there)
        options = CopyOptions(
            skip=choices.skip_rule(skip, skip_if, skip_fn),
            selection=choices.selection(include, exclude, filter),
            overwrite=overwrite,
            verify=verify,
            delete=delete,
            dry_run=dry_run,
            workers=_checked(workers),
            progress=progress,
            on_file=choices.on_file(on_file),
            on_skip=choices.on_skip(on_skip),
        )
        return copy(Place(self._tree, self._key), Place(there._tree, there._key), options)

    @telling_place
    def move_to(
        self,
        target: "LiveNode | str",
        *,
        include: Patterns = (),
        exclude: Patterns = (),
        filter: Callable[[Self, str], bool] | None = None,
        skip: SkipName | SkipStrategy | Callable[[Self, Self], bool] | None = None,
        skip_if: SkipName | SkipStrategy | Callable[[Self, Self], bool] | None = None,
        skip_fn: Callable[[Self, Self], bool] | None = None,
        overwrite: bool = True,
        verify: bool = True,
        workers: int = WORKERS,
        progress: Callable[[int, int], object] | None = None,
        on_file: Callable[[Self], object] | None = None,
        on_skip: Callable[[Self, str], object] | None = None,
    ) -> Self:
        """Give this entry another place, in its mount in one act as rename(2) does; the node there.

        Into another mount everything is copied, compared unless told not to `verify`, and then deleted here.
        The first failure is raised, and nothing is deleted then. Raises AlreadyExists unless `overwrite`, and
        IsADirectory, NotADirectory, DirectoryNotEmpty as rename(2) does.

        The other options are those of `copy_to`. With any that leaves files out or skips them, files go one
        by one into what is there already, and what is left out or skipped stays here.
        """
        there = self._other(target)
        choices = Choices(self, there)
        options = CopyOptions(
            skip=choices.skip_rule(skip, skip_if, skip_fn),
            selection=choices.selection(include, exclude, filter),
            overwrite=overwrite,
            verify=verify,
            workers=_checked(workers),
            progress=progress,
            on_file=choices.on_file(on_file),
            on_skip=choices.on_skip(on_skip),
        )
        move(Place(self._tree, self._key), Place(there._tree, there._key), options)
        return there

    def _other(self, target: "LiveNode | str") -> Self:
        """The node of a path, or of a node that another manager may have made."""
        if isinstance(target, LiveNode):
            return type(self)(target._table, target.mount, target.path)
        tree, key = self._table.resolve(target)
        return type(self)(self._table, tree.name, key)


def _checked(workers: int) -> int:
    if workers < 1:
        raise ValueError(f"workers must be 1 at least, not {workers}")
    return workers
