"""Many clients at once: no request fails, no update is lost, and nothing stays open when they have gone."""

import os
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.dav.clients.crowd import work
from tests.dav.clients.drive import drive
from tests.mounts.waiting import wait_until
from vfs.dav.server.crew import KEPT

CLIENTS = 24
ROUNDS = 4


def a_few(turn: int) -> bool:
    return turn < ROUNDS


def crew() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name == "vfs-dav-crew"]


@pytest.mark.parametrize("mount", ["files", "Memory"])
def test_no_update_is_lost(mount: str, tmp_path: Path) -> None:
    """Each `If-Match` that was answered with success counts, and no other."""
    with drive(tmp_path) as served:
        served.storage.node(f"{mount}:counter").write_text("0")
        descriptors = len(os.listdir("/proc/self/fd"))
        with ThreadPoolExecutor(CLIENTS) as pool:
            done = pool.map(lambda number: work(served.address, mount, number, a_few), range(CLIENTS))
            counted = sum(each for each, _ in done)
        assert int(served.text(f"{mount}:counter")) == counted > 0
        assert [node.name for node in served.storage.node(f"{mount}:").children()] == ["counter"]
        # Other threads of this process open and close files meanwhile: far fewer than there were clients.
        most = descriptors + CLIENTS // 2
        wait_until(lambda: len(os.listdir("/proc/self/fd")) <= most, 30, "the descriptors")
        wait_until(lambda: len(crew()) <= KEPT + 1, 30, "threads that nobody needs to end")
