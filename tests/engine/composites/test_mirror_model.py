"""A mirror whose members fail at random, against a plain dictionary of what its users were told."""

import contextlib
import random
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.engine.composites.mirrors import Pair
from tests.mounts.waiting import wait_until
from vfs.engine.backend import Backend, Copies, Moves
from vfs.engine.entries import Attributes
from vfs.engine.errors import AlreadyExists, BackendUnavailable, NotFound, StorageError
from vfs.engine.layers.acts import Act
from vfs.testing.limits import ability, content

KEYS = [f"{folder}/{name}" for folder in ("a", "a/deep", "b") for name in "fg"]


class Users:
    """Does random things to a mirror, and knows what must be there.

    What failed without an answer may be seen, or not, until the members were compared.
    """

    def __init__(self, pair: Pair, seed: int) -> None:
        self.pair = pair
        self.numbers = random.Random(seed)
        self.known: dict[str, set[bytes | None]] = {key: {None} for key in KEYS}
        self.written = 0

    def act(self) -> None:
        doing = self.numbers.choice([self.write, self.write, self.delete, self.copy, self.move, self.look])
        doing()

    def write(self) -> None:
        key = self.numbers.choice(KEYS)
        self.written += 1
        data = f"{self.written}".encode() * self.numbers.choice([1, 1000])
        self._changed({key: data}, lambda: self.pair.mirror.write(key, iter([data])))

    def delete(self) -> None:
        key = self.numbers.choice(KEYS)
        self._changed({key: None}, lambda: self.pair.mirror.delete(key))

    def copy(self) -> None:
        source, target = self.numbers.sample(KEYS, 2)
        if len(self.known[source]) == 1 and None not in self.known[source]:
            (data,) = self.known[source]
            self._changed({target: data}, lambda: ability(self.pair.mirror, Copies).copy(source, target))

    def move(self) -> None:
        """Folders change places: everything below goes along."""
        if any(len(states) > 1 for states in self.known.values()):
            return
        moved = {key: "b" + key[1:] if key[0] == "a" else "a" + key[1:] for key in KEYS}
        if any(key not in KEYS for key in moved.values() if self.known.get(key, {None}) != {None}):
            return
        ends = {key: next(iter(states)) for key, states in self.known.items()}
        if any(ends[key] is not None for key in KEYS if key.startswith("a/deep")):
            return
        exchanged = {moved[key]: ends[key] for key in KEYS if moved[key] in KEYS}
        self._changed(
            exchanged | {key: None for key in KEYS if key.startswith("a/deep")},
            lambda: ability(self.pair.mirror, Moves).move("a", "b", exchange=True),
        )

    def look(self) -> None:
        key = self.numbers.choice(KEYS)
        try:
            seen: bytes | None = content(self.pair.mirror, key)
        except NotFound:
            seen = None
        except StorageError:
            return
        assert seen in self.known[key], key

    def _changed(self, after: dict[str, bytes | None], change) -> None:
        try:
            change()
        except NotFound:
            return
        except BackendUnavailable:
            for key, data in after.items():
                self.known[key] = self.known[key] | {data}
            return
        except StorageError:
            return
        for key, data in after.items():
            self.known[key] = {data}


def files(backend: Backend, folder: str = "") -> Iterator[tuple[str, bytes]]:
    for entry in backend.list(folder):
        key = f"{folder}/{entry.name}" if folder else entry.name
        if entry.is_folder:
            yield from files(backend, key)
        else:
            yield key, content(backend, key)


def disturb(pair: Pair, numbers: random.Random) -> None:
    """Members go and come, one at a time; answers are lost, disks are full."""
    member, other = numbers.sample(pair.both(), 2)
    event = numbers.randrange(8)
    if event == 0 and not other.down.is_set():
        member.down.set()
    elif event in {1, 2}:
        member.down.clear()
    elif event == 3:
        member.losing = {Act.WRITE, Act.DELETE} if not member.losing else set()
    elif event == 4:
        member.failing = {} if member.failing else {Act.WRITE: StorageError("full")}
    elif event == 5:
        pair.mirror.repair()
    elif event == 6:
        pair.restart()


def test_many_threads_and_members_that_come_and_go_end_as_equals(tmp_path: Path) -> None:
    """Changes of one key reach all members in one order, repairs in between included."""
    pair = Pair(tmp_path, pause=0)

    def work(number: int) -> None:
        numbers = random.Random(number)
        for count in range(40):
            key = numbers.choice(KEYS)
            if number == 0:
                numbers.choice([pair.home.down.set, pair.home.down.clear])()
            with contextlib.suppress(NotFound, AlreadyExists):
                act = numbers.choice([0, 0, 1, 2])
                if act == 0:
                    pair.mirror.write(key, iter([f"{number} {count}".encode() * 1000]))
                elif act == 1:
                    pair.mirror.delete(key)
                else:
                    pair.mirror.make_directory(f"new/{key}", attributes=Attributes(mode=0o700))

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(work, range(8)))
    pair.home.down.clear()
    wait_until(lambda: bool(pair.mirror.repair()), 20, "the repair")
    assert dict(files(pair.home)) == dict(files(pair.photos)) == dict(files(pair.mirror))
    assert list(pair.mirror.compare()) == []
    pair.mirror.close()


FOUND = (1, 26, 60, 66)
"""Seeds that found a repair from a member that lagged itself, and folders that files had made."""


@pytest.mark.parametrize(
    "seed", [*FOUND, *range(2, 6), *(pytest.param(n, marks=pytest.mark.slow) for n in range(100, 200))]
)
def test_members_that_fail_at_random_end_as_equals(tmp_path: Path, seed: int) -> None:
    """What was acknowledged is there, what is read was written, and after a repair both members have it."""
    pair = Pair(tmp_path, pause=0)
    users = Users(pair, seed)
    pair.mirror.make_directory("a")
    pair.mirror.make_directory("b")
    for _ in range(150):
        disturb(pair, users.numbers)
        users.act()
    for member in pair.both():
        member.down.clear()
        member.losing.clear()
        member.failing.clear()
    while pair.mirror.repair().repaired:
        pass
    assert pair.mirror.state().is_whole
    found = dict(files(pair.mirror))
    for key, states in users.known.items():
        assert found.get(key) in states, key
    assert dict(files(pair.home)) == dict(files(pair.photos)) == found
    assert list(pair.mirror.compare()) == []
    pair.mirror.close()
