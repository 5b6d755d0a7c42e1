"""Serving in the background: a fresh process in a session of its own, and the pipe on which it reports back.

The process is started anew rather than forked, since a fork keeps no thread but one. It has its session from
when its mount answers: until then, autofs lets nobody come to the mount point but the process group that was
asked to mount there, as systemd's units of type automount are.
"""

import contextlib
import os
import subprocess
import sys
from collections.abc import Iterator

READY = "ready\n"
"""What the child reports when its mount answers; anything else is an error message."""


class Report:
    """The child's end: one word of success, or lines on what went wrong."""

    def __init__(self, descriptor: int) -> None:
        # fusermount3 and other children must not hold the pipe open.
        os.set_inheritable(descriptor, False)
        self._descriptor: int | None = descriptor

    def ready(self) -> None:
        """Leave the session of who started us, and tell that the mount answers; then nobody listens."""
        os.setsid()
        self._send(READY)
        self._close()

    def failed(self, message: str) -> None:
        """Tell what went wrong, to be printed by the parent as it is."""
        self._send(message + "\n")

    def _send(self, text: str) -> None:
        # A parent that was killed hears nothing, and that is no reason to stop.
        with contextlib.suppress(BrokenPipeError):
            if self._descriptor is not None:
                os.write(self._descriptor, text.encode(errors="surrogateescape"))

    def _close(self) -> None:
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None


def start(arguments: list[str]) -> tuple[int, str]:
    """Run `vfsmount --foreground` with these arguments in the background until it reports.

    Gives 0 and nothing once its mount answers, else its exit code and its message; nothing runs then.
    """
    reading, writing = os.pipe()
    try:
        command = [sys.executable, "-P", "-m", "vfs.cli.vfsmount", "--foreground"]
        child = subprocess.Popen(
            [*command, "--report-to", str(writing), *arguments],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=writing,
            pass_fds=[writing],
        )
    finally:
        os.close(writing)
    with _stopped_on_interrupt(child), open(reading, encoding="utf-8", errors="surrogateescape") as report:
        message = ""
        for line in report:
            if line == READY:
                return 0, ""
            message += line
        code = child.wait()
    return (code if code > 0 else 1), message.rstrip() or f"it ended without a word (status {code})"


@contextlib.contextmanager
def _stopped_on_interrupt(child: "subprocess.Popen[bytes]") -> Iterator[None]:
    try:
        yield
    except KeyboardInterrupt:
        child.terminate()
        child.wait()
        raise
