"""`vfs passwd`: hashes that the configuration takes, and no password anywhere."""

import subprocess
import sys

import pytest

from vfs.config import settings_from
from vfs.dav.auth.passwords import Passwords


def passwd(*arguments: str, typed: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "vfs.cli.vfs", "passwd", *arguments]
    return subprocess.run(command, input=typed, capture_output=True, text=True, timeout=60, check=False)


def test_the_hash_is_one_that_the_configuration_takes() -> None:
    """And that lets in who knows the password."""
    done = passwd(typed="open sésame\n")
    assert done.returncode == 0, done.stderr
    assert "sésame" not in done.stdout + done.stderr
    hashed = done.stdout.strip()
    settings_from({"mounts": {"m": {"type": "memory"}}, "webdav": {"users": {"a": {"password": hashed}}}})
    assert Passwords().match("a", hashed, "open sésame")


def test_digest_is_of_name_realm_and_password() -> None:
    """As RFC 7616 has it."""
    done = passwd("--digest", "alice", typed="x\n")
    assert done.stdout == "6f604d4ba5c4ec59a6c1a116d738a217\n"


@pytest.mark.parametrize(("arguments", "typed", "told"), [([], "\n", "empty"), (["--digest"], "x\n", "name")])
def test_mistakes_are_told(arguments: list[str], typed: str, told: str) -> None:
    """In a line, with status 2."""
    done = passwd(*arguments, typed=typed)
    assert (done.returncode, done.stdout) == (2, "")
    assert told in done.stderr
