"""Builds libfuse's own test of a mounted file system, `test_syscalls`, from Debian's source package.

    python -m tests.tools.build_test_syscalls        prints the path of the program

The program is kept under .cache/ and built once. Nothing of the system is changed: apt gets a package
list, a state folder and a cache of its own.
"""

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

CACHE = Path(__file__).resolve().parents[2] / ".cache" / "test_syscalls"
PROGRAM = CACHE / "test_syscalls"
SOURCES = "deb-src http://deb.debian.org/debian {release} main\n"
APT_SECONDS = 180

CONFIG_HEADER = """\
#define PACKAGE_VERSION "built for tests"
#define HAVE_COPY_FILE_RANGE 1
"""


class CannotBuild(RuntimeError):
    """The program could not be had; the message says what was missing."""


def built_program() -> Path:
    """The built program. Raises CannotBuild, naming what to do about it."""
    if not PROGRAM.exists():
        with tempfile.TemporaryDirectory(prefix="vfs-test-syscalls-") as work:
            source = _source(Path(work))
            _compile(source)
    return PROGRAM


def _source(work: Path) -> Path:
    """The unpacked source tree of the package fuse3."""
    options = _private_apt(work)
    _run(["apt-get", *options, "update"], work, "is deb.debian.org reachable?")
    # Only the download is apt's: unpacking by hand needs no dpkg-dev.
    _run(["apt-get", *options, "source", "--download-only", "fuse3"], work, "is deb.debian.org reachable?")
    archives = sorted(work.glob("fuse3_*.orig.tar.*"))
    if not archives:
        raise CannotBuild("apt-get source fuse3 brought no source archive")
    _run(["tar", "-xf", str(archives[0])], work, "install tar and xz-utils")
    found = sorted(work.glob("*/test/test_syscalls.c"))
    if not found:
        raise CannotBuild(f"{archives[0].name} holds no test/test_syscalls.c")
    return found[0].parents[1]


def _private_apt(work: Path) -> list[str]:
    """Options that make apt use package sources and state of its own, below `work`."""
    for folder in ("lists/partial", "cache/archives/partial"):
        (work / folder).mkdir(parents=True)
    (work / "sources.list").write_text(SOURCES.format(release=_release()))
    settings = {
        "Dir::Etc::SourceList": work / "sources.list",
        "Dir::Etc::SourceParts": "/dev/null",
        "Dir::State::Lists": work / "lists",
        "Dir::Cache": work / "cache",
        "APT::Sandbox::User": "root",
    }
    return [word for key, value in settings.items() for word in ("-o", f"{key}={value}")]


def _release() -> str:
    for line in Path("/etc/os-release").read_text().splitlines():
        key, _, value = line.partition("=")
        if key == "VERSION_CODENAME":
            return value.strip('"')
    return "stable"


def _compile(source: Path) -> None:
    """One call of the compiler; the program appears whole or not at all."""
    CACHE.mkdir(parents=True, exist_ok=True)
    (CACHE / ".gitignore").write_text("*\n")
    (source / "fuse_config.h").write_text(CONFIG_HEADER)
    built = CACHE / "test_syscalls.new"
    command = ["gcc", "-O1", "-w", "-D_GNU_SOURCE", "-DHAVE_CONFIG_H", f"-I{source}", f"-I{source}/include"]
    _run([*command, "-o", str(built), "test/test_syscalls.c"], source, "install gcc and libc6-dev")
    built.rename(PROGRAM)


def _run(command: list[str], directory: Path, advice: str) -> None:
    if shutil.which(command[0]) is None:
        raise CannotBuild(f"test_syscalls needs {command[0]}, which is not installed")
    try:
        done = subprocess.run(
            command, cwd=directory, capture_output=True, text=True, timeout=APT_SECONDS, check=False
        )
    except subprocess.TimeoutExpired:
        raise CannotBuild(f"{' '.join(command[:1])} took more than {APT_SECONDS} s; {advice}") from None
    if done.returncode != 0:
        raise CannotBuild(f"{' '.join(command)}\n{done.stdout}{done.stderr}\n{advice}")


if __name__ == "__main__":
    try:
        sys.stdout.write(f"{built_program()}\n")
    except CannotBuild as failure:
        sys.exit(f"build_test_syscalls: {failure}")
