"""The `vfs` command run in this process, in a folder with a configuration, as a script would see it."""

import json
import os
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from vfs.cli.vfs import main

Run = Callable[..., "subprocess.CompletedProcess[str]"]

CONFIG = """\
mounts:
  home: {type: local, path: files, create: true}
  other: {type: sqlite, path: other.db}
  broken: {type: local, path: /nonexistent}
main: home
state: state
cache: {directory: null}
"""


def status_of(*arguments: object) -> int:
    """Run the command in this process; how it ends."""
    try:
        return main([str(argument) for argument in arguments])
    except SystemExit as left:
        return int(left.code or 0)


@dataclass(frozen=True)
class Done:
    """What one run gave: its status, and what it wrote."""

    status: int
    out: bytes
    err: str

    @property
    def lines(self) -> list[str]:
        """What it told, line by line."""
        return os.fsdecode(self.out).splitlines()

    @property
    def data(self) -> list[dict[str, Any]]:
        """What it told with --json."""
        return [json.loads(line) for line in self.out.splitlines()]


class Tool:
    """Runs the command in a folder; `files` is the folder of the mount `home`."""

    def __init__(self, folder: Path, captured: "pytest.CaptureFixture[bytes]") -> None:
        self.folder = folder
        self.files = folder / "files"
        self.files.mkdir()
        self._captured = captured
        (folder / "vfs.yaml").write_text(CONFIG)

    def __call__(self, *arguments: object) -> Done:
        """One run. Arguments that are paths are given as text."""
        status = status_of(*arguments)
        out, err = self._captured.readouterr()
        return Done(status, out, err.decode())

    def told(self, *arguments: object) -> list[str]:
        """The lines of a run that must go well, without a word on stderr."""
        done = self(*arguments)
        assert (done.status, done.err) == (0, "")
        return done.lines

    def put(self, path: str, content: bytes = b"") -> Path:
        """A file in the mount `home`, the folders above it made."""
        place = self.files / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(content)
        return place
