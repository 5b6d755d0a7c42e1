"""Journals of several processes in one folder: none takes another's for abandoned."""

import fcntl
import os
import tempfile
from pathlib import Path
from typing import Any

import pytest

from vfs.engine.files.journal import Journal


@pytest.mark.parametrize("what", ["locks", "removes"])
def test_a_folder_that_is_cleaned_up_before_it_is_locked(
    what: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another process that closes its journal looks into it: the new one is made elsewhere, and locked."""
    make, taken = tempfile.mkdtemp, []

    def made_and_taken(**terms: Any) -> str:
        folder = make(**terms)
        if not taken:
            taken.append(os.open(folder, os.O_RDONLY))
            if what == "locks":
                fcntl.flock(taken[0], fcntl.LOCK_EX)
            else:
                os.rmdir(folder)
        return folder

    monkeypatch.setattr(tempfile, "mkdtemp", made_and_taken)
    journal = Journal(str(tmp_path / "mount"))
    other = os.open(journal.directory, os.O_RDONLY)
    with pytest.raises(BlockingIOError):
        fcntl.flock(other, fcntl.LOCK_EX | fcntl.LOCK_NB)
    os.close(other)
    os.close(taken[0])
    journal.close()
    assert list((tmp_path / "mount").iterdir()) == []


@pytest.mark.parametrize("act", ["left_behind", "close"])
def test_a_folder_that_another_process_removes_first_regression(
    act: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between being opened and being locked: nobody is left behind in it, and nothing is to be removed."""
    journal = Journal(str(tmp_path / "mount"))
    folder = tmp_path / "mount" / "process-of-another"
    folder.mkdir()
    lock = fcntl.flock

    def locked_too_late(descriptor: int, how: int) -> None:
        if os.readlink(f"/proc/self/fd/{descriptor}") == str(folder):
            folder.rmdir()
        lock(descriptor, how)

    monkeypatch.setattr(fcntl, "flock", locked_too_late)
    assert not getattr(journal, act)()
    journal.close()
    assert not folder.exists()
