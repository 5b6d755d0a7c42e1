"""The ASGI form of `serve`, spoken to as a server does it, on asyncio and trio."""

from functools import partial
from typing import Any

import anyio
import pytest

import vfs
import vfs.asgi

DATA = bytes(1 << 20) * 4
LOOPS = pytest.mark.parametrize("loop", ["asyncio", "trio"])


def scope_of(method: str = "GET", **headers: str) -> dict[str, Any]:
    """An HTTP request; `If_Match` and the like name headers."""
    raw = [(name.replace("_", "-").lower().encode(), value.encode()) for name, value in headers.items()]
    return {"type": "http", "method": method, "headers": raw}


class Client:
    """The server's side of one request; the client goes away after `patience` pieces of the body."""

    def __init__(self, patience: int = 1 << 30) -> None:
        self.messages: list[Any] = []
        self.is_gone = anyio.Event()
        self.patience = patience

    async def receive(self) -> dict[str, Any]:
        await self.is_gone.wait()
        return {"type": "http.disconnect"}

    async def send(self, message: Any) -> None:
        self.messages.append(message)
        if len(self.messages) > self.patience:
            self.is_gone.set()
            await anyio.sleep_forever()

    @property
    def body(self) -> bytes:
        return b"".join(message["body"] for message in self.messages[1:])


@pytest.fixture
def node(storage: vfs.StorageManager) -> vfs.StorageNode:
    node = storage.node("sqlite:data.bin")
    node.write_bytes(DATA)
    return node


async def served(node: vfs.StorageNode, scope: dict[str, Any], patience: int = 1 << 30) -> Client:
    client = Client(patience)
    await vfs.asgi.serve(node, scope, client.receive, client.send)
    return client


@LOOPS
def test_a_file_is_streamed(node: vfs.StorageNode, loop: str) -> None:
    """In pieces; the last message says that it is the last."""
    client = anyio.run(partial(served, node, scope_of()), backend=loop)
    start, *pieces, last = client.messages
    assert (start["status"], client.body) == (200, DATA)
    assert dict(start["headers"])[b"content-length"] == str(len(DATA)).encode()
    assert max(len(piece["body"]) for piece in pieces) <= 256 << 10
    assert all(piece["more_body"] for piece in pieces)
    assert not last.get("more_body")


@LOOPS
@pytest.mark.parametrize(
    ("scope", "status", "size"),
    [
        (scope_of("HEAD"), 200, 0),
        (scope_of("POST"), 405, None),
        (scope_of(If_None_Match="*"), 304, 0),
        (scope_of(Range="bytes=10-19"), 206, 10),
    ],
)
def test_requests_are_understood(
    node: vfs.StorageNode, loop: str, scope: dict[str, Any], status: int, size: int | None
) -> None:
    """As in WSGI."""
    client = anyio.run(partial(served, node, scope), backend=loop)
    assert client.messages[0]["status"] == status
    assert size is None or len(client.body) == size


@LOOPS
def test_a_client_that_goes_away_ends_it(node: vfs.StorageNode, loop: str) -> None:
    """The rest is not read, and the file is given back."""
    client = anyio.run(partial(served, node, scope_of(), patience=3), backend=loop)
    assert 0 < len(client.body) < len(DATA)
    assert node._table.tree("sqlite").uses.count == 0


@LOOPS
def test_what_fails_under_way_breaks_the_answer(storage: vfs.StorageManager, loop: str) -> None:
    """The server is told by an exception, for the length was promised."""
    node = storage.node("local:cut")
    node.write_bytes(DATA)

    async def cut() -> None:
        client = Client()

        async def send(message: Any) -> None:
            await client.send(message)
            if len(client.messages) == 2:
                with node.open("r+b") as file:
                    file.truncate(1000)

        await vfs.asgi.serve(node, scope_of(), client.receive, send)

    with pytest.raises(vfs.Conflict, match="the file became shorter"):
        anyio.run(cut, backend=loop)
