"""Pytest fixtures: a fresh folder on each kind of storage that the mounted suites run on."""

from collections.abc import Iterator

import pytest

from tests.mounts.folders import Folder
from tests.mounts.kinds import KINDS, Stages

SECONDS_BEFORE_A_HANG = 150
SECONDS_BEFORE_A_HANG_OF_SLOW_TESTS = 900


@pytest.fixture(scope="session")
def stages(request: pytest.FixtureRequest) -> Iterator[Stages]:
    """The running mounts, one of each kind, started when first asked for."""
    with Stages(request.getfixturevalue) as stages:
        yield stages


@pytest.fixture(params=KINDS)
def folder(request: pytest.FixtureRequest, stages: Stages) -> Iterator[Folder]:
    """A fresh folder on each kind of storage."""
    slow = request.node.get_closest_marker("slow") is not None
    seconds = SECONDS_BEFORE_A_HANG_OF_SLOW_TESTS if slow else SECONDS_BEFORE_A_HANG
    with stages.fresh_folder(request.param, seconds) as folder:
        yield folder
