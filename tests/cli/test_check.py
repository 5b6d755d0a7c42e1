"""`vfs check` and `vfs schema`, as commands: what they print and what they return."""

import json
import os
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.cli.tool import Run
from vfs.cli.exit_status import FAILED, MISUSED, OK

VFS = os.fspath(Path(sys.executable).with_name("vfs"))


def run_alone(*arguments: object) -> "subprocess.CompletedProcess[str]":
    """The command as a process."""
    return subprocess.run(
        [VFS, *map(str, arguments)], capture_output=True, text=True, timeout=120, check=False
    )


@pytest.fixture
def config(tmp_path: Path) -> Path:
    return tmp_path / "config.yaml"


def test_good_configuration_is_one_line(config: Path) -> None:
    """Nothing is opened without --ping: the folder need not be there."""
    config.write_text("mounts: {m: {type: memory}, l: {type: local, path: nowhere}}")
    done = run_alone("check", config)
    assert (done.returncode, done.stdout, done.stderr) == (OK, f"{config}: fine, 2 mount(s)\n", "")


def test_everything_wrong_is_told_at_once(run: Run, config: Path) -> None:
    """A misspelt key, an unset variable, a missing driver and an unknown type: one line each, status 1."""
    config.write_text(
        "mounts:\n"
        "  a: {type: memory, ttll: 1}\n"
        "  b: {type: local, path: '${NO_SUCH_VARIABLE}'}\n"
        "  c: {type: box}\n"
        "  d: {type: memry}\n"
    )
    done = run("check", config, "--ping")
    assert done.returncode == FAILED
    keys = [line.split(": ")[1] for line in done.stdout.splitlines()]
    assert keys == ["mounts.b.path", "mounts.a.ttll", "mounts.c.protocol", "mounts.d.type"]


def test_problems_as_data(run: Run, config: Path) -> None:
    """--json gives key and message of each problem."""
    config.write_text("mounts: {m: {type: memory, ttl: soon}}")
    done = run("check", "--json", config)
    told = json.loads(done.stdout)
    assert (done.returncode, told["ok"], told["mounts"]) == (FAILED, False, [])
    assert [problem["key"] for problem in told["problems"]] == ["mounts.m.ttl"]


@pytest.mark.parametrize("text", ["mounts: {m: [", "mounts: {}"])
def test_unusable_file_is_a_problem(run: Run, config: Path, text: str) -> None:
    """What cannot be parsed, or holds no mount, is told like any other problem."""
    config.write_text(text)
    done = run("check", config)
    assert done.returncode == FAILED
    assert done.stdout.startswith(f"{config}: ")


def test_missing_file_is_a_problem(run: Run, config: Path) -> None:
    """A file that is not there is named."""
    done = run("check", config)
    assert done.returncode == FAILED
    assert "No such file" in done.stdout


def test_ping_tells_each_mount(run: Run, config: Path) -> None:
    """One that answers is OK; the reason of one that does not stands beside it; status 1."""
    config.write_text("mounts: {good: {type: memory}, bad: {type: local, path: nowhere}}")
    done = run("check", config, "--ping")
    good, bad = done.stdout.splitlines()
    assert done.returncode == FAILED
    assert good.startswith("good  memory: OK in ")
    assert bad.startswith("bad   local: FAILED: the folder ")


def test_ping_waits_for_all_together_until_the_deadline(config: Path) -> None:
    """Servers that accept and never answer cost one deadline, not one each; others are told all the same."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        dead = "".join(f"  s{i}: {{type: http, url: '{url}'}}\n" for i in range(4))
        config.write_text(f"mounts:\n{dead}  good: {{type: memory}}\n")
        begun = time.monotonic()
        done = run_alone("check", config, "--ping", "--json", "--timeout", "1s")
    mounts = {mount["mount"]: mount["error"] for mount in json.loads(done.stdout)["mounts"]}
    assert mounts == {**{f"s{i}": "no answer within 1 s" for i in range(4)}, "good": None}
    assert time.monotonic() - begun < 20
    assert done.returncode == FAILED


def test_ping_leaves_the_journal_alone(run: Run, config: Path, tmp_path: Path) -> None:
    """Checking makes no state: nothing unsent is taken up or sent."""
    config.write_text("mounts: {m: {type: memory}}\nstate: state")
    assert run("check", config, "--ping").returncode == OK
    assert not (tmp_path / "state").exists()


def test_schema_is_printed(run: Run) -> None:
    """`vfs schema` is what editors need."""
    done = run("schema")
    assert done.returncode == OK
    assert "storage s3" in json.loads(done.stdout)["definitions"]


@pytest.mark.parametrize("arguments", [(), ("chekc",), ("check",), ("check", "x", "--timeout", "soon")])
def test_wrong_command_line(run: Run, arguments: tuple[str, ...]) -> None:
    """Status 2 and argparse's words on stderr."""
    done = run(*arguments)
    assert (done.returncode, done.stdout) == (MISUSED, "")
    assert "usage: vfs" in done.stderr


def test_mounts_that_stand_on_mounts_are_pinged_through_them(run: Run, config: Path, tmp_path: Path) -> None:
    """They are opened after what they stand on, whatever order was written; a failure below names it."""
    (tmp_path / "data").mkdir()
    config.write_text(
        "mounts:\n"
        "  deep: {type: relative, path: 'work:x'}\n"
        "  work: {type: relative, path: 'home:'}\n"
        "  home: {type: local, path: data}\n"
        "  on_bad: {type: relative, path: 'bad:'}\n"
        "  bad: {type: local, path: nowhere}\n"
    )
    mounts = {
        mount["mount"]: mount["error"]
        for mount in json.loads(run("check", config, "--ping", "--json").stdout)["mounts"]
    }
    assert mounts["deep"] is mounts["work"] is mounts["home"] is None
    assert "stands on 'bad', which cannot be opened" in mounts["on_bad"]


def test_cycle_is_spelt_out(run: Run, config: Path) -> None:
    """Mounts that stand on each other are a problem of the configuration."""
    config.write_text(
        "mounts:\n  a: {type: relative, path: 'b:'}\n  b: {type: relative, path: 'a:'}\n  c: {type: memory}\n"
    )
    done = run("check", config)
    assert done.returncode == FAILED
    assert "a -> b -> a" in done.stdout
