"""A daemon killed at any moment loses nothing that was acknowledged, and leaves nothing half-written."""

import hashlib
import os
import random
import selectors
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.mounts.daemon import Daemon, killed_after, mounted
from tests.mounts.kinds import STORAGES
from tests.mounts.stores import Store, sha256_in_store
from tests.tools import crash_writer

ROOT = Path(__file__).resolve().parents[2]
VERSIONS_PER_ROUND = 100_000

WAYS = {
    "local": crash_writer.REPLACE,
    "sqlite": "rewrite,replace,sync",
    "s3": "rewrite,replace,sync",
}
"""A local folder is written in place: only files that were renamed over are whole in it at every moment."""


@dataclass
class Record:
    """What the writer said: per file the version acknowledged last, and those begun since."""

    done: dict[str, int] = field(default_factory=dict)
    begun: dict[str, set[int]] = field(default_factory=dict)

    def take(self, line: str) -> None:
        word, slot, version = line.split()
        if word == "begin":
            self.begun.setdefault(slot, set()).add(int(version))
        else:
            self.done[slot] = int(version)
            self.begun[slot] = {newer for newer in self.begun[slot] if newer > int(version)}

    def allowed(self, slot: str) -> set[str]:
        """The hashes that the file may have after a crash."""
        versions = {self.done[slot]} if slot in self.done else set()
        return {
            hashlib.sha256(crash_writer.content(slot, version)).hexdigest()
            for version in versions | self.begun.get(slot, set())
        }


@dataclass
class Crashes:
    """One storage that is written to and crashed again and again."""

    daemon: Daemon
    store: Store
    ways: str
    record: Record = field(default_factory=Record)
    source: random.Random = field(default_factory=lambda: random.Random(7))

    def round(self, number: int) -> None:
        """Mount over what the last crash left, write, kill at a random moment, hear the writer out."""
        self.daemon.start()
        try:
            with self._writer(number) as writer:
                assert writer.stdout is not None
                heard = self._listen_to(writer.stdout.fileno(), self.source.uniform(0.2, 0.7))
                self.daemon.kill()
                heard += writer.stdout.read()
        finally:
            self.daemon.kill()
        for line in heard.decode().splitlines():
            self.record.take(line)

    def _writer(self, number: int) -> "subprocess.Popen[bytes]":
        first = str(number * VERSIONS_PER_ROUND)
        program = (sys.executable, "-m", "tests.tools.crash_writer")
        return subprocess.Popen(
            [*program, self.daemon.mountpoint, first, self.ways], cwd=ROOT, stdout=subprocess.PIPE
        )

    def _listen_to(self, pipe: int, seconds: float) -> bytes:
        """What is said until so long after the first word."""
        heard = b""
        deadline = time.monotonic() + 30
        with selectors.DefaultSelector() as words:
            words.register(pipe, selectors.EVENT_READ)
            while (left := deadline - time.monotonic()) > 0 and words.select(left):
                if not heard:
                    deadline = time.monotonic() + seconds
                got = os.read(pipe, 4096)
                assert got, f"the writer gave up:\n{self.daemon.words()}"
                heard += got
        assert heard, f"nothing was written:\n{self.daemon.words()}"
        return heard

    def assert_store_is_whole(self) -> None:
        """Every file that was ever begun is one of the versions that it may be."""
        there = self.store.files()
        for slot in crash_writer.slots():
            allowed = self.record.allowed(slot)
            if slot in there:
                assert sha256_in_store(self.store, slot) in allowed, f"{slot} is torn or old"
            else:
                assert slot not in self.record.done, f"{slot} was acknowledged and is gone"


@pytest.fixture(params=WAYS)
def crashes(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Crashes]:
    """A storage of each kind that survives its daemon."""
    yield from _crashes(request, str(tmp_path), request.param, "store")


@pytest.fixture
def journaled_crashes(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Crashes]:
    """An S3 storage whose daemon acknowledges what is in its journal."""
    yield from _crashes(request, str(tmp_path), "s3", "disk")


def _crashes(request: pytest.FixtureRequest, directory: str, kind: str, durability: str) -> Iterator[Crashes]:
    settings, store = STORAGES[kind](directory, request.getfixturevalue)
    assert settings is not None
    assert store is not None
    daemon = Daemon(directory, {**settings, "durability": durability})
    try:
        yield Crashes(daemon, store, WAYS[kind])
    finally:
        daemon.clear()


def crash_and_check(crashes: Crashes, rounds: int) -> None:
    """After each kill the store itself has whole files only, and all acknowledged ones."""
    for number in range(rounds):
        crashes.round(number)
        crashes.assert_store_is_whole()
    assert len(crashes.record.done) > 0


def crash_and_recover(crashes: Crashes, rounds: int) -> None:
    """After each kill the next start sends what was acknowledged, and a stop waits for it."""
    for number in range(rounds):
        crashes.round(number)
        crashes.daemon.start()
        assert crashes.daemon.stop() == 0, crashes.daemon.words()
        crashes.assert_store_is_whole()


def test_acknowledged_files_survive_kill(crashes: Crashes) -> None:
    """Rounds of writing and SIGKILL: acknowledged files are whole in the store, nothing is half-written."""
    crash_and_check(crashes, 3)


def test_journaled_files_survive_kill(journaled_crashes: Crashes) -> None:
    """Some rounds with `durability: disk`: what the journal had is sent by the next start."""
    crash_and_recover(journaled_crashes, 3)


@pytest.mark.slow
def test_acknowledged_files_survive_fifty_kills(crashes: Crashes) -> None:
    """Fifty rounds of writing and SIGKILL: acknowledged files are whole, nothing is half-written."""
    crash_and_check(crashes, 50)


@pytest.mark.slow
def test_journaled_files_survive_fifty_kills(journaled_crashes: Crashes) -> None:
    """Fifty rounds with `durability: disk`: what the journal had is sent by the next start."""
    crash_and_recover(journaled_crashes, 50)


def test_stale_mount_point_is_cleared_by_the_next_start(tmp_path: Path) -> None:
    """After SIGKILL the mount point answers ENOTCONN; the next vfsmount clears it and mounts."""
    beneath = tmp_path / "beneath"
    beneath.mkdir()
    daemon = Daemon(str(tmp_path), {"type": "local", "path": str(beneath)})
    with mounted(daemon):
        daemon.kill()
        with pytest.raises(OSError, match="Transport endpoint is not connected"):
            os.listdir(daemon.mountpoint)
        daemon.start()
        (beneath / "file").write_bytes(b"content")
        with killed_after(daemon, 60):
            assert os.listdir(daemon.mountpoint) == ["file"]
