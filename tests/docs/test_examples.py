"""What the pages show works: Python programs, configurations, command lines and their options.

docs/CONFIG.md and docs/BACKENDS.md have tests of their own.
"""

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from vfs.cli.vfsmount import main
from vfs.config import settings_from

DOCS = Path(__file__).parents[2] / "docs"
MOUNTING = (DOCS / "mounting.md").read_text()
TOOL = (DOCS / "tool.md").read_text()


def blocks(page: str, language: str) -> list[str]:
    """The code of a page in one language, block by block."""
    return re.findall(rf"^```{language}\n(.*?)^```", (DOCS / page).read_text(), re.DOTALL | re.MULTILINE)


@pytest.mark.parametrize("page", ["index.md", "coming-from.md"])
def test_programs_run(page: str, tmp_path: Path) -> None:
    """The Python blocks of a page, one after the other, are one program that ends well."""
    (tmp_path / "Documents").mkdir()
    program = "\n".join(blocks(page, "python"))
    assert program
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", program],
        cwd=tmp_path,
        env=os.environ | {"HOME": str(tmp_path), "XDG_STATE_HOME": str(tmp_path / "state")},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("page", ["index.md"])
def test_configurations_are_accepted(page: str, tmp_path: Path) -> None:
    """Each YAML block is a whole, right configuration."""
    found = blocks(page, "yaml")
    assert found
    for block in found:
        assert settings_from(yaml.safe_load(block), environ={}, folder=tmp_path).mounts


def test_every_option_of_mounting_is_known(capsys: pytest.CaptureFixture[str]) -> None:
    """The usage line, the table of `-o` words and the command's own help name the same options."""
    with pytest.raises(SystemExit):
        main(["--help"])
    told = capsys.readouterr().out
    usage = re.findall(r"--?[a-z][a-z-]*", MOUNTING[: MOUNTING.index("\n\nmounts")])
    table = MOUNTING[MOUNTING.index("| `-o` |") :].partition("\n\n")[0]
    words = re.findall(r"`(\w+=?)", "".join(re.findall(r"^\| (.*?) \| ", table, re.MULTILINE)))
    listed = told[told.index("allow_other") : told.index("; what mount(8)")]
    expected = re.findall(r"\w+=?", listed.replace("[no_]", "no_"))
    assert set(usage) <= set(re.findall(r"--?[a-z][a-z-]*", told))
    assert sorted(words) == sorted(expected)


def test_exit_statuses_of_mounting_are_the_command_s() -> None:
    """The page's table and the module of statuses say the same numbers."""
    from vfs.cli import exit_status

    table = MOUNTING[MOUNTING.index("| exit status |") :].partition("\n\n")[0]
    assert {int(number) for number in re.findall(r"^\| (\d) \|", table, re.MULTILINE)} == {
        exit_status.OK,
        exit_status.FAILED,
        exit_status.MISUSED,
    }


def test_exit_statuses_of_the_tool_are_the_command_s() -> None:
    """The page of the tool has all of them."""
    from vfs.cli import exit_status

    table = TOOL[TOOL.index("| exit status |") :].partition("\n\n")[0]
    assert {int(number) for number in re.findall(r"^\| (\d+) \|", table, re.MULTILINE)} == {
        value for name, value in vars(exit_status).items() if name.isupper()
    }


def test_verbs_of_the_tool_are_on_its_page() -> None:
    """Each verb that works with places has its line."""
    from vfs.cli.vfs import command

    (verbs,) = (action for action in command()._actions if action.dest == "verb")
    on_places = [name for name, verb in verbs.choices.items() if verb.get_default("works_on_places")]
    assert {name for name in on_places if f"| `{name} " not in TOOL} == set()


@pytest.mark.parametrize("line", re.findall(r"^    (.*fuse\.vfsmount.*)$", MOUNTING, re.MULTILINE))
def test_lines_of_fstab_are_understood(line: str) -> None:
    """Each option of the shown line of /etc/fstab is one that the command takes."""
    from vfs.cli.mount_options import parse_mount_options

    assert parse_mount_options([shlex.split(line)[3]]).fuse.allow_other
