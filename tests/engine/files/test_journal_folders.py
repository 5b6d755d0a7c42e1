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
