"""What one door wrote, the others show: WebDAV, the FUSE mount and Python in one process."""

import http.client
import json
import random
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest


class Doors:
    """Ways to write and to read the same file."""

    def __init__(self, process: "subprocess.Popen[str]", mountpoint: Path) -> None:
        self._process = process
        self.mountpoint = mountpoint
        self._connection = http.client.HTTPConnection("127.0.0.1", self._answer(), timeout=30)

    def _answer(self) -> int:
        assert self._process.stdout is not None
        return json.loads(self._process.stdout.readline())  # type: ignore[no-any-return]

    def _told(self, *order: str) -> str:
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(order) + "\n")
        self._process.stdin.flush()
        return str(self._answer())

    def ask(self, method: str, path: str, body: str | None = None) -> str:
        self._connection.request(method, f"/{path}", body)
        answer = self._connection.getresponse()
        content = answer.read().decode()
        assert answer.status in {200, 201, 204, 207}
        return content

    def write(self, door: str, path: str, content: str) -> None:
        mount, _, key = path.partition("/")
        if door == "dav":
            self.ask("PUT", path, content)
        elif door == "python":
            self._told("write", f"{mount}:{key}", content)
        else:
            (self.mountpoint / path).write_text(content)

    def read(self, door: str, path: str) -> str:
        mount, _, key = path.partition("/")
        if door == "dav":
            return self.ask("GET", path)
        if door == "python":
            return self._told("read", f"{mount}:{key}", "")
        return (self.mountpoint / path).read_text()

    def close(self) -> None:
        self._connection.close()


@pytest.fixture
def doors(tmp_path: Path) -> Iterator[Doors]:
    mountpoint = tmp_path / "mnt"
    mountpoint.mkdir()
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.dav.one_process", str(tmp_path), str(mountpoint)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        made = Doors(process, mountpoint)
        yield made
        made.close()
        process.terminate()
        assert process.wait(30) == 0
    finally:
        process.kill()
        process.wait()
        for stream in (process.stdin, process.stdout):
            with suppress(BrokenPipeError):
                assert stream is not None
                stream.close()
        subprocess.run(["fusermount3", "-u", "-z", str(mountpoint)], check=False, capture_output=True)


@pytest.mark.parametrize("edits", [300, pytest.param(3000, marks=pytest.mark.slow)])
def test_hundreds_of_edits_by_turns(doors: Doors, edits: int) -> None:
    """Each is seen through every door as soon as it is done."""
    chance = random.Random(7)
    paths = [f"{mount}/{name}" for mount in ("local", "memory") for name in ("a", "b", "c")]
    for number in range(edits):
        path, door = chance.choice(paths), ("dav", "python", "fuse")[number % 3]
        content = f"{number} by {door} " + "x" * chance.randrange(100)
        doors.write(door, path, content)
        assert doors.read("dav", path) == content
        assert doors.read("python", path) == content
        assert doors.read("fuse", path) == content


def test_properties_follow_what_the_mounted_folder_renames(doors: Doors) -> None:
    """And are gone with what it removes."""
    colour = '<x:colour xmlns:x="urn:x">red</x:colour>'
    painted = f'<D:propertyupdate xmlns:D="DAV:"><D:set><D:prop>{colour}</D:prop></D:set></D:propertyupdate>'
    for mount in ("local", "memory"):
        doors.write("dav", f"{mount}/a", "x")
        doors.ask("PROPPATCH", f"{mount}/a", painted)
        (doors.mountpoint / mount / "a").rename(doors.mountpoint / mount / "b")
        assert ">red<" in doors.ask("PROPFIND", f"{mount}/b")
        (doors.mountpoint / mount / "b").unlink()
        doors.write("fuse", f"{mount}/b", "another")
        assert ">red<" not in doors.ask("PROPFIND", f"{mount}/b")
