"""Mounts that refer to mounts: which ones they name, what is wrong with that, and what opens first."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Protocol, TypeVar

from pydantic import BaseModel

from vfs.engine.errors import ConfigError
from vfs.engine.option_types import MountName, MountPath
from vfs.engine.spelling import did_you_mean

KeyPath = tuple[str | int, ...]
"""The way to a value in a mount's settings: keys and list positions."""


class Referring(Protocol):
    """What of a mount's settings matters here."""

    @property
    def name(self) -> str: ...

    def references(self) -> Iterator[tuple[KeyPath, str]]:
        """The names of mounts in its options and its layers' options, each with the way to it."""
        ...


ReferringT = TypeVar("ReferringT", bound=Referring)


def references_in(value: object, path: KeyPath = ()) -> Iterator[tuple[KeyPath, str]]:
    """Every mount that a value names, at any depth of models, lists and mappings, with the way to it."""
    if isinstance(value, MountName | MountPath):
        yield path, value.mount
    elif isinstance(value, BaseModel):
        for key in type(value).model_fields:
            yield from references_in(getattr(value, key), (*path, key))
    elif isinstance(value, Mapping):
        for key, item in value.items():
            yield from references_in(item, (*path, str(key)))
    elif isinstance(value, list | tuple):
        for place, item in enumerate(value):
            yield from references_in(item, (*path, place))


def members_of(mount: Referring) -> tuple[str, ...]:
    """The mounts that this one stands on, each once, in the order written."""
    return tuple(dict.fromkeys(name for _, name in mount.references()))


def wrong_references(
    mounts: Sequence[Referring], known: Iterable[str] = ()
) -> Iterator[tuple[str, KeyPath, str]]:
    """What is wrong, as (the mount, the way in its settings, a sentence): unknown names, and each cycle once.

    `known` are names of mounts that are not looked into.
    """
    names = {mount.name for mount in mounts} | set(known)
    for mount in mounts:
        for path, name in mount.references():
            if name not in names:
                guess = did_you_mean(name, names - {mount.name})
                yield mount.name, path, f"there is no mount {name!r}; {guess}"
    yield from _cycles(mounts)


def opening_order(mounts: Sequence[ReferringT]) -> list[ReferringT]:
    """The mounts, each after those that it stands on, otherwise as written. ConfigError for a cycle."""
    by_name = {mount.name: mount for mount in mounts}
    for name, _, sentence in _cycles(mounts):
        raise ConfigError(f"mount {name!r}: {sentence}")
    ordered: dict[str, ReferringT] = {}

    def place(mount: ReferringT) -> None:
        for name in members_of(mount):
            if name in by_name and name not in ordered:
                place(by_name[name])
        ordered.setdefault(mount.name, mount)

    for mount in mounts:
        place(mount)
    return list(ordered.values())


def _cycles(mounts: Sequence[Referring]) -> Iterator[tuple[str, KeyPath, str]]:
    by_name = {mount.name: mount for mount in mounts}
    done: set[str] = set()

    def walk(name: str, way: tuple[str, ...]) -> Iterator[tuple[str, KeyPath, str]]:
        for path, member in by_name[name].references():
            if member in way:
                circle = " -> ".join((*way[way.index(member) :], member))
                yield name, path, f"a mount cannot stand on itself: {circle}"
            elif member in by_name and member not in done:
                yield from walk(member, (*way, member))
        done.add(name)

    for mount in mounts:
        if mount.name not in done:
            yield from walk(mount.name, (mount.name,))
