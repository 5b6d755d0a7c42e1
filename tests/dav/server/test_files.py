"""Files that an application hands over (`wsgi.file_wrapper`): sent by the system, or read where it cannot."""

import errno
import os
import threading
from pathlib import Path
from typing import Any

import pytest

from tests.dav.server.serving import running, until

SIZE = 24 << 20
START = 1000
GET = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"


class Handing:
    """An application that hands over one file from START on, and tells when it was closed."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "file"
        self.path.write_bytes(os.urandom(SIZE))
        self.content = self.path.read_bytes()[START:]
        self.length = len(self.content)
        self.was_closed = threading.Event()

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Any:
        file = self.path.open("rb", buffering=0)
        file.seek(START)
        start_response("200 OK", [("Content-Length", str(self.length))])
        wrapper = environ["wsgi.file_wrapper"](file, 1 << 16)
        close = wrapper.close

        def closing() -> None:
            close()
            self.was_closed.set()

        wrapper.close = closing
        return wrapper


@pytest.fixture
def handing(tmp_path: Path) -> Handing:
    return Handing(tmp_path)


@pytest.fixture
def sent_by_system(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many bytes the system sent by itself, each time."""
    counts: list[int] = []
    real = os.sendfile

    def counting(out: int, source: int, offset: int, size: int) -> int:
        count = real(out, source, offset, size)
        counts.append(count)
        return count

    monkeypatch.setattr(os, "sendfile", counting)
    return counts


def bodies(received: bytes, length: int) -> list[bytes]:
    found = []
    while received:
        _, _, rest = received.partition(b"\r\n\r\n")
        found.append(rest[:length])
        received = rest[length:]
    return found


def test_the_system_sends_a_file_from_its_position(
    tmp_path: Path, handing: Handing, sent_by_system: list[int]
) -> None:
    """All of it without a read, then the connection's next request is answered; the file is closed."""
    with running(handing, tmp_path) as server:
        assert bodies(server.ask(GET, GET), handing.length) == [handing.content] * 2
    assert sum(sent_by_system) == 2 * handing.length
    assert handing.was_closed.is_set()
    assert server.lines()[0].rsplit(" ", 3)[1] == str(handing.length)


def test_no_more_than_its_length_is_sent(tmp_path: Path, handing: Handing) -> None:
    """Content-Length ends a file that has grown since, and the next answer begins there."""
    handing.length = 100_000
    with running(handing, tmp_path) as server:
        assert bodies(server.ask(GET, GET), 100_000) == [handing.content[:100_000]] * 2


def test_a_file_that_the_system_cannot_send_is_read(
    tmp_path: Path, handing: Handing, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Some file systems have no such call: the bytes are the same."""

    def refuse(*_: int) -> int:
        raise OSError(errno.EINVAL, os.strerror(errno.EINVAL))

    monkeypatch.setattr(os, "sendfile", refuse)
    with running(handing, tmp_path) as server:
        assert bodies(server.ask(GET), handing.length) == [handing.content]


def test_a_file_shorter_than_promised_breaks_the_connection(tmp_path: Path, handing: Handing) -> None:
    """The client must not take what came for all of it, nor the next answer for the rest."""
    handing.length += 10
    with running(handing, tmp_path) as server:
        received = server.ask(GET, GET)
    assert received.count(b"HTTP/1.1 200 OK") == 1
    assert received.endswith(handing.content[-1000:])


def test_who_takes_nothing_of_a_file_is_dropped(tmp_path: Path, handing: Handing) -> None:
    """After the time that a client may be silent the file is closed, and the server goes on."""
    with running(handing, tmp_path, timeout=0.3) as server, server.connect() as connection:
        connection.sendall(GET)
        until(connection, b"\r\n\r\n")
        assert handing.was_closed.wait(60)
        assert server.ask(b"BAD\r\n\r\n").startswith(b"HTTP/1.1 400")


def test_head_of_a_file_sends_none_of_it(tmp_path: Path, handing: Handing, sent_by_system: list[int]) -> None:
    """Its length is told."""
    with running(handing, tmp_path) as server:
        received = server.ask(GET.replace(b"GET", b"HEAD"))
    assert received.endswith(b"\r\n\r\n")
    assert f"Content-Length: {handing.length}".encode() in received
    assert sent_by_system == []
