"""Every verb's screens are those in `golden`: on terminals of two widths, through a pipe, and as JSON."""

import re
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.screens import (
    GOLDEN,
    NARROW,
    TERMINAL,
    VERBS,
    Golden,
    every,
    living_in,
    looks,
    screen_of,
    screens,
)
from tests.cli.shown import DAEMON, DRAWN, STORED, UNSENT, fill
from tests.cli.terminal import Look

ELSEWHERE = {"schema": "config/test_schema", "metrics": "test_daemons"}
"""Verbs that print what no person reads, and the tests of that."""

NO_COLOUR = "no colour"
OPTION = re.compile(r"\[?--?[^ ]+( [^ ]+)?\]?|[^ ]+")


@pytest.fixture(scope="module")
def filled() -> Iterator[Path]:
    """What `fill` makes, to be copied."""
    with tempfile.TemporaryDirectory() as folder:
        fill(Path(folder))
        yield Path(folder)


@pytest.fixture
def home(filled: Path) -> Iterator[Path]:
    """A copy of that, in which a user works who has no daemon; its name is always as long."""
    with tempfile.TemporaryDirectory(prefix="vfs-", dir="/tmp") as folder:
        shutil.copytree(filled, folder, dirs_exist_ok=True)
        with living_in(Path(folder)):
            yield Path(folder)


@pytest.mark.parametrize(("folder", "look"), every(STORED))
def test_a_verb_shows_what_it_showed(home: Path, golden: Golden, folder: str, look: Look) -> None:
    """Its words, its mistakes and their exit status, its bars with their colour."""
    golden.check(folder, look.name, screens(home, STORED[folder], look))


@pytest.mark.parametrize("folder", DRAWN)
def test_no_colour_is_sent_to_who_wants_none(
    home: Path, golden: Golden, folder: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With NO_COLOR the bars are drawn without."""
    monkeypatch.setenv("NO_COLOR", "1")
    screen = screens(home, STORED[folder], TERMINAL)
    assert "\x1b[3" not in screen
    golden.check(folder, NO_COLOUR, screen)


@pytest.mark.parametrize("look", [TERMINAL, NARROW], ids=lambda look: look.name)
@pytest.mark.parametrize("verb", VERBS)
def test_help_is_what_it_was(tmp_path: Path, golden: Golden, verb: str, look: Look) -> None:
    """Of the command, and of every verb of it."""
    words = [] if verb == "vfs" else verb.split()
    with living_in(tmp_path):
        golden.check(verb, _help(look), screen_of(tmp_path, " ".join([*words, "--help"]), look))


def test_help_fits_a_narrow_terminal() -> None:
    """No line is longer than the terminal, but for an option that is."""
    for kept in GOLDEN.glob(f"*/{_help(NARROW)}.txt"):
        command, *lines = kept.read_text().splitlines()
        long = [line.strip() for line in lines if len(line) > 40]
        assert [line for line in long if not OPTION.fullmatch(line)] == [], command


def test_every_verb_is_shown_and_nothing_else_is_kept() -> None:
    """A verb without screens fails here, as does a file that no test compares."""
    told = {**STORED, **DAEMON, **UNSENT}
    families = {name for name, verb in VERBS.items() if verb.verbs}
    assert {name.split()[0] for name in VERBS} - families - set(told) == set(ELSEWHERE)
    wanted = {(folder, look.name) for folder in told for look in looks(folder)}
    wanted |= {(folder, NO_COLOUR) for folder in DRAWN}
    wanted |= {(verb, _help(look)) for verb in VERBS for look in (TERMINAL, NARROW)}
    assert {(path.parent.name, path.stem) for path in GOLDEN.glob("*/*")} == wanted


def _help(look: Look) -> str:
    return f"help {look.name}"
