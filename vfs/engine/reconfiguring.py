"""Other settings for open mounts: what is to be opened, altered and closed; bringing a mount to rest."""

# pyright: reportReturnType=false
# It takes a protocol's methods that are a docstring alone for bodies; mypy checks what they return.

import threading
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Protocol

from vfs.engine.errors import BackendUnavailable, ConfigError, ResourceLocked
from vfs.engine.files.tree import FileTree
from vfs.engine.mounts import MountSpec, Settings
from vfs.engine.references import members_of, opening_order


class Door(Protocol):
    """A front door, which is told when mounts come and go. Its methods raise nothing."""

    def mounts_changed(self) -> None:
        """Show the mounts that the manager has now; when this returns, nobody is led to others any more."""

    def let_go(self) -> None:
        """Return when no call that had begun before uses a mount that is gone."""


@dataclass(frozen=True, slots=True)
class Patience:
    """Seconds to wait for what keeps a mount from being closed."""

    unsent: float = 60.0
    """Until its store has everything that was written."""
    open_files: float = 5.0
    """Until its files are closed; opening others waits meanwhile."""


PATIENCE = Patience()
"""What a reload has."""


@dataclass(frozen=True, slots=True)
class MountChanges:
    """What other settings mean for the mounts, by name. An altered mount is closed, and opened anew."""

    added: tuple[str, ...] = ()
    altered: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()

    @property
    def opening(self) -> frozenset[str]:
        return frozenset(self.added + self.altered)

    @property
    def closing(self) -> frozenset[str]:
        return frozenset(self.altered + self.removed)


def changes_between(present: Mapping[str, MountSpec], settings: Settings, wanted: Settings) -> MountChanges:
    """What the wanted settings change; a mount that stands on an altered one is altered as well.

    Raises ConfigError where they differ in what rules the whole process.
    """
    for key in ("cache", "state"):
        if getattr(settings, key) != getattr(wanted, key):
            raise ConfigError(f"{key}: cannot be changed while mounts are served; start anew for that")
    altered: set[str] = set()
    for spec in opening_order(wanted.mounts):
        known = present.get(spec.name)
        if known is not None and (known != spec or altered.intersection(members_of(spec))):
            altered.add(spec.name)
    names = [spec.name for spec in wanted.mounts]
    return MountChanges(
        added=tuple(name for name in names if name not in present),
        altered=tuple(name for name in names if name in altered),
        removed=tuple(name for name in present if name not in names),
    )


@contextmanager
def at_rest(trees: Sequence[FileTree], patience: Patience) -> Iterator[None]:
    """Inside, nothing is open on these trees, nothing is unsent, and whoever opens something waits.

    Afterwards they are gone: opening anything is Conflict. If the inside raises, they go on as before.
    Raises ResourceLocked while files stay open, BackendUnavailable where sending takes too long, and what
    it raises.
    """
    _send(trees, patience.unsent)
    try:
        for tree in trees:
            _check_closed(tree, patience.open_files)
        _send(trees, patience.unsent)
        yield
    except BaseException:
        for tree in trees:
            tree.uses.resume()
        raise
    for tree in trees:
        tree.uses.retire()


def _check_closed(tree: FileTree, patience: float) -> None:
    if still_open := tree.uses.pause(patience):
        raise ResourceLocked(
            f"{still_open} open file(s); close them, and try again: nothing was changed", mount=tree.name
        )


def _send(trees: Sequence[FileTree], patience: float) -> None:
    """Have everything sent, but wait no longer than this: a store may be out of reach for days."""
    sent: Future[None] = Future()

    def send() -> None:
        try:
            for tree in trees:
                tree.flush()
        except BaseException as error:  # noqa: BLE001 - raised where it is waited for
            sent.set_exception(error)
        else:
            sent.set_result(None)

    threading.Thread(target=send, name="vfs-send-before-closing", daemon=True).start()
    try:
        sent.result(patience)
    except TimeoutError:
        left = [file for tree in trees for file in tree.unsent()]
        mounts = ", ".join(sorted({file.mount for file in left}))
        raise BackendUnavailable(
            f"{len(left)} file(s) of {mounts} are not in their store yet: nothing was changed"
        ) from None
