"""`vfs passwd`: hashes that the configuration takes, and no password anywhere."""

import io
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.tool import Run
from vfs.config import settings_from
from vfs.config.users_file import read_users
from vfs.dav.auth.passwords import Passwords

Passwd = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def passwd(run: Run, monkeypatch: pytest.MonkeyPatch) -> Passwd:
    """The verb, with what is typed."""

    def passwd(*arguments: str, typed: str) -> subprocess.CompletedProcess[str]:
        monkeypatch.setattr("sys.stdin", io.StringIO(typed))
        return run("passwd", *arguments)

    return passwd


def test_the_hash_is_one_that_the_configuration_takes() -> None:
    """And that lets in who knows the password."""
    command = [sys.executable, "-m", "vfs.cli.vfs", "passwd"]
    done = subprocess.run(
        command, input="open sésame\n", capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "sésame" not in done.stdout + done.stderr
    hashed = done.stdout.strip()
    settings_from({"mounts": {"m": {"type": "memory"}}, "webdav": {"users": {"a": {"password": hashed}}}})
    assert Passwords().match("a", hashed, "open sésame")


def test_digest_is_of_name_realm_and_password(passwd: Passwd) -> None:
    """As RFC 7616 has it."""
    done = passwd("--digest", "alice", typed="x\n")
    assert done.stdout == "6f604d4ba5c4ec59a6c1a116d738a217\n"


def test_a_file_of_users_is_written(passwd: Passwd, tmp_path: Path) -> None:
    """With `--digest` for both schemes; a later password leaves nothing of the one before."""
    file = tmp_path / "users"
    assert passwd("-f", str(file), "--digest", "alice", typed="x\n").stdout == f"{file}: alice is added\n"
    login = read_users(file)["alice"]
    assert login.digest == "6f604d4ba5c4ec59a6c1a116d738a217"
    assert Passwords().match("alice", login.password, "x")
    assert passwd("-f", str(file), "alice", typed="y\n").stdout == f"{file}: alice is changed\n"
    login = read_users(file)["alice"]
    assert login.digest is None
    assert Passwords().match("alice", login.password, "y")
    assert passwd("-f", str(file), "-D", "alice", typed="").stdout == f"{file}: alice is removed\n"
    assert file.read_text() == ""
    done = passwd("-f", str(file), "-D", "alice", typed="")
    assert (done.returncode, done.stdout) == (1, "")
    assert "there is no user 'alice'" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "typed", "told"),
    [
        ([], "\n", "empty"),
        (["--digest"], "x\n", "name"),
        (["-f", "/no/such/folder"], "x\n", "name"),
        (["-f", "/no/such/folder", "a"], "x\n", "cannot be written"),
        (["-D", "alice"], "", "-f FILE"),
    ],
)
def test_mistakes_are_told(passwd: Passwd, arguments: list[str], typed: str, told: str) -> None:
    """In a line, with status 2."""
    done = passwd(*arguments, typed=typed)
    assert (done.returncode, done.stdout) == (2, "")
    assert told in done.stderr
