"""`vfs journal` where no daemon runs: what it left is seen, saved and sent, and its journal stays its own."""

import json
import os
import signal
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.cli.room import Room
from tests.mounts.waiting import wait_until
from tests.servers.fault_proxy import FaultProxy
from tests.servers.seaweed import SeaweedServer
from vfs.cli import journals_on_disk
from vfs.cli.exit_status import FAILED, MISUSED, OK
from vfs.cli.vfs import main

BIG = bytes(range(256)) * (3 << 12)
"""3 MiB, of which the test changes five bytes."""

EDITED = BIG[:100] + b"hello" + BIG[105:]

ODD = "a*[1]\n\N{SNOWMAN}.txt"


class Journal:
    """Runs `vfs journal` as an administrator would whose daemon is gone."""

    def __init__(self, room: Room, captured: "pytest.CaptureFixture[str]") -> None:
        self.room = room
        self._captured = captured

    def __call__(self, *words: str, config: Path | None = None) -> tuple[int, str, str]:
        """The status of a run, and what it said on stdout and stderr."""
        status = main(["journal", *words, "--config", os.fspath(config or self.room.config)])
        said = self._captured.readouterr()
        return status, said.out, said.err

    def listed(self) -> list[dict[str, Any]]:
        """The files that `vfs journal list` tells of."""
        files: list[dict[str, Any]] = json.loads(self("list", "--json")[1])["unsent"]
        return files


@pytest.fixture
def journal(
    disk_room: Room,
    proxy: FaultProxy,
    seaweed: SeaweedServer,
    bucket: str,
    capsys: "pytest.CaptureFixture[str]",
) -> Journal:
    """Of a daemon that was killed: three files are unsent, one of them an edit; the store takes no PUT."""
    seaweed.client().put_object(Bucket=bucket, Key="big", Body=BIG)
    daemon = disk_room.serve()
    proxy.fail(matches=lambda request: request.method == "PUT")
    place = disk_room.mountpoint / "m"
    (place / "new").write_text("superseded")
    (place / "new").write_text("promised")
    (place / ODD).write_text("odd")
    with (place / "big").open("r+b") as file:
        file.seek(100)
        file.write(b"hello")
    daemon.send_signal(signal.SIGKILL)
    daemon.wait(60)
    subprocess.run(["fusermount3", "-uz", disk_room.mountpoint], check=True)
    return Journal(disk_room, capsys)


def state_of(room: Room) -> dict[Path, tuple[int, bytes]]:
    """Everything below the state folder, with its times."""
    below = [path for path in (room.folder / "state" / "journal").rglob("*") if path.is_file()]
    return {path: (path.stat().st_mtime_ns, path.read_bytes()) for path in below}


def test_what_a_dead_daemon_left_is_told_and_saved(journal: Journal) -> None:
    """Each file as it was acknowledged last, an edit with what the store has around it.

    Nothing in the journal is changed, and nothing that is at the target already.
    """
    before = state_of(journal.room)
    status, out, err = journal("list")
    assert (status, err) == (FAILED, "")
    assert out.startswith("unsent: 3 file(s), 3.0 MiB\n")
    assert out.count("UTC, no process sends it\n") == 3
    assert {file["key"]: file["size"] for file in journal.listed()} == {"new": 8, ODD: 3, "big": len(BIG)}

    saved = journal.room.folder / "saved"
    status, _, err = journal("export", "--to", os.fspath(saved))
    assert (status, err) == (OK, "")
    assert (saved / "m" / "new").read_text() == "promised"
    assert (saved / "m" / ODD).read_text() == "odd"
    assert (saved / "m" / "big").read_bytes() == EDITED

    (saved / "m" / "new").write_text("mine")
    (saved / "m" / "big").unlink()
    status, _, err = journal("export", "--to", os.fspath(saved))
    assert (status, err.count("/m/")) == (FAILED, 2)
    assert (saved / "m" / "new").read_text() == "mine"
    assert (saved / "m" / "big").read_bytes() == EDITED
    assert state_of(journal.room) == before


def test_an_edit_without_its_object_is_saved_in_part(
    journal: Journal, proxy: FaultProxy, seaweed: SeaweedServer, bucket: str
) -> None:
    """Under a name that says so, with zeros for the rest, which is told; a newer object has not the rest."""
    seaweed.client().put_object(Bucket=bucket, Key="big", Body=b"x" * len(BIG))
    saved = journal.room.folder / "replaced"
    assert journal("export", "--to", os.fspath(saved))[0] == FAILED
    assert not (saved / "m" / "big").exists()
    assert (saved / "m" / "big.partial").read_bytes()[95:110] == bytes(5) + b"hello" + bytes(5)

    proxy.fail(matches=lambda request: True)
    saved = journal.room.folder / "saved"
    status, _, err = journal("export", "--to", os.fspath(saved))
    assert status == FAILED
    assert f"{saved}/m/big.partial: has zeros where only the store has the bytes: 0 to 100, 105 to" in err
    assert (saved / "m" / "big.partial").read_bytes() == bytes(100) + b"hello" + bytes(len(BIG) - 105)
    assert sorted(os.listdir(saved / "m")) == sorted(["new", ODD, "big.partial"])


