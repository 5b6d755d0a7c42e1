"""Running ordinary command-line tools, failing with what they said."""

import os
import subprocess
from collections.abc import Mapping

TOOL_SECONDS = 300


def run(*command: str, cwd: str | None = None, extra_env: Mapping[str, str] | None = None) -> str:
    """The standard output of a tool that must succeed; AssertionError with its messages where it does not."""
    done = attempt(*command, cwd=cwd, extra_env=extra_env)
    assert done.returncode == 0, f"{' '.join(command)}: exit {done.returncode}\n{done.stderr}\n{done.stdout}"
    return done.stdout


def attempt(
    *command: str, cwd: str | None = None, extra_env: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run a tool whatever its exit code will be."""
    return subprocess.run(
        command,
        cwd=cwd,
        env={**os.environ, "LC_ALL": "C.UTF-8", **(extra_env or {})},
        capture_output=True,
        text=True,
        errors="surrogateescape",
        timeout=TOOL_SECONDS,
        check=False,
    )


def shell(script: str, cwd: str) -> str:
    """Run a line of shell that must succeed."""
    return run("sh", "-euc", script, cwd=cwd)
