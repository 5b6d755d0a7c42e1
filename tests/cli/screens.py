"""Screens of the `vfs` command, and the files in `golden` that they are compared with."""

import os
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.cli.shown import TYPED, words_of
from tests.cli.steady import no_clock, steady
from tests.cli.terminal import Look, run
from vfs.cli.grammar import Command, grammar_of
from vfs.cli.vfs import command, main

GOLDEN = Path(__file__).parent / "golden"
TERMINAL = Look("terminal", 80)
NARROW = Look("narrow", 40)
LOOKS = (TERMINAL, NARROW, Look("piped", None), Look("json", None, is_json=True))

VERBS = {" ".join(verb.words[1:]) or "vfs": verb for verb in grammar_of(command()).walk()}
"""The command itself, and every verb of it."""


class Golden:
    """Compares screens with files, or makes the files where the run was asked to."""

    def __init__(self, *, rewrites: bool) -> None:
        self._rewrites = rewrites

    def check(self, folder: str, name: str, screen: str) -> None:
        path = GOLDEN / folder / f"{name}.txt"
        if self._rewrites:
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(screen.encode())
        assert path.is_file(), f"{path} is not there; `make golden` makes it"
        assert screen == path.read_bytes().decode(), f"{path} differs; `make golden` keeps this"


@contextmanager
def living_in(folder: Path) -> Iterator[None]:
    """Within, the folder is the home of this process, which knows nothing of the machine around."""
    given = {"HOME": str(folder), "TZ": "UTC", "TERM": "xterm-256color", "LANG": "C.UTF-8"}
    with pytest.MonkeyPatch.context() as patches:
        for name in set(os.environ) - {"PATH"}:
            patches.delenv(name)
        for name, value in given.items():
            patches.setenv(name, value)
        patches.setattr("vfs.cli.config_search.SYSTEM_CONFIG", str(folder / "none"))
        patches.setattr("vfs.control.places.socket_folders", lambda uid: [str(folder / "vfs")])
        patches.chdir(folder)
        time.tzset()
        yield
    time.tzset()


def screens(home: Path, commands: Sequence[str], look: Look) -> str:
    """What commands show, one after another, each below itself as in a shell."""
    return "".join(screen_of(home, line, look) for line in commands)


def screen_of(home: Path, line: str, look: Look) -> str:
    """A command and what it shows; with its exit status, unless that is 0."""
    words = words_of(line)
    verb = VERBS.get(" ".join(words[:2])) or VERBS.get(words[0])
    if look.is_json and verb is not None and _takes_json(verb):
        words.append("--json")
    with no_clock():
        screen = run(lambda: main(words), look, typed=TYPED.get(words[0], b""))
    status = f"[exit status {screen.status}]\n" if screen.status else ""
    return f"$ vfs {line}\n{steady(screen.seen.decode(), str(home))}{status}"


def every(shown: Mapping[str, Sequence[str]]) -> list[object]:
    """Each folder of `golden` with each look that its commands have."""
    return [
        pytest.param(folder, look, id=f"{folder}-{look.name}") for folder in shown for look in looks(folder)
    ]


def looks(folder: str) -> Sequence[Look]:
    """All, but for verbs that tell nothing as JSON."""
    verb = VERBS.get(folder)
    return [look for look in LOOKS if not look.is_json or verb is None or verb.verbs or _takes_json(verb)]


def _takes_json(verb: Command) -> bool:
    return any("--json" in option.names for option in verb.options)
