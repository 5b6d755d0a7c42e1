"""Local files are handed over to servers that send files by themselves (PEP 3333), and nothing else is."""

import os
from typing import Any

import pytest

import vfs

DATA = bytes(range(256)) * 1024


class Wrapper:
    """A server's `wsgi.file_wrapper`."""

    def __init__(self, file: Any, block_size: int) -> None:
        self.file = file
        self.block_size = block_size


def asked(node: vfs.StorageNode, **headers: str) -> Any:
    """What a WSGI server is given for a GET; `HTTP_RANGE` and the like are the request's headers."""
    environ = {"REQUEST_METHOD": "GET", "wsgi.file_wrapper": Wrapper, **headers}
    return node.serve()(environ, lambda status, told: None)


@pytest.fixture
def local(storage: vfs.StorageManager) -> vfs.StorageNode:
    node = storage.node("local:data.bin")
    node.write_bytes(DATA)
    return node


@pytest.mark.parametrize(
    ("asked_for", "start", "end"), [(None, 0, len(DATA)), ("bytes=100-99999", 100, 100_000)]
)
def test_a_local_file_is_handed_over(
    local: vfs.StorageNode, asked_for: str | None, start: int, end: int
) -> None:
    """Its descriptor stands where the answer begins; reading goes on from there, up to the answer's end."""
    headers = {} if asked_for is None else {"HTTP_RANGE": asked_for}
    handed = asked(local, **headers)
    assert isinstance(handed, Wrapper)
    file = handed.file
    assert os.lseek(file.fileno(), 0, os.SEEK_CUR) == start
    os.lseek(file.fileno(), start + 10, os.SEEK_SET)
    assert b"".join(iter(lambda: file.read(50_000), b"")) == DATA[start + 10 : end]
    descriptor = file.fileno()
    file.close()
    with pytest.raises(OSError, match="Bad file descriptor"):
        os.fstat(descriptor)


def test_what_lies_elsewhere_is_not_handed_over(storage: vfs.StorageManager, local: vfs.StorageNode) -> None:
    """Other storages, several ranges, and what is soon read anyhow are bytes to be sent."""
    stored = storage.node("sqlite:data.bin")
    stored.write_bytes(DATA)
    for node, headers in (
        (stored, {}),
        (local, {"HTTP_RANGE": "bytes=0-70000,80000-170000"}),
        (local, {"HTTP_RANGE": "bytes=0-1000"}),
    ):
        body = asked(node, **headers)
        assert not isinstance(body, Wrapper)
        assert DATA[:1000] in b"".join(body)


def test_a_server_that_takes_buffers_gets_views(storage: vfs.StorageManager, local: vfs.StorageNode) -> None:
    """What is cached is sent without a copy; an answer left half-way closes its file. Others get bytes."""
    stored = storage.node("sqlite:data.bin")
    stored.write_bytes(DATA)
    body = asked(stored, **{"vfs.takes_buffers": True})
    pieces = list(body)
    assert {type(piece) for piece in pieces} == {memoryview}
    assert b"".join(pieces) == DATA
    asked(stored, **{"vfs.takes_buffers": True}).close()
    assert storage.tree("sqlite").uses.count == 0
    assert {type(piece) for piece in asked(stored)} == {bytes}
    assert isinstance(asked(local, **{"vfs.takes_buffers": True}), Wrapper)


def test_a_file_cut_while_the_server_sends_it_is_an_error(local: vfs.StorageNode) -> None:
    """Who reads what is left is told, as the length was promised."""
    file = asked(local).file
    with local.open("r+b") as writing:
        writing.truncate(1000)
    os.lseek(file.fileno(), 1000, os.SEEK_SET)
    with pytest.raises(vfs.Conflict, match=r"^local:data.bin: the file became shorter"):
        file.read(10)
