"""What README and the documents show is what works."""

import base64
import os
import re
import shlex
import shutil
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from tests.mounts.daemon import VFSMOUNT, Daemon, mounted
from tests.mounts.waiting import wait_until
from tests.servers.ports import free_ports
from vfs.config import settings_from
from vfs.config.configuration import Configuration
from vfs.config.problems import keys_of
from vfs.engine.backends import STORAGE_TYPES
from vfs.engine.mounts import CacheSettings, MountTerms

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text()
CONFIG = (ROOT / "docs" / "CONFIG.md").read_text()


@pytest.mark.parametrize("document", [README, CONFIG], ids=["README", "CONFIG"])
def test_config_examples_are_accepted(document: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Every YAML block is a whole, right configuration."""
    monkeypatch.setenv("HOME", os.fspath(tmp_path))
    (tmp_path / "Documents").mkdir()
    blocks = re.findall(r"```yaml\n(.*?)```", document, re.DOTALL)
    assert blocks
    a_key = base64.b64encode(bytes(32)).decode()
    environ = dict.fromkeys(re.findall(r"\$\{(\w+)\}", document), a_key)
    environ["GUEST_HASH"] = "$argon2id$v=19$m=65536,t=3,p=4$c2FsdHNhbHQ$aGFzaGhhc2g"
    for block in blocks:
        settings = settings_from(yaml.safe_load(block), environ=environ, folder=tmp_path)
        assert settings.mounts
        if block is blocks[0]:
            assert len(settings.mounts) >= 3


def test_commented_keys_of_the_readme_are_real() -> None:
    """The optional lines of README's example are right once their '#' is taken away."""
    (block,) = re.findall(r"```yaml\n(.*?)```", README, re.DOTALL)
    uncommented = re.sub(r"# (\w+: \S+).*", r"\1", block)
    assert uncommented != block
    environ = {"ACCESS_KEY": "a", "SECRET_KEY": "b"}
    photos = settings_from(yaml.safe_load(uncommented), environ=environ).mounts[0]
    assert photos.options.secret.get_secret_value() == "b"  # type: ignore[attr-defined]


def documented_keys(heading: str) -> set[str]:
    """The keys in the first column of the first table below a heading of CONFIG.md, before the next one."""
    section = CONFIG[CONFIG.index(heading) + len(heading) :].partition("\n## ")[0] + "\n\n"
    table = section[: section.index("\n\n", section.index("| --- |"))] if "| --- |" in section else ""
    rows = [line.split("|")[1] for line in table.splitlines() if line.startswith("| `")]
    return {key for row in rows for key in re.findall(r"`(\w+)`", row)}


@pytest.mark.parametrize("name", STORAGE_TYPES.names)
def test_every_option_of_a_storage_is_documented(name: str) -> None:
    """CONFIG.md's table of a storage type has its keys, and no others."""
    (heading,) = re.findall(rf"^## (?:`\w+`, )*`{name}`", CONFIG, re.MULTILINE)
    documented = documented_keys(heading)
    fields = set(STORAGE_TYPES.load(name).options.model_fields)
    assert fields <= documented
    assert documented - {"base_path"} <= keys_of(STORAGE_TYPES.load(name).options)


def test_every_common_key_is_documented() -> None:
    """CONFIG.md's tables of the top level, the cache and every mount have exactly the keys there are."""
    assert documented_keys("## Top level") == keys_of(Configuration)
    assert documented_keys("`cache`:") == keys_of(CacheSettings)
    assert documented_keys("## Every mount") == keys_of(MountTerms) | {"type", "protocol", "layers"}


def test_old_versions_are_reached_as_shown(tmp_path: Path) -> None:
    """README's commands on `.versions`, one after another."""
    section = README.partition("## Old versions")[2].partition("\n## ")[0]
    commands = re.findall(r"^    (\w+ \S*.*/mnt/storage/.*)$", section, re.MULTILINE)
    settings = {"type": "sqlite", "path": os.fspath(tmp_path / "notes.db"), "layers": ["versioned"]}
    with mounted(Daemon(os.fspath(tmp_path), settings)) as daemon:
        notes = Path(daemon.mountpoint)
        for content in ("one\n", "two\n"):
            (notes / "plan.md").write_text(content)
        subprocess.run("echo not for good > gone.md", shell=True, cwd=notes, check=True)
        (notes / "gone.md").unlink()
        assert sorted(os.listdir(notes)) == ["plan.md"]
        printed = []
        for command in commands:
            shown = command.replace("/mnt/storage/notes", shlex.quote(daemon.mountpoint))
            done = subprocess.run(shown, shell=True, capture_output=True, text=True, check=False, timeout=60)
            assert done.returncode == 0, f"{command}: {done.stderr}"
            printed.append(done.stdout)
        assert len(printed) == 3
        assert len(re.findall(r"^2\S+\.md$", printed[0], re.MULTILINE)) == 2
        assert "+two" in printed[1]
        assert (notes / "gone.md").read_text() == "not for good\n"


class Drive(Daemon):
    """`vfsmount --dav` as README has it, on other folders and a free port."""

    def __init__(self, directory: str, shown: str, port: int) -> None:
        self._shown = shown
        self.port = port
        super().__init__(directory, {"type": "memory"})

    def _write_config(self, storage: dict[str, object], cache: bool) -> None:
        config = {
            "mounts": {"home": storage},
            "cache": {"directory": None},
            "state": os.path.join(self.directory, "state"),
            "webdav": {"port": self.port},
        }
        Path(self._config).write_text(yaml.safe_dump(config))

    def command(self) -> list[str]:
        shown = self._shown.replace("config.yaml", self._config).replace("/mnt/storage", self.mountpoint)
        return [*shown.replace(".venv/bin/vfsmount", VFSMOUNT).split(), "-o", "allow_other"]


def test_the_network_drive_is_served_as_shown(tmp_path: Path) -> None:
    """README's commands on WebDAV: what is put there is in the mounted folder."""
    section = README.partition("## As a network drive")[2].partition("\n## ")[0]
    served, mounted_too, put = re.findall(r"^    (\S.*?)(?:  +#.*)?$", section, re.MULTILINE)
    assert served.split() == mounted_too.replace("vfsmount", "vfsdav").split()[:2]
    (port,) = free_ports(1)
    (tmp_path / "report.pdf").write_bytes(b"%PDF")
    with mounted(Drive(os.fspath(tmp_path), mounted_too, port)) as drive:
        command = put.replace(":8080", f":{port}").split()
        wait_until(lambda: _answers(port), 30, "the network drive")
        subprocess.run([*command, "--silent", "--fail"], cwd=tmp_path, check=True, timeout=60)
        assert Path(drive.mountpoint, "home", "report.pdf").read_bytes() == b"%PDF"


def _answers(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@pytest.fixture
def tree_copy(tmp_path: Path) -> Iterator[Path]:
    """The repository as `make run` sees it, in a folder of its own, set up; unmounted at the end."""
    copy = tmp_path / "with space"
    (copy / ".venv").mkdir(parents=True)
    shutil.copytree(ROOT / "scripts", copy / "scripts")
    shutil.copy(ROOT / "Makefile", copy)
    shutil.copy(ROOT / "pyproject.toml", copy)
    (copy / ".venv" / "bin").symlink_to(ROOT / ".venv" / "bin")
    (copy / ".venv" / ".ready-to-run").touch()
    yield copy
    subprocess.run(["fusermount3", "-uz", copy / "storage"], capture_output=True, check=False)


def make(target: str, folder: Path) -> str:
    done = subprocess.run(
        ["make", target], cwd=folder, capture_output=True, text=True, check=False, timeout=120
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def shown_commands(printed: str) -> list[str]:
    """The commands to try that `make run` prints, those that need a terminal left out."""
    lines = re.findall(r"^    (\S.*)$", printed, re.MULTILINE)
    return [line for line in lines if not line.startswith("vim ")]


def test_demo_walk(tree_copy: Path) -> None:
    """`make run` twice, each command that it shows, `make stop` twice: all succeed, and edits last."""
    make("run", tree_copy)
    commands = shown_commands(make("run", tree_copy))
    assert len(commands) >= 5
    for command in commands:
        done = subprocess.run(
            command, shell=True, cwd=tree_copy, capture_output=True, text=True, check=False, timeout=60
        )
        assert done.returncode == 0, f"{command}: {done.stderr}"
    assert "coffee" in (tree_copy / "storage/notes/shopping.md").read_text()
    assert (tree_copy / "storage/notes/letters/anna.txt").read_text().startswith("Dear Anna")
    make("stop", tree_copy)
    assert not list((tree_copy / "storage").iterdir())
    make("stop", tree_copy)
    make("run", tree_copy)
    assert "coffee" in (tree_copy / "storage/notes/shopping.md").read_text()


def test_the_python_example_runs(capsys: pytest.CaptureFixture[str]) -> None:
    """README's Python block does what it shows."""
    (block,) = re.findall(r"```python\n(.*?)```", README, re.DOTALL)

    exec(compile(block, "README.md", "exec"), {})

    assert capsys.readouterr().out == "all is well\n 12\n"
