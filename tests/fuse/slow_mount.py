"""A process that serves a mount, does what it is told, and answers the lookup of one name only then."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

SERVING = """
import sys, threading, trio, vfs
from vfs.fuse.mounting import FuseOptions, serve
from vfs.fuse.operations import Operations

lookup = Operations.lookup
released = threading.Event()

async def slow_lookup(self, parent, name, ctx):
    if name == b"slow":
        print("asked", flush=True)
        await trio.to_thread.run_sync(released.wait, abandon_on_cancel=True)
    return await lookup(self, parent, name, ctx)

Operations.lookup = slow_lookup
storage = vfs.open([{"name": "m", "type": "memory"}])
storage.node("m:folder/file").write_bytes(b"x")

def obey():
    for order in sys.stdin:
        exec(order)
        print("done", flush=True)

threading.Thread(target=obey, daemon=True).start()
serve(storage, sys.argv[1], FuseOptions(), ready=lambda: print("ready", flush=True))
"""


class SlowMount:
    """Such a process. The mount `m` has `folder/file`; looking up `slow` anywhere takes until `release`."""

    def __init__(self, mountpoint: str) -> None:
        self.mountpoint = mountpoint
        self.process = subprocess.Popen(
            [sys.executable, "-c", SERVING, mountpoint],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self._looking: list[subprocess.Popen[bytes]] = []
        self.hear("ready")

    def hear(self, word: str) -> None:
        assert self.process.stdout is not None
        assert self.process.stdout.readline() == f"{word}\n"

    def do(self, order: str) -> None:
        """Have it run a statement, in which `storage` is the engine's manager."""
        self.begin(order)
        self.hear("done")

    def begin(self, order: str) -> None:
        """As `do`, but the word "done" is left to be heard."""
        assert self.process.stdin is not None
        self.process.stdin.write(f"{order}\n")
        self.process.stdin.flush()

    def hold(self, folder: str) -> "subprocess.Popen[bytes]":
        """Have a program hold a folder of `m` by a lookup: who looks up another name there waits as well."""
        path = f"{self.mountpoint}/m/{folder}/slow"
        looking = subprocess.Popen(["stat", path], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self._looking.append(looking)
        self.hear("asked")
        return looking

    def release(self) -> None:
        """Answer the lookup."""
        self.do("released.set()")

    def close(self) -> None:
        self.process.kill()
        # Aborts: else neither the process nor who waits for it might end.
        subprocess.run(["umount", "-f", "-l", self.mountpoint], check=False, capture_output=True)
        self.process.communicate()
        for looking in self._looking:
            looking.wait()


@contextmanager
def slow_mount(mountpoint: str) -> Iterator[SlowMount]:
    """One, gone afterwards, whatever its state."""
    mount = SlowMount(mountpoint)
    try:
        yield mount
    finally:
        mount.close()
