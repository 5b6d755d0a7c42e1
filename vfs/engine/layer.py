"""A Backend around a Backend. A new behaviour of a mount is one of these, never a flag."""

from collections.abc import Iterable, Iterator, Mapping

from vfs.engine.backend import AbilityT, Backend, Buffer, Source
from vfs.engine.capabilities import Capability
from vfs.engine.entries import Attributes, Entry, WriteResult


class Layer(Backend):
    """Forwards the required calls to `inner`; a subclass overrides what it changes.

    Abilities are not forwarded: `passes` lists the ones that this layer leaves true as they are, and a
    layer that changes one implements it and answers for it in `ability`.
    """

    passes: frozenset[type] = frozenset()
    """Abilities of the inner backend that stay right when called around this layer."""

    def __init__(self, inner: Backend) -> None:
        self.inner = inner
        self.largest_file = inner.largest_file
        self.is_remote = inner.is_remote
        self.lists_cheaply = inner.lists_cheaply
        self.lists_sizes = inner.lists_sizes

    @property
    def capabilities(self) -> frozenset[Capability]:
        return self.inner.capabilities

    def check_key(self, key: str) -> None:
        self.inner.check_key(key)

    def stat(self, key: str) -> Entry:
        return self.inner.stat(key)

    def list(self, key: str) -> Iterator[Entry]:
        return self.inner.list(key)

    def read(
        self,
        key: str,
        start: int = 0,
        end: int | None = None,
        *,
        version: str | None = None,
        if_match: str | None = None,
    ) -> Buffer:
        return self.inner.read(key, start, end, version=version, if_match=if_match)

    def write(
        self,
        key: str,
        source: Source,
        *,
        overwrite: bool = True,
        if_match: str | None = None,
        metadata: Mapping[str, str] | None = None,
        attributes: Attributes | None = None,
    ) -> WriteResult:
        return self.inner.write(
            key, source, overwrite=overwrite, if_match=if_match, metadata=metadata, attributes=attributes
        )

    def delete(self, key: str, *, if_match: str | None = None) -> None:
        self.inner.delete(key, if_match=if_match)

    def make_directory(self, key: str, *, attributes: Attributes | None = None) -> Entry:
        return self.inner.make_directory(key, attributes=attributes)

    def remove_directory(self, key: str) -> None:
        self.inner.remove_directory(key)

    def ability(self, wanted: type[AbilityT]) -> AbilityT | None:
        return self.inner.ability(wanted) if wanted in self.passes else None

    def shown_at(self, member: str, place: str) -> Iterable[str]:
        return self.inner.shown_at(member, place)

    def forget(self, key: str) -> None:
        self.inner.forget(key)

    def close(self) -> None:
        self.inner.close()