def test_a_wrong_configuration_hides_no_unsent_file(journal: Journal) -> None:
    """One with mistakes tells where its journal is; of one that cannot be parsed `--state` tells."""
    room = journal.room
    broken = room.folder / "broken.yaml"
    broken.write_text("mounts: {m: {type: s3, bukcet: b, key: '${NOT_SET_ANYWHERE}'}}\nstate: state\n")
    status, out, _ = journal("list", config=broken)
    assert (status, out.splitlines()[0]) == (FAILED, "unsent: 3 file(s), 3.0 MiB")
    broken.write_text("mounts: {m: [")
    status, out, err = journal("list", config=broken)
    assert (status, out) == (MISUSED, "")
    assert "--state FOLDER says where the journal is" in err
    status, out, _ = journal("list", "--state", os.fspath(room.folder / "state"), config=broken)
    assert (status, out.splitlines()[0]) == (FAILED, "unsent: 3 file(s), 3.0 MiB")


def test_retry_sends_what_a_dead_daemon_left(
    journal: Journal, proxy: FaultProxy, seaweed: SeaweedServer, bucket: str
) -> None:
    """What the store goes on refusing is told, and stays; what it takes is gone from the journal."""
    status, out, err = journal("retry", "--timeout", "100ms")
    assert (status, out) == (FAILED, "0 file(s) are sent\n")
    assert "m:new: not sent: " in err
    assert len(journal.listed()) == 3
    proxy.heal()
    assert journal("retry", "--timeout", "60s") == (OK, "3 file(s) are sent\n", "")
    assert journal("list") == (OK, "everything is sent\n", "")
    client = seaweed.client()
    assert client.get_object(Bucket=bucket, Key="new")["Body"].read() == b"promised"
    assert client.get_object(Bucket=bucket, Key="big")["Body"].read() == EDITED


def test_a_running_daemon_is_asked(journal: Journal) -> None:
    """It has the journal, tells why it cannot send, and each file is told once."""
    journal.room.serve()

    def reasons() -> list[str | None]:
        return [file["failure"] for file in journal.listed()]

    wait_until(lambda: len(reasons()) == 3 and None not in reasons(), 60, "the reasons of the daemon")
    assert all("since" not in file for file in journal.listed())
    saved = journal.room.folder / "saved"
    assert journal("export", "--to", os.fspath(saved))[2] == ""
    assert (saved / "m" / "big").read_bytes() == EDITED
    status, out, err = journal("retry")
    assert (status, out, err) == (OK, "3 file(s) are being sent\n", "")


def test_what_units_of_the_system_left_is_found_by_their_configuration(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A mount's and a drive's of that name, beside what the configuration itself says; those of no other."""
    states = tmp_path / "mounts", tmp_path / "drives", tmp_path / "none"
    monkeypatch.setattr(journals_on_disk, "_UNITS_CONFIGS", os.fspath(tmp_path))
    monkeypatch.setattr(journals_on_disk, "_UNITS_STATES", tuple(map(os.fspath, states)))
    for name in ("storage", "other"):
        (tmp_path / f"{name}.yaml").write_text("mounts: {m: {type: memory}}\nstate: own\n")
        for state in states[:2]:
            (state / name / "vfs").mkdir(parents=True)
    found = journals_on_disk.JournalsOnDisk.of(os.fspath(tmp_path / "storage.yaml"), None)
    below = [os.fspath(state / "storage" / "vfs") for state in states[:2]]
    assert found.folders == (os.fspath(tmp_path / "own"), *below)
    (tmp_path / "elsewhere").mkdir()
    elsewhere = (tmp_path / "storage.yaml").rename(tmp_path / "elsewhere" / "storage.yaml")
    found = journals_on_disk.JournalsOnDisk.of(os.fspath(elsewhere), None)
    assert found.folders == (os.fspath(tmp_path / "elsewhere" / "own"),)


def test_units_keep_their_state_where_it_is_looked_for() -> None:
    """The folders that their files name."""
    units = Path(__file__).parents[2] / "systemd" / "system"
    named = {
        line.partition("=")[2].partition("/")[0]
        for unit in units.glob("vfs*@.service")
        for line in unit.read_text().splitlines()
        if line.startswith("StateDirectory=")
    }
    assert {f"/var/lib/{name}" for name in named} == set(journals_on_disk._UNITS_STATES)
