"""`vfs locks`: what is locked, by whom, and how an administrator takes it from them."""

import json
import time
from pathlib import Path

import pytest

from vfs.cli.vfs import main
from vfs.config import load_settings
from vfs.dav.state.locks import Lock
from vfs.dav.state.opening import open_locks


@pytest.fixture
def config(tmp_path: Path) -> str:
    (tmp_path / "config.yaml").write_text("mounts: {m: {type: memory}}\nstate: state\n")
    table = open_locks(load_settings(tmp_path / "config.yaml").served)
    for name, lasts in (("a%20b", 1000), ("gone", -1)):
        table.put(
            Lock(f"opaquelocktoken:{name}", f"/m/{name}", "exclusive", "0", "alice", b"", time.time() + lasts)
        )
    table.close()
    return str(tmp_path / "config.yaml")


def test_locks_are_listed_and_broken(config: str, capsys: pytest.CaptureFixture[str]) -> None:
    """By place, user and token; those that have expired are none."""
    assert main(["locks", "--config", config]) == 0
    (line,) = capsys.readouterr().out.splitlines()
    assert line.startswith("m:a b  alice  exclusive  until 2")
    assert line.endswith("opaquelocktoken:a%20b")
    assert main(["locks", "--config", config, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["place"], told["user"]) == ("m:a b", "alice")
    assert main(["locks", "--config", config, "--break", told["token"]]) == 0
    assert main(["locks", "--config", config, "--break", told["token"]]) == 1
    assert "there is no lock" in capsys.readouterr().err
    assert main(["locks", "--config", config]) == 0
    assert capsys.readouterr().out == ""
