"""The layer that shows `.versions` in every folder of a storage that keeps versions."""

import errno
from collections.abc import Callable, Iterator, Sequence
from typing import NoReturn, TypeVar, cast

from vfs.engine import paths
from vfs.engine.aside import ShowsAside
from vfs.engine.backend import AbilityT, Backend, Buffer, KeepsVersions, OpensInPlace
from vfs.engine.entries import Entry, EntryKind
from vfs.engine.errors import CapabilityNotSupported, InvalidPath, NotFound, PermissionDenied
from vfs.engine.layers.acts import READS, Act
from vfs.engine.layers.intercepted_abilities import INTERCEPTED
from vfs.engine.layers.interception import InterceptingLayer
from vfs.engine.layers.versions_dir.abilities import BESIDE
from vfs.engine.layers.versions_dir.names import FOLDER
from vfs.engine.layers.versions_dir.options import VersionsOptions
from vfs.engine.layers.versions_dir.past import BELIEVED, Past
from vfs.engine.layers.versions_dir.places import PastKind, is_past, past_place
from vfs.engine.node_abilities import TellsKinds

ResultT = TypeVar("ResultT")

_OF_TREES = frozenset({Act.MOVE, Act.EXCHANGE})


def with_versions(inner: Backend, options: VersionsOptions, ttl: float | None = None) -> Backend:
    """The storage with its versions shown; itself where it keeps none, or they are not to be shown.

    `ttl` is how long, in seconds, what was learned of a file's past may be believed.
    """
    keeps = None if options.show == "off" else inner.ability(KeepsVersions)
    if keeps is None:
        return inner
    return VersionsLayer(inner, options, Past(inner, keeps, believed=BELIEVED if ttl is None else ttl))


class VersionsLayer(InterceptingLayer):
    """Everything is passed on but what is below a `.versions`; a stored entry of that name is not seen."""

    exposes = frozenset(INTERCEPTED) - {OpensInPlace, TellsKinds}

    def __init__(self, inner: Backend, options: VersionsOptions, past: Past) -> None:
        super().__init__(inner)
        self._options = options
        self.past = past
        self.beneath = inner

    def ability(self, wanted: type[AbilityT]) -> AbilityT | None:
        if wanted is ShowsAside:
            return cast("AbilityT", self)
        passed = super().ability(wanted)
        beside = BESIDE.get(wanted)
        return passed if passed is None or beside is None else cast("AbilityT", beside(self, passed))

    # Entries beside the stored ones

    def is_aside(self, key: str) -> bool:
        return is_past(key)

    def beside(self, folder: str) -> Sequence[Entry]:
        if self._options.show != "visible" or is_past(folder):
            return ()
        return (Entry(FOLDER, EntryKind.FOLDER, mode=0o555),)

    def changed(self, key: str) -> None:
        self.past.histories.forget(key)

    def forget(self, key: str) -> None:
        super().forget(key)
        self.past.histories.forget_all()

    # Calls

    def check_key(self, key: str) -> None:
        if is_past(key):
            paths.check_key(key)
            refuse_change(key)
        super().check_key(key)

    def stat(self, key: str) -> Entry:
        return self._past_stat(key) if is_past(key) else super().stat(key)

    def _past_stat(self, key: str) -> Entry:
        paths.check_key(key)
        return self.past.stat(key)

    def list(self, key: str) -> Iterator[Entry]:
        if is_past(key):
            paths.check_key(key)
            return self.past.entries(key)
        return super().list(key)

    def shown(self, folder: str, entries: Iterator[Entry]) -> Iterator[Entry]:
        return (entry for entry in entries if entry.name != FOLDER)

    def swept(self, folder: str, found: Iterator[tuple[str, Entry]]) -> Iterator[tuple[str, Entry]]:
        return ((key, entry) for key, entry in found if not is_past(key))

    def read(
        self,
        key: str,
        start: int = 0,
        end: int | None = None,
        *,
        version: str | None = None,
        if_match: str | None = None,
    ) -> Buffer:
        if not is_past(key):
            return super().read(key, start, end, version=version, if_match=if_match)
        paths.check_key(key)
        if version is not None:
            raise NotFound("a version has no versions", key)
        return self.past.read(key, start, end, if_match=if_match)

    def delete(self, key: str, *, if_match: str | None = None) -> None:
        if is_past(key):
            self.delete_version(key)
        else:
            super().delete(key, if_match=if_match)

    def delete_version(self, key: str) -> None:
        """Delete the version at a key for ever, where that is allowed; never what a file holds now."""
        paths.check_key(key)
        kept = self.past.kept(key) if past_place(key).kind is PastKind.VERSION else None
        if kept is None or not self._options.delete:
            self.past.stat(key)
            refuse_change(key)
        if kept.version.is_latest:
            raise PermissionDenied("this is what the file holds now: delete the file", key, errno=errno.EPERM)
        keeps = self.ability(KeepsVersions)
        assert keeps is not None
        keeps.delete_version(kept.key, kept.version.id)
        self.past.histories.forget_all()

    def around(self, act: Act, keys: tuple[str, ...], run: Callable[..., ResultT]) -> ResultT:
        aside = next((key for key in keys if is_past(key)), None)
        if aside is not None:
            return cast("ResultT", self._instead(act, aside))
        if act in READS:
            return run(*keys)
        try:
            return run(*keys)
        finally:
            if act in _OF_TREES:
                self.past.histories.forget_all()
            for key in keys:
                self.past.histories.forget(key)

    def _instead(self, act: Act, key: str) -> object:
        """What a call gives that does not know of the past."""
        if act not in READS:
            refuse_change(key)
        self._past_stat(key)
        match act:
            case Act.LIST_XATTRS | Act.LIST_VERSIONS:
                return []
            case Act.SWEEP_VERSIONS:
                return iter(())
            case Act.CONTENT_HASH:
                return None
            case Act.GET_XATTR:
                raise NotFound("there is no such attribute", key, errno=errno.ENODATA)
            case Act.READ_SYMLINK:
                raise InvalidPath("an old version is no symlink", key)
        raise CapabilityNotSupported("this can be asked of present files only", key)


def refuse_change(key: str) -> NoReturn:
    """Raise PermissionDenied with EPERM."""
    raise PermissionDenied("what was cannot be changed", key, errno=errno.EPERM)
