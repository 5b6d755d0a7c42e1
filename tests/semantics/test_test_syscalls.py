"""libfuse's own test of a mounted file system passes on every kind of folder, but for what is declared."""

import re

import pytest

from tests.mounts.commands import attempt
from tests.mounts.folders import Folder
from tests.mounts.kinds import EACH_TREE, KINDS
from tests.tools.build_test_syscalls import built_program

TESTS = 58
WITHOUT_HARD_LINKS = {"link", "link-unlink-link"}
"""What fails where the store has no hard links; docs/SEMANTICS.md names them."""

EVERY_KIND = [pytest.param(kind, marks=() if kind in EACH_TREE else pytest.mark.slow) for kind in KINDS]
"""Each act of the program is an act of the contracts, which every kind keeps in every run."""


@pytest.mark.parametrize("folder", EVERY_KIND, indirect=True)
def test_libfuse_test_syscalls(folder: Folder) -> None:
    """All 58 tests pass; without hard links all but the two that make one."""
    done = attempt(str(built_program()), folder.path)
    results = dict(re.findall(r"^ *\d+ \[(.*?)\] (.*)$", done.stderr, re.MULTILINE))
    failed = {name for name, result in results.items() if not result.startswith("OK")}
    expected = set() if folder.limits.hard_links else WITHOUT_HARD_LINKS
    assert failed == expected, done.stderr
    assert len(results) == TESTS, done.stderr
