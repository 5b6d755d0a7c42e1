"""A real SFTP server in a thread of the tests' own process, over one folder."""

import asyncio
import contextlib
import os
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import asyncssh

USER = "tester"
PASSWORD = "only for tests"


class _PasswordServer(asyncssh.SSHServer):
    """Takes one user; every connection is in the set while it is open, logged in or not."""

    def __init__(self, connections: set[asyncssh.SSHServerConnection]) -> None:
        self._connections = connections

    def connection_made(self, conn: asyncssh.SSHServerConnection) -> None:
        self._connections.add(conn)

    def begin_auth(self, username: str) -> bool:
        return True

    def password_auth_supported(self) -> bool:
        return True

    def validate_password(self, username: str, password: str) -> bool:
        return (username, password) == (USER, PASSWORD)


@dataclass
class SftpServer:
    """Where it listens; `drop_connections` cuts all that are open."""

    port: int
    loop: asyncio.AbstractEventLoop
    connections: set[asyncssh.SSHServerConnection]

    def drop_connections(self) -> None:
        async def drop() -> None:
            for connection in list(self.connections):
                connection.abort()

        asyncio.run_coroutine_threadsafe(drop(), self.loop).result(10)


@contextlib.contextmanager
def sftp_server(folder: Path) -> Iterator[SftpServer]:
    """A running server whose root is the folder."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="sftp-server")
    thread.start()
    connections: set[asyncssh.SSHServerConnection] = set()

    async def start() -> asyncssh.SSHAcceptor:
        return await asyncssh.create_server(
            lambda: _PasswordServer(connections),
            "127.0.0.1",
            0,
            server_host_keys=[asyncssh.generate_private_key("ssh-ed25519")],
            sftp_factory=lambda channel: asyncssh.SFTPServer(channel, chroot=os.fsencode(folder)),
        )

    async def stop() -> None:
        acceptor.close()
        for connection in connections:
            connection.abort()
            await connection.wait_closed()
        await acceptor.wait_closed()
        others = asyncio.all_tasks() - {asyncio.current_task()}
        await asyncio.gather(*others, return_exceptions=True)

    try:
        acceptor = asyncio.run_coroutine_threadsafe(start(), loop).result(30)
        try:
            yield SftpServer(acceptor.get_port(), loop, connections)
        finally:
            asyncio.run_coroutine_threadsafe(stop(), loop).result(30)
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()
