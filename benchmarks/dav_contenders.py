"""The WebDAV servers that are compared: each over the same folder, at a free port."""

import json
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.dav_acts import Share

BIN = Path(sys.executable).parent
_TICKS = os.sysconf("SC_CLK_TCK")

_NGINX = """
daemon off; worker_processes auto; pid {work}/pid; error_log {work}/error.log;
include /etc/nginx/modules-enabled/*-dav-ext.conf;
events {{ worker_connections 1024; }}
http {{
  access_log {work}/access.log; client_max_body_size 0; client_body_temp_path {folder}/.bodies; sendfile on;
  dav_ext_lock_zone zone=locks:10m;
  server {{ listen 127.0.0.1:{port}; root {folder};
    location / {{ dav_methods PUT DELETE MKCOL COPY MOVE; dav_ext_methods PROPFIND OPTIONS LOCK UNLOCK;
                 dav_ext_lock zone=locks; }} }}
}}
"""


@dataclass(frozen=True, slots=True)
class Running:
    """A server that answers."""

    share: Share
    pid: int

    def cpu(self) -> float:
        """Seconds of processor time that its processes took so far."""
        return sum(sum(map(int, _stat(pid)[11:13])) for pid in _tree(self.pid)) / _TICKS

    def peak(self) -> float:
        """MiB that its processes had at most."""
        return sum(_peak(pid) for pid in _tree(self.pid)) / 1024


def _stat(pid: int) -> list[str]:
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()


def _peak(pid: int) -> int:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM"))


def _tree(pid: int) -> list[int]:
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [pid, *(each for child in children for each in _tree(int(child)))]


Command = Callable[[str, str, int], list[str]]
"""What starts a server over a folder, with a place for its own files, at a port."""


def _vfs(folder: str, work: str, port: int) -> list[str]:
    return [sys.executable, "-m", "vfs.cli.vfsdav", _config(folder, work, port)]


def _config(folder: str, work: str, port: int) -> str:
    path = os.path.join(work, "config.json")
    told = {
        "mounts": {"m": {"type": "local", "path": folder}},
        "cache": {"directory": None},
        "state": work,
        "webdav": {"port": port, "access_log": os.path.join(work, "access.log")},
    }
    Path(path).write_text(json.dumps(told))
    return path


def _rclone(folder: str, _: str, port: int) -> list[str]:
    return [os.fspath(BIN / "rclone"), "serve", "webdav", folder, "--addr", f"127.0.0.1:{port}"]


def _nginx(folder: str, work: str, port: int) -> list[str]:
    path = os.path.join(work, "nginx.conf")
    Path(path).write_text(_NGINX.format(folder=folder, work=work, port=port))
    return ["/usr/sbin/nginx", "-c", path, "-e", os.path.join(work, "error.log")]


def _copyparty(folder: str, _: str, port: int) -> list[str]:
    place = ["-i", "127.0.0.1", "-p", str(port), "-v", f"{folder}::rwmd"]
    return [sys.executable, "-m", "copyparty", "-q", "--daw", "--dav-inf", "--wram", *place]


def _under(server: str) -> Command:
    """Our application under another server."""

    def command(folder: str, work: str, port: int) -> list[str]:
        return [
            sys.executable,
            "-m",
            "benchmarks.dav_application",
            server,
            _config(folder, work, port),
            str(port),
        ]

    return command


PEERS: Mapping[str, tuple[Command, str]] = {
    "vfs": (_vfs, "/m"),
    "rclone": (_rclone, ""),
    "nginx": (_nginx, ""),
    "copyparty": (_copyparty, ""),
}
"""By name, with what stands before paths in URLs."""

SERVERS: Mapping[str, tuple[Command, str]] = {
    "vfs": (_vfs, "/m"),
    **{name: (_under(name), "/m") for name in ("cheroot", "gunicorn", "granian", "waitress")},
}


@contextmanager
def running(command: Command, prefix: str, folder: str, work: str) -> Iterator[Running]:
    """The server, answering; gone afterwards, with all its processes."""
    shutil.rmtree(work, ignore_errors=True)
    os.makedirs(work)
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with open(os.path.join(work, "words"), "wb") as words:
        process = subprocess.Popen(
            command(folder, work, port), stdout=words, stderr=words, cwd=os.getcwd(), start_new_session=True
        )
    try:
        deadline = time.monotonic() + 60
        while not _answers(port):
            if process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(Path(work, "words").read_text())
            time.sleep(0.05)
        yield Running(Share(port, prefix), process.pid)
    finally:
        pids = _tree(process.pid) if process.poll() is None else []
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            for pid in reversed(pids):
                os.kill(pid, 9)
            process.wait()


def _answers(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port)).close()
    except OSError:
        return False
    return True
