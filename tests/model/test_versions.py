"""Random writes, deletes, renames and restores through a mount agree with a simple model of histories.

Through the tree that every front door uses, on each storage that keeps versions: what `.versions` shows, its
listings, and folders as they were.
"""

import secrets
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, ClassVar

import hypothesis.strategies as st
import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from tests.mounts.times import wait_for_clock_past
from tests.mounts.versioned import versioned_storage
from vfs.engine.nodes import StorageNode
from vfs.storage import StorageManager

KEYS = ("a", "b*", "sub/c", "sub/c2")
keys = st.sampled_from(KEYS)
contents = st.binary(max_size=3)


class History:
    """What stood at one key: the contents that it had, and what it has now; None for nothing."""

    def __init__(self) -> None:
        self.versions: list[bytes] = []
        self.present: bytes | None = None

    def put(self, content: bytes) -> None:
        self.versions.append(content)
        self.present = content


class Versions(RuleBasedStateMachine):
    """A folder of a mount beside its model."""

    top: ClassVar[StorageNode]
    hands_over: ClassVar[bool]
    """A rename of a name with one version takes that along: the layer `versioned`, and no bucket."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = self.top / secrets.token_hex(4)
        self.folder.mkdir()
        self.past: defaultdict[str, History] = defaultdict(History)
        self.moments: list[tuple[int, dict[str, bytes]]] = []
        self.handed_over: set[str] = set()
        """Names whose past moved: what stood there at earlier moments is told of the other name."""

    def present(self) -> dict[str, bytes]:
        return {key: past.present for key, past in self.past.items() if past.present is not None}

    @rule(key=keys, content=contents)
    def write(self, key: str, content: bytes) -> None:
        (self.folder / key).write_bytes(content)
        self.past[key].put(content)

    @rule(key=keys, content=contents)
    def append(self, key: str, content: bytes) -> None:
        present = self.past[key].present
        if present is not None and content:
            with (self.folder / key).open("ab") as file:
                file.write(content)
            self.past[key].put(present + content)

    @rule(key=keys)
    def delete(self, key: str) -> None:
        if self.past[key].present is not None:
            (self.folder / key).delete()
            self.past[key].present = None

    @rule(old=keys, new=keys)
    def rename(self, old: str, new: str) -> None:
        source = self.past[old]
        if old == new or source.present is None:
            return
        (self.folder / old).move_to(self.folder / new)
        self.past[new].put(source.present)
        source.present = None
        if self.hands_over and len(source.versions) == 1:
            source.versions.clear()
            self.handed_over |= {old, new}

    @rule(key=keys, data=st.data())
    def restore(self, key: str, data: st.DataObject) -> None:
        past = self.past[key]
        if past.versions:
            number = data.draw(st.integers(0, len(past.versions) - 1))
            node = self.shown(key)[number]
            node.copy_to(self.folder / key)
            past.put(past.versions[number])

    @rule()
    def remember_the_moment(self) -> None:
        """Between two acts, as far as any clock can tell."""
        wait_for_clock_past(time.time_ns())
        self.moments.append((time.time_ns(), self.present()))
        wait_for_clock_past(time.time_ns())

    def history(self, key: str) -> StorageNode:
        node = self.folder / key
        return node.parent / ".versions" / node.name

    def shown(self, key: str) -> list[StorageNode]:
        found = self.history(key).children()
        return sorted((version for version in found if version.is_file()), key=lambda version: version.name)

    @invariant()
    def every_version_is_there(self) -> None:
        for key, past in self.past.items():
            if past.versions:
                assert [version.read_bytes() for version in self.shown(key)] == past.versions
            else:
                assert not self.history(key).exists()

    @invariant()
    def listings_tell_present_and_past_names(self) -> None:
        for folder in ("", "sub/"):
            here = {key.removeprefix(folder) for key in self.past if key.startswith(folder)}
            names = {name for name in here if "/" not in name}
            were = {name for name in names if self.past[folder + name].versions}
            are = {name for name in names if self.past[folder + name].present is not None}
            place = self.folder / folder if folder else self.folder
            if not folder or were:
                assert {node.name for node in (place / ".versions").children()} == were
                assert {node.name for node in place.children() if node.is_file()} == are

    def teardown(self) -> None:
        for moment, was in self.moments:
            word = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(moment // 10**9))
            place = self.folder / ".versions" / f"@{word}.{moment // 1000 % 10**6:06}Z"
            found = {node.path[len(place.path) + 1 :]: node.read_bytes() for node in files_below(place)}
            told = [
                {key: content for key, content in side.items() if key not in self.handed_over}
                for side in (found, was)
            ]
            assert told[0] == told[1]


def files_below(folder: StorageNode) -> Iterator[StorageNode]:
    for node in folder.children():
        if node.is_file():
            yield node
        else:
            yield from files_below(node)


@contextmanager
def opened(storage: dict[str, Any]) -> Iterator[StorageNode]:
    with (
        tempfile.TemporaryDirectory() as state,
        StorageManager({"state": state, "cache": {"directory": None}, "mounts": {"m": storage}}) as manager,
    ):
        yield manager.node("m:")


@pytest.mark.parametrize(
    ("kind", "examples", "steps"),
    [("memory", 12, 15), ("local", 4, 12), ("sqlite", 4, 12), ("gcs", 3, 10), ("s3", 3, 10)],
)
def test_histories_agree(
    request: pytest.FixtureRequest, tmp_path: Path, kind: str, examples: int, steps: int
) -> None:
    """Each version with its bytes, in order; names that were and that are; whole folders at moments."""
    in_memory = {"type": "memory", "layers": [{"type": "versioned"}]}
    storage = (
        in_memory if kind == "memory" else versioned_storage(kind, str(tmp_path), request.getfixturevalue)
    )
    with opened(storage) as top:

        class Machine(Versions):
            pass

        Machine.top = top
        Machine.hands_over = kind not in {"s3", "gcs"}
        if kind == "s3":
            # Times there have whole seconds: nothing can be said of moments within one.
            Machine.remember_the_moment = lambda self: None
        run_state_machine_as_test(
            Machine,
            settings=settings(
                max_examples=examples,
                stateful_step_count=steps,
                deadline=None,
                suppress_health_check=list(HealthCheck),
            ),
        )
