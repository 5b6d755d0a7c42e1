"""A real Redis for tests, on a socket in a folder of its own, which keeps nothing."""

import contextlib
import subprocess
from collections.abc import Iterator
from pathlib import Path


@contextlib.contextmanager
def redis_server(folder: Path) -> Iterator[str]:
    """The URL of a running server, gone afterwards."""
    socket = folder / "redis.socket"
    command = ["redis-server", "--port", "0", "--unixsocket", str(socket), "--save", "", "--dir", str(folder)]
    server = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    assert server.stdout is not None
    try:
        said = []
        for line in server.stdout:
            said.append(line)
            if "eady to accept connections" in line:
                break
        else:
            raise RuntimeError("redis-server did not start:\n" + "".join(said))
        yield f"unix://{socket}"
    finally:
        server.terminate()
        server.communicate()
