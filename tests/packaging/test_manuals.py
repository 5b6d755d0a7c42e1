"""Manuals, made of the grammar that parses the arguments."""

import subprocess
from pathlib import Path

import pytest

from vfs.cli.grammar import Command
from vfs.cli.manuals import commands, main, manual


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the manuals were written."""
    folder = tmp_path_factory.mktemp("manuals")
    main(str(folder))
    return folder


@pytest.mark.parametrize("command", commands(), ids=lambda command: command.words[0])
def test_man_reads_each_page_without_a_warning(command: Command, folder: Path) -> None:
    """And shows every verb and every option."""
    page = folder / "man1" / f"{command.words[0]}.1"
    done = subprocess.run(
        ["man", "--warnings=w", "-l", page],
        env={"PATH": "/usr/bin:/bin", "MANWIDTH": "200", "LC_ALL": "C.UTF-8", "MAN_KEEP_FORMATTING": ""},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    for verb in command.walk():
        assert " ".join(verb.words[1:]) in done.stdout
        assert all(name in done.stdout for option in verb.options for name in option.names)


def test_text_is_never_a_macro() -> None:
    """A line that begins with a dot is shown with its dot."""
    odd = Command(("odd",), ".begins with a dot \\ and -dash", "odd", "'quoted", ())
    page = manual(odd).splitlines()
    assert "\\&'quoted" in page
    assert "odd \\- \\&.begins with a dot \\e and \\-dash" in page
