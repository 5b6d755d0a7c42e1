"""The front as a whole: what is taken up while it serves, and what is not for safety's sake."""

import socket
from pathlib import Path
from typing import Any

import pytest

import vfs
from tests.dav.auth_requests import HASHES, basic
from vfs.config import settings_from
from vfs.config.configuration import Configuration
from vfs.dav.front import opened
from vfs.engine import ConfigError


def configured(folder: Path, **webdav: Any) -> Configuration:
    told = {"mounts": {"m": {"type": "memory"}}, "cache": {"directory": None}, "state": str(folder)}
    return settings_from({**told, "webdav": webdav})


def status(port: int, login: str = "") -> bytes:
    with socket.create_connection(("127.0.0.1", port), timeout=20) as connection:
        told = f"Authorization: {login}\r\n" if login else ""
        connection.sendall(f"GET /m/ HTTP/1.0\r\n{told}\r\n".encode())
        return connection.recv(1000).split()[1]


def test_a_socket_that_others_reach_needs_users(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Also one that a supervisor passed, whatever `host` says; and nobody is let in by a reload."""
    users = {"alice": {"password": HASHES["alice"]}}
    everywhere = socket.create_server(("0.0.0.0", 0))
    port = everywhere.getsockname()[1]
    with vfs.StorageManager(configured(tmp_path)) as storage:
        with (
            pytest.raises(ConfigError, match="name `users`"),
            opened(storage, configured(tmp_path).served, [everywhere.dup()]),
        ):
            pass
        safe = configured(tmp_path, users=users, insecure=True).served
        with opened(storage, safe, [everywhere]) as front:
            front.start()
            front.take_up(configured(tmp_path).served)
            assert "webdav stays what it was" in caplog.text
            assert status(port) == b"401"
            assert status(port, basic("alice")) == b"200"


def test_a_front_that_never_started_closes(tmp_path: Path) -> None:
    """Its port is free again."""
    with vfs.StorageManager(configured(tmp_path)) as storage:
        with opened(storage, configured(tmp_path, port=0).served) as front:
            port = int(front.urls[0].rpartition(":")[2])
        socket.create_server(("127.0.0.1", port)).close()


def test_a_name_that_is_taken_is_said(tmp_path: Path) -> None:
    """An access log that cannot be written is found before anything listens."""
    with vfs.StorageManager(configured(tmp_path)) as storage:
        wrong = configured(tmp_path, port=0, access_log=str(tmp_path)).served
        with pytest.raises(ConfigError, match="access_log"), opened(storage, wrong):
            pass
