"""A store in memory that keeps versions, at times that tests set, and tells what it was asked."""

from collections.abc import Iterator, Mapping
from typing import Any

from tests.fakes import ObjectStore
from vfs.engine import paths
from vfs.engine.backend import AbilityT, Buffer
from vfs.engine.capabilities import Capability
from vfs.engine.entries import Entry, Version, WriteResult
from vfs.engine.errors import NotFound
from vfs.engine.histories import History, SweepsVersions
from vfs.engine.layers.versions_dir.layer import VersionsLayer
from vfs.engine.layers.versions_dir.options import VersionsOptions
from vfs.engine.layers.versions_dir.past import Past

SECOND = 1_000_000_000
PAGE = 1000
"""Versions that one request tells."""


class PastStore(ObjectStore):
    """Every write and delete is a version of its second, as in an S3 bucket."""

    def __init__(self) -> None:
        super().__init__()
        self.now = 1_795_000_000
        self.sweeps = True
        self.kept: dict[str, list[tuple[Version, bytes]]] = {}

    @property
    def capabilities(self) -> frozenset[Capability]:
        versions = {Capability.VERSIONING, Capability.VERSION_LISTING, Capability.VERSION_ACCESS}
        return (super().capabilities - {Capability.ATOMIC_MOVE}) | versions

    def ability(self, wanted: type[AbilityT]) -> AbilityT | None:
        return None if wanted is SweepsVersions and not self.sweeps else super().ability(wanted)

    def _publish(self, key: str, node: Any) -> WriteResult:
        result = super()._publish(key, node)
        self.keep(key, bytes(node.content), result.etag)
        return result

    def keep(self, key: str, content: bytes | None, etag: str | None = None) -> Version:
        """One more version, of this second; None is a delete marker."""
        versions = self.kept.setdefault(key, [])
        identity = f"{key}#{len(versions)}"
        versions.append(
            (
                Version(
                    identity,
                    self.now * SECOND,
                    len(content or b""),
                    etag,
                    is_latest=True,
                    is_delete_marker=content is None,
                ),
                content or b"",
            )
        )
        return versions[-1][0]

    def delete(self, key: str, *, if_match: str | None = None) -> None:
        super().delete(key, if_match=if_match)
        self.keep(key, None)

    def read(
        self,
        key: str,
        start: int = 0,
        end: int | None = None,
        *,
        version: str | None = None,
        if_match: str | None = None,
    ) -> Buffer:
        if version is None:
            return super().read(key, start, end, if_match=if_match)
        self._asked("read version")
        for kept, content in self.kept.get(key, ()):
            if kept.id == version:
                return content[start:end]
        raise NotFound(path=key)

    def list_versions(self, key: str) -> list[Version]:
        self._asked("list versions")
        return self._told(key)

    def _told(self, key: str) -> list[Version]:
        kept = [version for version, _ in self.kept.get(key, ())]
        return [_as_latest(version, is_latest=version is kept[-1]) for version in kept]

    def restore_version(self, key: str, version: str) -> WriteResult:
        self._asked("restore")
        content = next(content for kept, content in self.kept[key] if kept.id == version)
        return super().write(key, content)

    def delete_version(self, key: str, version: str) -> None:
        self._asked("delete version")
        self.kept[key] = [kept for kept in self.kept[key] if kept[0].id != version]

    def sweep_versions(self, folder: str, *, deep: bool = False) -> Iterator[History]:
        told, folders = 0, set()
        self._asked("sweep versions")
        for key in sorted(self.kept):
            if not paths.is_below(key, folder):
                continue
            name, _, rest = key[len(folder) + 1 if folder else 0 :].partition("/")
            if rest and not deep:
                below = paths.join(folder, name)
                if below not in folders:
                    folders.add(below)
                    yield History(below, is_folder=True)
                continue
            yield History(key, tuple(self._told(key)))
            told += len(self.kept[key])
            if told >= PAGE:
                told -= PAGE
                self._asked("sweep versions")


def _as_latest(version: Version, *, is_latest: bool) -> Version:
    return Version(
        version.id, version.mtime_ns, version.size, version.etag, is_latest, version.is_delete_marker
    )


class Clock:
    """Seconds that only the test moves."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


def shown(store: PastStore, clock: Clock | None = None, **options: Any) -> VersionsLayer:
    """The store under the layer; what it believes is believed for five seconds of the clock."""
    past = Past(store, store, believed=5.0, now=lambda: float(store.now), clock=clock or Clock())
    return VersionsLayer(store, VersionsOptions(**options), past)


def names(layer: VersionsLayer, folder: str) -> list[str]:
    return [entry.name for entry in layer.list(folder)]


def text(layer: VersionsLayer, key: str) -> str:
    return bytes(layer.read(key)).decode()


def write(store: PastStore, contents: Mapping[str, str]) -> None:
    """Write each, and let a second pass."""
    for key, content in contents.items():
        store.write(key, content.encode())
    store.now += 1


def entries(layer: VersionsLayer, folder: str) -> dict[str, Entry]:
    return {entry.name: entry for entry in layer.list(folder)}
