"""A folder of the system as entries: one look at each name."""

import os
from collections.abc import Callable, Iterator, Mapping

from vfs.engine.backends.local.attributes import entry_of
from vfs.engine.backends.local.drafts import is_draft
from vfs.engine.entries import Entry


def listed(folder: int, metadata: Callable[[str], Mapping[str, str]] | None) -> Iterator[Entry]:
    """The entries of an open folder, without those that go meanwhile. Raises OSError.

    `metadata` tells those of a file by its name; it is asked when somebody looks at them.
    """
    with os.scandir(folder) as found:
        for item in found:
            name = item.name
            if is_draft(name):
                continue
            try:
                status = os.stat(name, dir_fd=folder, follow_symlinks=False)
            except FileNotFoundError:
                # Removed since the folder was read.
                continue
            yield entry_of(name, status, later=metadata)
