"""A store that does not let us in, or is not there: one line, in time, and nothing mounted."""

import time

import pytest
import yaml

from tests.cli.room import Room, assert_refused
from tests.cli.tool import Tool
from tests.servers.fault_proxy import FaultProxy
from tests.servers.seaweed import ACCESS_KEY, SECRET_KEY, SeaweedServer
from vfs.cli.exit_status import FAILED, OK

DEADLINE = 2
AWAY = {"timeout": 1, "deadline": DEADLINE}
"""Settings for a store that is not there: nothing that should come takes longer."""


def config(endpoint: str, **options: object) -> str:
    """A configuration of one S3 mount."""
    mount = {
        "type": "s3",
        "endpoint_url": endpoint,
        "region": "us-east-1",
        "key": ACCESS_KEY,
        "secret": SECRET_KEY,
        **options,
    }
    return yaml.safe_dump({"mounts": {"photos": mount}, "cache": {"directory": None}, "state": "state"})


def test_right_settings_mount(room: Room, seaweed: SeaweedServer, bucket: str) -> None:
    """The other tests change one thing each in what works here."""
    done = room.run(config=config(seaweed.url, bucket=bucket))
    assert (done.returncode, done.stderr) == (OK, "")
    (room.mountpoint / "photos" / "file").write_text("words")
    assert seaweed.client().get_object(Bucket=bucket, Key="file")["Body"].read() == b"words"


def test_wrong_bucket(room: Room, seaweed: SeaweedServer) -> None:
    """A bucket that is not there is named, with its endpoint."""
    done = room.run(config=config(seaweed.url, bucket="no-such-bucket"))
    assert_refused(room, done, FAILED, "'photos'", "no-such-bucket", seaweed.url)


def test_one_overloaded_moment_keeps_nobody_from_mounting(room: Room, proxy: FaultProxy, bucket: str) -> None:
    """A store that refuses the first request as one too many is asked again."""
    proxy.fail(503, "SlowDown", times=1)
    done = room.run(config=config(proxy.url, bucket=bucket))
    assert (done.returncode, done.stderr) == (OK, "")


@pytest.mark.parametrize("wrong", ["key", "secret"])
def test_wrong_credentials(room: Room, seaweed: SeaweedServer, bucket: str, wrong: str) -> None:
    """Refused credentials are said to be that, and not shown."""
    done = room.run(config=config(seaweed.url, bucket=bucket, **{wrong: "made-up-credential"}))
    assert_refused(room, done, FAILED, "'photos'", bucket)
    assert "made-up-credential" not in done.stderr
    assert SECRET_KEY not in done.stderr
    (log,) = (room.folder / "state" / "log").iterdir()
    assert "made-up-credential" not in log.read_text()
    assert SECRET_KEY not in log.read_text()


A_HANG = 60
"""Seconds over the deadline that no busy machine explains."""


def test_nobody_listens(room: Room, proxy: FaultProxy) -> None:
    """An endpoint that refuses connections is named within the deadline."""
    proxy.refuse()
    began = time.monotonic()
    done = room.run(config=config(proxy.url, bucket="any", **AWAY))
    assert_refused(room, done, FAILED, "'photos'", proxy.url)
    assert time.monotonic() - began < DEADLINE + A_HANG


def test_nobody_answers(room: Room, proxy: FaultProxy, bucket: str) -> None:
    """An endpoint that accepts and then says nothing is given up within the deadline."""
    proxy.stall()
    began = time.monotonic()
    done = room.run(config=config(proxy.url, bucket=bucket, **AWAY))
    assert_refused(room, done, FAILED, "'photos'", proxy.url)
    assert time.monotonic() - began < DEADLINE + A_HANG


def test_host_that_does_not_exist(room: Room) -> None:
    """A misspelt host name is told as such an endpoint, within the deadline."""
    done = room.run(config=config("http://no-such-host.invalid:1", bucket="any", **AWAY))
    assert_refused(room, done, FAILED, "'photos'", "no-such-host.invalid")


NO_BUCKET, NO_RIGHTS = {"bucket": "no-such-bucket"}, {"key": "made-up-credential"}


# This server makes a bucket for whoever puts something into one that is not there.
@pytest.mark.parametrize(
    ("wrong", "verb"),
    [
        (NO_BUCKET, ["ls", "photos:"]),
        (NO_RIGHTS, ["ls", "photos:"]),
        (NO_RIGHTS, ["cp", "vfs.yaml", "photos:x"]),
        (NO_RIGHTS, ["sync", "files", "photos:x"]),
    ],
    ids=lambda given: " ".join(given)[:12],
)
def test_verbs_say_what_is_wrong_with_a_store_in_one_line(
    tool: Tool, seaweed: SeaweedServer, bucket: str, verb: list[str], wrong: dict[str, str]
) -> None:
    """A bucket that is not there and credentials that are refused are named, and no secret is."""
    tool.put("f")
    (tool.folder / "vfs.yaml").write_text(config(seaweed.url, **{"bucket": bucket, **wrong}))
    done = tool(*verb)
    assert (done.status, done.out, done.err.count("\n")) == (FAILED, b"", 1)
    assert "photos" in done.err
    assert wrong.get("bucket", bucket) in done.err
    assert SECRET_KEY not in done.err


def test_versions_that_cannot_be_listed_are_told_with_their_mount(
    tool: Tool, seaweed: SeaweedServer, bucket: str
) -> None:
    """As by every other verb: which mount the storage belongs to that refuses."""
    (tool.folder / "vfs.yaml").write_text(config(seaweed.url, bucket=bucket, secret="made-up-secret"))
    for verb in (["versions", "photos:x"], ["restore", "photos:x", "0"], ["diff", "photos:x", "--from", "0"]):
        done = tool(*verb)
        assert (done.status, done.out, done.err.count("\n")) == (FAILED, b"", 1)
        assert done.err.startswith("vfs: photos:.versions/x: bucket "), verb
