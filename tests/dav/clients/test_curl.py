"""curl: uploads with and without asking first, broken off and resumed downloads, a GiB, odd names, litmus."""

import os
import subprocess
from pathlib import Path
from urllib.parse import quote

import pytest

from tests.dav.clients.drive import ODD_NAMES, Drive, drive
from tests.dav.test_litmus import check_litmus


def curl(*arguments: str) -> str:
    done = subprocess.run(
        ["curl", "-sS", "--fail-with-body", *arguments],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.parametrize("mount", ["files", "Memory"])
def test_up_and_down(mount: str, tmp_path: Path) -> None:
    """Names of every kind, empty files, the ETag that is told is the one that is shown."""
    with drive(tmp_path) as served:
        for number, name in enumerate(ODD_NAMES):
            (tmp_path / "source").write_text(f"content {number}" if number else "")
            url = f"{served.url}/{mount}/{quote(name)}"
            told = curl("-T", str(tmp_path / "source"), "-D", "-", url)
            shown = curl("-I", url)
            (etag,) = {line for text in (told, shown) for line in text.splitlines() if line[:5] == "ETag:"}
            assert etag.count('"') == 2
            assert curl(url) == served.text(f"{mount}:{name}") == (f"content {number}" if number else "")
        assert {node.name for node in served.storage.node(f"{mount}:").children()} == set(ODD_NAMES)


@pytest.mark.parametrize("size", [64 << 20, pytest.param(1 << 30, marks=pytest.mark.slow)], ids=["64M", "1G"])
def test_a_big_file_up_and_down(size: int, tmp_path: Path) -> None:
    """Whole both ways, and resumed from the middle."""
    with (tmp_path / "big").open("wb") as big:
        big.truncate(size)
        big.seek(size // 2)
        big.write(b"in the middle")
    with drive(tmp_path) as served:
        url = f"{served.url}/files/big"
        curl("-T", str(tmp_path / "big"), url)
        assert (tmp_path / "files" / "big").stat().st_size == size
        with (tmp_path / "back").open("wb") as back:
            back.truncate(size // 2 - 5)
        curl("-C", "-", "-o", str(tmp_path / "back"), url)
        subprocess.run(["cmp", tmp_path / "big", tmp_path / "back"], check=True)
    for name in ("big", "back", "files/big"):
        os.unlink(tmp_path / name)


def test_an_upload_that_must_fail_is_not_sent(tmp_path: Path) -> None:
    """curl asks first for a big one, and hears no before a byte of it went."""
    (tmp_path / "big").write_bytes(bytes(5 << 20))
    command = ["curl", "-sS", "-o", "/dev/null", "-w", "%{http_code} %{size_upload}"]
    with drive(tmp_path) as served:
        done = subprocess.run(
            [*command, "-T", tmp_path / "big", f"{served.url}/files/no/such/folder"],
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.stdout == "409 0"


def test_an_upload_broken_off_leaves_the_old_file(tmp_path: Path) -> None:
    """Half of a replacement comes, and then nothing: the old one stands, and nothing lies beside it."""

    def old_stands(served: Drive) -> bool:
        names = {node.name for node in served.storage.node("files:").children()}
        return served.text("files:x") == "old" and names == {"x"}

    with drive(tmp_path) as served:
        served.storage.node("files:x").write_text("old")
        (tmp_path / "big").write_bytes(bytes(20 << 20))
        command = ["curl", "-s", "--limit-rate", "5M", "--max-time", "1", "-T", tmp_path / "big"]
        done = subprocess.run([*command, f"{served.url}/files/x"], timeout=60, check=False)
        assert done.returncode == 28
        assert old_stands(served)
    assert [path.name for path in (tmp_path / "files").iterdir()] == ["x"]


def test_litmus_finds_nothing_at_the_real_server(tmp_path: Path) -> None:
    """The server, locks and properties in files, and the guard change nothing of it."""
    with drive(tmp_path) as served:
        check_litmus(f"{served.url}/files/", tmp_path)
