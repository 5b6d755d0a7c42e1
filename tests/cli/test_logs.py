"""How records are told: to people, as JSON, to the journal of systemd; each with its facts."""

import json
import logging
import os
import socket
import struct
from pathlib import Path

import pytest

from tests.cli.room import Room
from vfs.cli.log_formats import Journal, Json, Text, is_journal_listening, note_request
from vfs.engine.request_ids import begin_request


def record(message: str, **facts: object) -> logging.LogRecord:
    made = logging.getLogger("vfs.test").makeRecord(
        "vfs.test", logging.WARNING, __file__, 1, message, (), None, extra=facts
    )
    note_request(made)
    return made


def test_json_is_one_line_with_every_fact() -> None:
    """Whatever is in the message; facts that a record has not are left out."""
    begin_request()
    told = json.loads(
        Json().format(record("a\nb \udcff", mount="m", path="p", operation="read", seconds=1.5))
    )
    assert told.pop("time").endswith("Z")
    assert told.pop("request") > 0
    assert told == {
        "level": "warning",
        "logger": "vfs.test",
        "message": "a\nb \udcff",
        "mount": "m",
        "path": "p",
        "operation": "read",
        "seconds": 1.5,
    }
    assert "\n" not in Json().format(record("a\nb"))


def test_people_are_told_the_request() -> None:
    """At the end of the line."""
    begin_request()
    made = record("words")
    assert Text().format(made).endswith(f"WARNING vfs.test: words (request {made.request})")  # type: ignore[attr-defined]


def test_the_journal_gets_a_field_for_each_fact(tmp_path: Path) -> None:
    """With sizes before values, so that newlines and any bytes may be in them."""
    address = os.fspath(tmp_path / "journal")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as journal:
        journal.bind(address)
        handler = Journal("vfsmount", address)
        handler.emit(record("two\nlines", mount="photos", seconds=12.0))
        handler.close()
        fields = dict(_fields(journal.recv(1 << 16)))
    assert fields["MESSAGE"] == b"two\nlines"
    assert (fields["PRIORITY"], fields["SYSLOG_IDENTIFIER"]) == (b"4", b"vfsmount")
    assert (fields["VFS_MOUNT"], fields["VFS_SECONDS"]) == (b"photos", b"12.0")


def _fields(datagram: bytes) -> "list[tuple[str, bytes]]":
    found = []
    while datagram:
        name, _, rest = datagram.partition(b"\n")
        (size,) = struct.unpack_from("<Q", rest)
        found.append((name.decode(), rest[8 : 8 + size]))
        datagram = rest[9 + size :]
    return found


def test_the_journal_is_known_by_what_systemd_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Device and inode of the stream, and no other one's."""
    with (tmp_path / "stream").open("w") as stream:
        status = os.fstat(stream.fileno())
        monkeypatch.setenv("JOURNAL_STREAM", f"{status.st_dev}:{status.st_ino}")
        assert is_journal_listening(stream)
        monkeypatch.setenv("JOURNAL_STREAM", f"{status.st_dev}:1")
        assert not is_journal_listening(stream)


def test_calls_of_one_request_carry_its_number(room: Room) -> None:
    """Of a daemon that logs everything as JSON, with mount, path, operation and seconds."""
    room.start("--log-format", "json", "--log-level", "debug")
    (room.mountpoint / "m" / "f").write_bytes(b"1")
    lines = [json.loads(line) for line in room.words.splitlines()]
    writes = [line for line in lines if line.get("operation") == "write" and line.get("path") == "f"]
    assert writes
    assert all(line["mount"] == "m" and line["request"] and line["seconds"] >= 0 for line in writes)
