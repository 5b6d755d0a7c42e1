"""Setting up a fresh machine: what `make` installs, and what it says where it cannot."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parent.parent / "scripts" / "system-packages.sh"


@pytest.fixture
def bare_path(tmp_path: Path) -> Path:
    """A folder to use as PATH, with no more than any shell script needs."""
    for name in ("bash", "env", "id", "sudo"):
        if found := shutil.which(name):
            (tmp_path / name).symlink_to(found)
    return tmp_path


def system_packages(path: str, *purposes: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [SCRIPT, sys.executable, *purposes],
        env={"PATH": path},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_missing_packages_are_installed(bare_path: Path) -> None:
    """Whatever is not there is installed by apt-get, in one go."""
    called = bare_path / "called"
    (bare_path / "apt-get").write_text(f'#!/usr/bin/env bash\necho "$@" >>{called}\n')
    (bare_path / "apt-get").chmod(0o755)
    done = system_packages(os.fspath(bare_path), "run", "test")
    assert done.returncode == 0, done.stderr
    update, install = called.read_text().splitlines()
    assert update.startswith("update")
    assert set(install.split()) >= {
        "install",
        "-y",
        "fuse3",
        "libfuse3-dev",
        "pkg-config",
        "gcc",
        "rsync",
        "git",
    }


def test_without_apt_the_packages_are_named(bare_path: Path) -> None:
    """On another system the packages are listed, and nothing goes on as if they were there."""
    done = system_packages(os.fspath(bare_path), "run")
    assert done.returncode == 1
    assert "libfuse3-dev" in done.stderr
    assert "Install these packages" in done.stderr


def test_nothing_is_done_where_nothing_is_missing() -> None:
    """On a machine that is set up not a word is said."""
    done = system_packages(os.environ["PATH"], "run", "test")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_old_python_is_refused(bare_path: Path) -> None:
    """A Python that is too old is told before anything is installed."""
    (bare_path / "old").write_text("#!/usr/bin/env bash\nexit 1\n")
    (bare_path / "old").chmod(0o755)
    done = subprocess.run(
        [SCRIPT, bare_path / "old", "run"],
        env={"PATH": os.fspath(bare_path)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 1
    assert "Python 3.11 or newer is needed" in done.stderr
