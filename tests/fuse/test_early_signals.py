"""What a signal to stop does to a mount that has hardly begun."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from vfs.fuse.mount_table import find_mount

SERVING = """
import os, sys, vfs
from vfs.fuse import mounting

def once_mounted(mountpoint, found=mounting.Connection.of):
    os.kill(os.getpid(), int(sys.argv[2]))
    return found(mountpoint)

mounting.Connection.of = once_mounted
storage = vfs.open([{"name": "m", "type": "memory"}])
mounting.serve(storage, sys.argv[1], mounting.FuseOptions(), ready=lambda: None)
print("ended")
"""


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_signal_before_the_first_request_unmounts(tmp_path: Path, number: signal.Signals) -> None:
    """A stop signal between the mount and the loop that serves it leaves no dead mount behind."""
    command = [sys.executable, "-c", SERVING, str(tmp_path), str(int(number))]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
        assert (done.returncode, done.stdout) == (0, "ended\n"), done.stderr
        assert find_mount(str(tmp_path)) is None
    finally:
        subprocess.run(["fusermount3", "-u", "-z", "-q", str(tmp_path)], capture_output=True, check=False)
