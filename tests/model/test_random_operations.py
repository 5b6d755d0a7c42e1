"""Random operations on one file agree with a model in memory, on every kind of mounted folder."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.mounts.folders import Folder
from tests.mounts.kinds import KINDS
from tests.tools import fsx

FULL = {
    "plain": 5_000,
    "local": 100_000,
    "memory": 5_000,
    "sqlite": 5_000,
    "s3": 20_000,
    "azure": 5_000,
    "gcs": 5_000,
}
"""Operations of the whole check, by kind."""
SHORT = {"azure": 250, "gcs": 250}
ACROSS_PARTS = {"azure": 30, "gcs": 30}
"""Fewer where the server under test takes its time; another store shows the same of the tree."""

MANY_PARTS = {"max_size": 24 << 20, "max_io": 3 << 20}
"""Files of several 8 MiB parts, so that edits cross their borders."""


def every_kind(seeds: Sequence[int]) -> list[object]:
    """Each kind with each seed: with the first one always, with the others when somebody has the time."""
    return [
        pytest.param(kind, seed, marks=() if seed == seeds[0] else pytest.mark.slow)
        for kind in KINDS
        for seed in seeds
    ]


@pytest.mark.parametrize(("folder", "seed"), every_kind([1, 2, 3]), indirect=["folder"])
def test_random_operations_agree_with_the_model(folder: Folder, seed: int) -> None:
    """800 random operations, on slow servers 250, leave the file as the model says."""
    fsx.check(folder.path, seed, SHORT.get(folder.kind, 800))


@pytest.mark.parametrize(("folder", "seed"), every_kind([11, 12]), indirect=["folder"])
def test_random_operations_across_parts(folder: Folder, seed: int) -> None:
    """Random operations on a file of many parts leave it as the model says."""
    fsx.check(folder.path, seed, ACROSS_PARTS.get(folder.kind, 80), **MANY_PARTS)


@pytest.mark.slow
@pytest.mark.parametrize("seed", [101, 102, 103])
def test_many_random_operations_agree_with_the_model(folder: Folder, seed: int) -> None:
    """100,000 operations on local folders and 20,000 on stores leave the file as the model says."""
    fsx.check(folder.path, seed, FULL[folder.kind])


class LosingChecker(fsx.Checker):
    """A checker of a broken file system: one that loses a byte of each write."""

    def _write_at(self, start: int, data: bytes) -> str:
        said = super()._write_at(start, data)
        self.model[start] ^= 1
        return said


def test_checker_finds_a_lost_byte(tmp_path: Path) -> None:
    """The checker itself works: a byte gone wrong is found and told with offset and last operations."""
    with pytest.raises(fsx.Mismatch, match=r"(?s)first difference at offset \d+.*last operations:\n\d+ "):
        LosingChecker(str(tmp_path), 1).run(1000)
