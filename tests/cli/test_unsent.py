"""Leaving while the store is out of reach: what is told, what stays, what the next start sends."""

import signal

from tests.cli.room import Room
from tests.mounts.waiting import wait_until
from tests.servers.fault_proxy import FaultProxy
from tests.servers.seaweed import SeaweedServer
from vfs.cli.exit_status import FAILED, OK


def test_second_signal_leaves_the_rest_to_the_journal(
    disk_room: Room, proxy: FaultProxy, seaweed: SeaweedServer, bucket: str
) -> None:
    """The first SIGTERM sends on, telling how much, the second ends it; the next start sends the rest."""
    daemon = disk_room.start()
    proxy.stall(matches=lambda request: request.method == "PUT")
    (disk_room.mountpoint / "m" / "file").write_text("promised")
    daemon.send_signal(signal.SIGTERM)
    wait_until(lambda: "sending 1 file(s)" in disk_room.words, 30, "a progress line")
    assert daemon.poll() is None
    daemon.send_signal(signal.SIGTERM)
    assert daemon.wait(30) == FAILED
    assert "1 unsent file(s) stay in the journal" in disk_room.words
    assert not disk_room.is_mounted

    proxy.heal()
    assert disk_room.run().returncode == OK
    client = seaweed.client()

    def arrived() -> bool:
        keys = {found["Key"] for found in client.list_objects_v2(Bucket=bucket).get("Contents", [])}
        return "file" in keys

    wait_until(arrived, 30, "the file in the store")
    assert client.get_object(Bucket=bucket, Key="file")["Body"].read() == b"promised"


def test_unmount_waits_for_what_is_unsent(
    disk_room: Room, proxy: FaultProxy, seaweed: SeaweedServer, bucket: str
) -> None:
    """A daemon whose store is slow ends only when the store has everything, with status 0."""
    daemon = disk_room.start()
    proxy.stall(matches=lambda request: request.method == "PUT")
    (disk_room.mountpoint / "m" / "file").write_text("promised")
    daemon.send_signal(signal.SIGTERM)
    wait_until(lambda: "sending 1 file(s)" in disk_room.words, 30, "a progress line")
    proxy.heal()
    assert daemon.wait(60) == OK
    assert "everything is sent" in disk_room.words
    assert seaweed.client().get_object(Bucket=bucket, Key="file")["Body"].read() == b"promised"
