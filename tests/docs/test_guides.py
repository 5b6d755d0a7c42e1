"""The guides: each configuration is right, each command that can run here does, one after another."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.mounts.waiting import wait_until
from tests.servers.ports import free_ports
from tests.servers.seaweed import ACCESS_KEY, SECRET_KEY, SeaweedServer
from tests.systemd.instance import UNITS
from vfs.config import settings_from

GUIDES = sorted((Path(__file__).parents[2] / "docs" / "guides").glob("*.md"))

ELSEWHERE = (
    *("net use", "reg add", "net stop", "net start", "gio mount", "https://host:8443/  /mnt/drive  davfs"),
    *("sudo make install", "sudo systemctl", "systemctl", "loginctl", "journalctl"),
    *("ACCESS_KEY=", "SECRET_KEY=", "vfsdav config.yaml"),
)
"""How lines begin that need another system or an installation, or belong into a file."""

SHOWN = {
    "bucket.md": ["a.jpg", "OK in"],
    "network-drive.md": ["%PDF"],
    "restore.md": ["+tea, bread", ".md\n", "tea, bread\n"],
    "several-machines.md": ["sent", "everything is sent"],
    "systemd.md": ["everything is sent"],
    "tuning.md": ["everything is sent", "vfs_open_files", "debug", "forgotten"],
}
"""Words that the commands of a guide print, in any order."""


def configurations(guide: Path) -> list[str]:
    return re.findall(r"```yaml\n(.*?)```", guide.read_text(), re.DOTALL)


def commands(guide: Path) -> list[str]:
    """The lines of its indented blocks."""
    text = re.sub(r"```.*?```", "", guide.read_text(), flags=re.DOTALL)
    return re.findall(r"^(?: {4}| {8})(\S.*)$", text, re.MULTILINE)


@pytest.mark.parametrize("guide", GUIDES, ids=lambda guide: guide.name)
def test_configurations_of_guides_are_right(
    guide: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each block is a whole one."""
    monkeypatch.setenv("HOME", os.fspath(tmp_path))
    (tmp_path / "Documents").mkdir()
    blocks = configurations(guide)
    assert blocks
    environ = dict.fromkeys(re.findall(r"\$\{(\w+)\}", guide.read_text()), "a")
    environ["ALICE_HASH"] = "$argon2id$v=19$m=65536,t=3,p=4$c2FsdHNhbHQ$aGFzaGhhc2g"
    for block in blocks:
        assert settings_from(yaml.safe_load(block), environ=environ, folder=tmp_path).mounts


def test_units_of_guides_are_there() -> None:
    """Each that a guide starts is one that is installed."""
    named = {unit for guide in GUIDES for unit in re.findall(r"\b(vfs\w+@)\w+", guide.read_text())}
    assert named == {"vfsmount@", "vfsdav@"}
    assert {path.name for path in UNITS.rglob("*.service")} >= {f"{unit}.service" for unit in named}


class Room:
    """A folder in which a guide's commands are run, on a mount point and a bucket of its own."""

    def __init__(self, folder: Path, bucket: str, url: str) -> None:
        self.folder = folder
        self.mountpoint = folder / "mnt"
        self._store = {"bucket": bucket, "endpoint_url": url, "region": "us-east-1"}
        self._store |= {"key": ACCESS_KEY, "secret": SECRET_KEY}
        (self.port,) = free_ports(1)
        self._environ = {
            **{name: value for name, value in os.environ.items() if not name.startswith(("VFS_", "XDG_"))},
            "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
            "HOME": os.fspath(folder),
        }
        for path in ("pictures/a.jpg", "Documents/letter.txt"):
            (folder / path).parent.mkdir()
            (folder / path).write_text("1")
        (folder / "report.pdf").write_text("%PDF")

    def configure(self, written: str) -> None:
        """Have a guide's configuration, on what there is here."""
        config: dict[str, Any] = yaml.safe_load(written)
        config["mounts"] = {name: self._here(mount) for name, mount in config["mounts"].items()}
        config |= {"state": "state", "cache": {"directory": "cache"}}
        if "webdav" in config:
            config["webdav"]["port"] = self.port
        (self.folder / "config.yaml").write_text(yaml.safe_dump(config))

    def _here(self, mount: Mapping[str, Any]) -> Mapping[str, Any]:
        return {**mount, **self._store} if mount["type"] == "s3" else mount

    def shown(self, command: str) -> str:
        """A guide's command as it is to be run here."""
        here = command.removeprefix("sudo ").replace("/etc/vfs/storage.yaml", "config.yaml")
        here = here.replace("/mnt/storage", os.fspath(self.mountpoint)).replace("/root/saved", "saved")
        return here.replace(":8080", f":{self.port}")

    def run(self, command: str) -> str:
        """What a command prints, which must go well."""
        done = subprocess.run(
            ["bash", "-c", self.shown(command)],
            cwd=self.folder,
            env=self._environ,
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )
        assert done.returncode == 0, f"{command}: {done.stdout}{done.stderr}"
        return done.stdout

    def serve(self) -> "subprocess.Popen[bytes]":
        """`vfsdav config.yaml`, answering."""
        server = subprocess.Popen(
            [sys.executable, "-m", "vfs.cli.vfsdav", "config.yaml"], cwd=self.folder, env=self._environ
        )
        log = self.folder / "state"
        wait_until(lambda: log.exists() and self._answers(), 60, "the server")
        return server

    def _answers(self) -> bool:
        url = f"http://127.0.0.1:{self.port}/"
        return subprocess.run(["curl", "-s", url], capture_output=True, check=False).returncode == 0


@pytest.fixture
def room(tmp_path: Path, bucket: str, seaweed: SeaweedServer) -> Iterator[Room]:
    """A room in which nothing stays mounted."""
    room = Room(tmp_path, bucket, seaweed.url)
    yield room
    subprocess.run(["fusermount3", "-uzq", room.mountpoint], capture_output=True, check=False)


@pytest.mark.parametrize("guide", GUIDES, ids=lambda guide: guide.name)
def test_commands_of_guides_run(guide: Path, room: Room) -> None:
    """In the order of the guide, each with status 0, and what is to be seen is seen."""
    room.configure(configurations(guide)[0])
    here = [command for command in commands(guide) if not command.startswith(ELSEWHERE)]
    server = room.serve() if "vfsdav config.yaml" in commands(guide) else None
    if guide.name == "systemd.md":  # what the unit does
        here = ["mkdir /mnt/storage", "vfsmount config.yaml /mnt/storage", *here]
    try:
        printed = "".join(map(room.run, here))
    finally:
        if server is not None:
            server.terminate()
            server.wait(60)
    assert [words for words in SHOWN[guide.name] if words not in printed] == []
