"""docs/SEMANTICS.md and the tests say the same: every test it names exists, and every promise is in it."""

import re
from pathlib import Path

TESTS = Path(__file__).resolve().parents[1]
PAGE = TESTS.parent / "docs" / "SEMANTICS.md"


def names_in(*files: Path) -> set[str]:
    """The names of the test functions in these files."""
    return {
        name for file in files for name in re.findall(r"^ *def (test_\w+)\(", file.read_text(), re.MULTILINE)
    }


def names_on_the_page() -> set[str]:
    return set(re.findall(r"`(test_\w+)`", PAGE.read_text()))


def test_every_test_named_in_semantics_exists() -> None:
    """A promise whose test is gone or renamed is found."""
    assert names_on_the_page() - names_in(*TESTS.rglob("*.py")) == set()


def test_every_promise_of_a_mounted_folder_is_in_semantics() -> None:
    """A test of the mounted suites that the page does not name is found."""
    suites = names_in(*(TESTS / "contracts").glob("mountpoint_*.py"))
    assert len(suites) > 100
    assert suites - names_on_the_page() == set()
