"""What verbs show of a running daemon is what is in `golden`: while all is well, and while a store is not."""

import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from tests.cli.room import VFSMOUNT
from tests.cli.screens import Golden, every, living_in, screens
from tests.cli.shown import DAEMON, UNSENT
from tests.cli.terminal import Look
from tests.mounts.kinds import s3_settings
from tests.mounts.waiting import wait_until
from tests.servers.fault_proxy import FaultProxy
from tests.servers.seaweed import SeaweedServer
from vfs.cli.serving import servings


@pytest.fixture(scope="module")
def store(seaweed: SeaweedServer) -> Iterator[FaultProxy]:
    """What stands between the daemon and its store."""
    proxy = FaultProxy(seaweed.address)
    yield proxy
    proxy.close()


@pytest.fixture(scope="module")
def served(seaweed: SeaweedServer, store: FaultProxy) -> Iterator[Path]:
    """A folder with a daemon, the name always as long; the mount is in `mnt`."""
    with seaweed.bucket() as bucket, tempfile.TemporaryDirectory(prefix="vfs-", dir="/tmp") as folder:
        far = {**s3_settings(bucket, store.url), "durability": "disk", "deadline": 4}
        config = {
            "mounts": {"far": far, "home": {"type": "memory"}},
            "cache": {"directory": None},
            "state": "state",
        }
        Path(folder, "vfs.yaml").write_text(yaml.safe_dump(config))
        os.mkdir(f"{folder}/mnt")
        daemon = subprocess.Popen(
            [VFSMOUNT, "vfs.yaml", "mnt", "--foreground"],
            cwd=folder,
            env={**os.environ, "XDG_RUNTIME_DIR": folder},
            stderr=subprocess.DEVNULL,
        )
        try:
            with living_in(Path(folder)):
                wait_until(lambda: bool(servings()) or daemon.poll() is not None, 60, "the daemon")
            yield Path(folder)
        finally:
            daemon.send_signal(signal.SIGKILL)
            daemon.wait()
            subprocess.run(["fusermount3", "-uz", f"{folder}/mnt"], check=False, capture_output=True)


@pytest.fixture
def home(served: Path) -> Iterator[Path]:
    with living_in(served):
        yield served


@pytest.mark.parametrize(("folder", "look"), every(DAEMON))
def test_a_verb_shows_what_it_showed(home: Path, golden: Golden, folder: str, look: Look) -> None:
    """Of a daemon that has sent everything."""
    golden.check(folder, look.name, screens(home, DAEMON[folder], look))


@pytest.fixture(scope="module")
def refused(served: Path, store: FaultProxy) -> Iterator[None]:
    """A file that the store does not take."""
    store.fail(matches=lambda request: request.method == "PUT")
    (served / "mnt" / "far" / "plan.md").write_text("tea\n")
    with living_in(served):
        (serving,) = servings()
        wait_until(lambda: bool(serving.ask("unsent", {}, timeout=30)["failing_count"]), 60, "a failure")
    yield
    store.heal()


@pytest.mark.parametrize(("folder", "look"), every(UNSENT))
@pytest.mark.usefixtures("refused")
def test_what_is_not_sent_is_shown(home: Path, golden: Golden, folder: str, look: Look) -> None:
    """Each file, and why; where it was saved; and that nothing could be waited for."""
    golden.check(folder, look.name, screens(home, UNSENT[folder], look))
    shutil.rmtree(home / "saved", ignore_errors=True)
