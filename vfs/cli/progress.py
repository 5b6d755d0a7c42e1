"""A bar that shows how far a long act is, where somebody looks at stderr."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from vfs.cli.output import printable

Step = Callable[[int, int], object]
"""Told how many are done, and how many there are."""


@contextmanager
def progress_bar(title: str, *, wanted: bool) -> Iterator[Step | None]:
    """What draws the bar when it is told; None where nobody looks, so that nothing needs to be counted."""
    if not wanted or not sys.stderr.isatty():
        yield None
        return
    # Late: it takes a while to load, and most runs draw nothing.
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(compact=True),
    )
    # What was drawn is gone in the end: what is told about the whole stands on its own.
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task(printable(title), total=None)
        yield lambda done, total: progress.update(task, completed=done, total=total)
