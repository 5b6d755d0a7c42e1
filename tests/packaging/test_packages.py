"""The packages build and hold what they should; an installation for everybody works from where it will be."""

import os
import re
import subprocess
import sys
import sysconfig
import tarfile
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the wheel and the source distribution."""
    folder = tmp_path_factory.mktemp("dist")
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-d", folder], cwd=ROOT, check=True, capture_output=True
    )
    return folder


def the_only(folder: Path, pattern: str) -> Path:
    (found,) = folder.glob(pattern)
    return found


def test_wheel_has_all_modules_and_the_units(built: Path) -> None:
    """Every module and data file of the package, the units beside it, and nothing of the tests."""
    with zipfile.ZipFile(the_only(built, "*.whl")) as wheel:
        names = set(wheel.namelist())
        metadata = wheel.read(next(name for name in names if name.endswith("/METADATA"))).decode()
    modules = {path.relative_to(ROOT).as_posix() for path in (ROOT / "vfs").rglob("*.py")}
    assert modules | {"vfs/py.typed", "vfs/config/schema.json"} <= names
    assert not [name for name in names if name.startswith(("tests/", "benchmarks/"))]
    units = [name for name in names if "/data/share/vfs/systemd/" in name]
    assert any(name.endswith("/system/vfsmount@.service") for name in units)
    assert "Name: vfs" in metadata
    assert "file:" not in metadata


def test_source_distribution_builds_the_same_wheel(built: Path, tmp_path: Path) -> None:
    """Without the history of the repository, under the same version."""
    with tarfile.open(the_only(built, "*.tar.gz")) as sources:
        sources.extractall(tmp_path, filter="data")
    (folder,) = tmp_path.iterdir()
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", tmp_path / "again"]
    subprocess.run(command, cwd=folder, check=True, capture_output=True)
    assert the_only(tmp_path / "again", "*.whl").name == the_only(built, "*.whl").name


@pytest.fixture(scope="module")
def package(built: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A Debian package, whose libraries come from this environment."""
    folder = tmp_path_factory.mktemp("debian")
    subprocess.run(
        [ROOT / "scripts/deb.sh", sys.executable, folder, the_only(built, "*.whl")],
        env=with_our_libraries(),
        check=True,
        capture_output=True,
    )
    return the_only(folder, "vfs_*.deb")


@pytest.fixture(scope="module")
def staged(package: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the package would install, and so what `make install` does, below a folder."""
    destination = tmp_path_factory.mktemp("staged")
    subprocess.run(["dpkg-deb", "-x", package, destination], check=True)
    return destination


def with_our_libraries() -> dict[str, str]:
    ours = {"PIP_NO_DEPS": "1", "PIP_NO_INDEX": "1", "PYTHONPATH": sysconfig.get_path("purelib")}
    return {**os.environ, **ours}


def test_nothing_of_the_staging_folder_is_left(staged: Path) -> None:
    """Commands, units and helpers name the places where they will be."""
    assert os.readlink(staged / "usr/bin/vfs") == "/usr/lib/vfs/bin/vfs"
    first = (staged / "usr/lib/vfs/bin/vfs").read_text().splitlines()[0]
    assert first.startswith("#!/usr/lib/vfs/bin/python")
    done = subprocess.run(["grep", "-rl", "/tmp/tmp[.]", staged], capture_output=True, text=True, check=False)
    assert done.stdout == ""
    unit = (staged / "usr/lib/systemd/system/vfsmount@.service").read_text()
    assert "ExecStart=/usr/bin/vfsmount --foreground" in unit
    helper = staged / "usr/sbin/mount.fuse.vfsmount"
    assert "exec /usr/bin/vfsmount" in helper.read_text()
    assert os.access(helper, os.X_OK)
    assert (staged / "usr/share/man/man1/vfsmount.1").exists()
    assert (staged / "usr/share/bash-completion/completions/vfs").exists()
    assert (staged / "usr/share/zsh/site-functions/_vfs").exists()
    assert (staged / "usr/share/fish/vendor_completions.d/vfs.fish").exists()


def test_what_is_installed_runs(staged: Path) -> None:
    """Its own package, under the version that was built."""
    command = [staged / "usr/lib/vfs/bin/python", "-P", "-m", "vfs.cli.vfs", "--version"]
    done = subprocess.run(command, env=with_our_libraries(), capture_output=True, text=True, check=False)
    assert re.fullmatch(r"vfs \d+\.\d+.*\n", done.stdout), done.stderr


def test_debian_package_is_one(package: Path) -> None:
    """It names what it depends on, and all in it belongs to root."""
    told = subprocess.run(["dpkg-deb", "--info", package], capture_output=True, text=True, check=True).stdout
    assert "fuse3, libfuse3-3" in told
    files = subprocess.run(["dpkg-deb", "-c", package], capture_output=True, text=True, check=True).stdout
    assert "./usr/lib/systemd/user/vfsmount@.service" in files
    assert {line.split()[1] for line in files.splitlines()} == {"root/root"}


def test_every_extra_that_errors_name_is_there(built: Path) -> None:
    """What a message tells to install can be installed."""
    with zipfile.ZipFile(the_only(built, "*.whl")) as wheel:
        name = next(name for name in wheel.namelist() if name.endswith("/METADATA"))
        extras = set(re.findall(r"^Provides-Extra: (\S+)$", wheel.read(name).decode(), re.MULTILINE))
    modules = "".join(path.read_text() for path in (ROOT / "vfs").rglob("*.py"))
    named = set(re.findall(r"vfs\[(\w+)\]", modules))
    assert named
    assert named <= extras
