"""What each client is asked to do, and how the programs among them are run."""

import os
import subprocess
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Protocol, runtime_checkable

SECONDS_BEFORE_A_HANG = 120


class Driver(Protocol):
    """Folders are paths below the drive, as "files/box". An act that fails raises."""

    unsendable: str
    """Characters that this client itself has no way to write."""

    longest_name: int
    """In bytes, of names that this client itself can work with."""

    largest_file: int
    """In bytes, of files that it is asked for."""

    def make_folder(self, folder: str) -> None: ...

    def upload(self, source: Path, names: Sequence[str], folder: str) -> None:
        """These files of a local folder, which holds no others."""

    def download(self, folder: str, names: Sequence[str], target: Path) -> None:
        """Into a local folder; the remote one holds no other files."""

    def move(self, folder: str, names: Sequence[str], target: str) -> None:
        """Into another folder, under the same names; the first one holds no other files."""

    def rename(self, folder: str, name: str, new: str) -> None: ...

    def delete(self, folder: str, names: Sequence[str]) -> None:
        """The folder holds no other files, and stays."""


@runtime_checkable
class Lists(Protocol):
    """Clients that can be asked what a folder holds."""

    def listing(self, folder: str) -> set[str]:
        """The names as the client prints them: line by line, without space around."""


@runtime_checkable
class Locks(Protocol):
    """Clients that lock."""

    def locked(self, folder: str, name: str) -> AbstractContextManager[None]:
        """A file, while one is inside."""


def run(
    command: Sequence[str | os.PathLike[str]],
    *,
    environment: Mapping[str, str] | None = None,
    text: str | None = None,
    folder: Path | None = None,
) -> str:
    """What a program says. Raises AssertionError with all of it where it fails."""
    done = subprocess.run(
        command,
        env=None if environment is None else {**os.environ, **environment},
        # Without one of its own it would have the terminal, and ask there.
        input=text or "",
        cwd=folder,
        capture_output=True,
        text=True,
        errors="replace",  # some cut what they echo in the middle of a letter
        timeout=SECONDS_BEFORE_A_HANG,
        check=False,
    )
    assert done.returncode == 0, f"{command}: {done.returncode}\n{done.stdout}{done.stderr}"
    return done.stdout


def lines(text: str) -> set[str]:
    """What a listing says, for comparing it with what was to be listed."""
    return {line.strip() for line in text.split("\n")} - {""}
