"""litmus, the suite that WebDAV servers are judged by: every test of it on every kind of storage."""

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import vfs
from tests.dav.asking import serving
from tests.servers import seaweed as s3

SUITES = ("basic", "copymove", "props", "locks", "http")


def mounts(tmp_path: Path) -> dict[str, Any]:
    return {
        "Memory": {"type": "memory"},
        "local": {"type": "local", "path": str(tmp_path / "local"), "create": True},
        "sqlite": {"type": "sqlite", "path": str(tmp_path / "files.db")},
    }


def judge(command: list[str], folder: Path) -> str:
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=120, check=False)
    return done.stdout + done.stderr


def check_litmus(url: str, folder: Path) -> None:
    told = judge(["litmus", "-k", url], folder)
    summaries = re.findall(r"summary for `(\w+)': of \d+ tests run: \d+ passed, (\d+) failed", told)
    assert summaries == [(suite, "0") for suite in SUITES], told
    assert "WARNING" not in told, told
    assert "SKIPPED" not in told, told


@pytest.mark.parametrize("mount", ["Memory", "local", "sqlite"])
def test_litmus_finds_nothing(mount: str, tmp_path: Path) -> None:
    """All five suites pass, without a warning and without a skipped test."""
    with vfs.open({"mounts": mounts(tmp_path)}) as storage, serving(storage, tmp_path) as url:
        check_litmus(f"{url}/{mount}/", tmp_path)


def test_litmus_finds_nothing_on_a_bucket(seaweed: s3.SeaweedServer, bucket: str, tmp_path: Path) -> None:
    """The same over a store that has neither folders nor renames."""
    mount = {
        "type": "s3",
        "bucket": bucket,
        "endpoint_url": seaweed.url,
        "region": s3.REGION,
        "key": s3.ACCESS_KEY,
        "secret": s3.SECRET_KEY,
    }
    with vfs.open({"mounts": {"s3": mount}}) as storage, serving(storage, tmp_path) as url:
        check_litmus(f"{url}/s3/", tmp_path)


def test_another_judge_agrees(tmp_path: Path) -> None:
    """The tests of webdav-tck pass too, every one."""
    program = str(Path(sys.executable).with_name("dav-tck"))
    with vfs.open({"mounts": mounts(tmp_path)}) as storage, serving(storage, tmp_path) as url:
        command = [program, "--no-colour", "--suites=basic,copymove,props,locks", f"{url}/Memory/"]
        told = judge(command, tmp_path)
    results = re.findall(r"(\w+): (PASS|FAIL|SKIP|WARN)\w*", told)
    assert len(results) > 50, told
    assert {result for _, result in results} == {"PASS"}, told
