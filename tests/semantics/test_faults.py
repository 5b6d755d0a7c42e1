"""Stores and networks that fail: retried while that helps, then an errno at the call that failed, no hang."""

import errno
import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.mounts.daemon import Daemon, killed_after, mounted
from tests.mounts.kinds import s3_settings
from tests.mounts.refusals import refused
from tests.mounts.samples import MEBIBYTE, random_bytes
from tests.mounts.stores import BucketStore, bytes_in_store
from tests.mounts.waiting import wait_until
from tests.servers.fault_proxy import FaultProxy
from tests.servers.seaweed import SeaweedServer

TIMEOUT_SECONDS = 2
DEADLINE_SECONDS = 6
PATIENCE_SECONDS = 3 * DEADLINE_SECONDS
"""An act may ask the store several times one after another, each with a deadline of its own."""

UNAVAILABLE = (
    errno.EIO,
    errno.ETIMEDOUT,
    errno.EHOSTDOWN,
    errno.EHOSTUNREACH,
    errno.ECONNREFUSED,
    errno.EAGAIN,
)


class FaultyMount:
    """A mount whose store can be made to fail."""

    def __init__(self, daemon: Daemon, proxy: FaultProxy, store: BucketStore) -> None:
        self.path = daemon.mountpoint
        self.proxy = proxy
        self.store = store

    def at(self, name: str) -> str:
        return os.path.join(self.path, name)


@pytest.fixture
def faulty(seaweed: SeaweedServer, proxy: FaultProxy, bucket: str, tmp_path: Path) -> Iterator[FaultyMount]:
    """A mount with short limits: 2 s for a request, 6 s for an act, small parts, no names remembered."""
    limits = {"timeout": TIMEOUT_SECONDS, "deadline": DEADLINE_SECONDS, "ttl": 0, "part_size": "5MiB"}
    settings = {**s3_settings(bucket, proxy.url), **limits}
    with mounted(Daemon(str(tmp_path), settings)) as daemon, killed_after(daemon, 120):
        os.stat(daemon.mountpoint)
        yield FaultyMount(daemon, proxy, BucketStore(seaweed.client(), bucket))
        proxy.heal()


@pytest.mark.parametrize("status_and_code", [(500, "InternalError"), (503, "SlowDown")])
def test_errors_of_the_store_are_retried(faulty: FaultyMount, status_and_code: tuple[int, str]) -> None:
    """With a third of all requests failing, files are written, read and listed as if nothing were."""
    faulty.proxy.fail(*status_and_code, rate=0.3)
    contents = {f"file{number}": random_bytes(1000 * number, seed=number) for number in range(15)}
    for name, data in contents.items():
        Path(faulty.at(name)).write_bytes(data)
    assert set(os.listdir(faulty.path)) == set(contents)
    for name, data in contents.items():
        assert Path(faulty.at(name)).read_bytes() == data
        assert bytes_in_store(faulty.store, name) == data


def test_broken_connections_are_retried(faulty: FaultyMount) -> None:
    """Connections reset before, and in the middle of, an answer do not reach the reader."""
    data = random_bytes(20 * MEBIBYTE)
    faulty.store.put("big", data)
    faulty.proxy.reset(times=2)
    faulty.proxy.cut_reply(300_000, times=2, matches=lambda request: request.act == "GET")
    assert Path(faulty.at("big")).read_bytes() == data


def test_lost_reply_of_a_write_is_no_conflict(faulty: FaultyMount) -> None:
    """A PUT whose answer was lost is tried again; that the store has it already is no conflict."""
    faulty.proxy.lose_reply(times=1, matches=lambda request: request.act == "PUT")
    Path(faulty.at("file")).write_bytes(b"content")
    assert bytes_in_store(faulty.store, "file") == b"content"
    assert faulty.store.files() == {"file"}


def test_failing_part_of_a_big_file_is_sent_again(faulty: FaultyMount) -> None:
    """Parts that fail on the way are sent again; the file is whole."""
    data = random_bytes(12 * MEBIBYTE)
    faulty.proxy.fail(500, "InternalError", times=2, matches=lambda request: request.act == "PART")
    Path(faulty.at("big")).write_bytes(data)
    assert bytes_in_store(faulty.store, "big") == data


def test_stalled_read_ends_in_an_error_within_the_deadline(faulty: FaultyMount) -> None:
    """A store that never answers is given up in time, and the reader told."""
    faulty.store.put("file", b"content")
    assert os.stat(faulty.at("file")).st_size == 7
    faulty.proxy.stall()
    started = time.monotonic()
    with refused(*UNAVAILABLE):
        Path(faulty.at("file")).read_bytes()
    assert time.monotonic() - started < PATIENCE_SECONDS
    faulty.proxy.heal()
    assert Path(faulty.at("file")).read_bytes() == b"content"


@pytest.mark.parametrize("failure", ["stall", "refuse", "slow down"])
def test_write_to_a_store_that_is_away_fails_at_close(faulty: FaultyMount, failure: str) -> None:
    """Past the limit of retries close fails with an errno, in time; with the store back, all works again."""
    os.listdir(faulty.path)
    with open(faulty.at("file"), "wb", buffering=0) as file:
        file.write(b"content")
        break_store(faulty.proxy, failure)
        started = time.monotonic()
        with refused(*UNAVAILABLE):
            os.close(os.dup(file.fileno()))
        assert time.monotonic() - started < PATIENCE_SECONDS
        mend_store(faulty.proxy)
    Path(faulty.at("after")).write_bytes(b"works again")
    assert bytes_in_store(faulty.store, "after") == b"works again"


def test_bytes_of_a_failed_close_are_sent_by_the_next(faulty: FaultyMount) -> None:
    """What could not be sent at one close is still there at the next fsync, and reaches the store."""
    with open(faulty.at("file"), "wb", buffering=0) as file:
        file.write(b"content")
        break_store(faulty.proxy, "slow down")
        with refused(*UNAVAILABLE):
            os.fsync(file.fileno())
        mend_store(faulty.proxy)
        os.fsync(file.fileno())
        assert bytes_in_store(faulty.store, "file") == b"content"


def test_listing_a_store_that_is_away_is_an_error_and_not_empty(faulty: FaultyMount) -> None:
    """A folder that cannot be listed is an error: never an empty folder."""
    faulty.store.put("dir/file", b"content")
    break_store(faulty.proxy, "refuse")
    started = time.monotonic()
    with refused(*UNAVAILABLE):
        os.listdir(faulty.at("dir"))
    assert time.monotonic() - started < PATIENCE_SECONDS
    mend_store(faulty.proxy)
    wait_until(lambda: os.listdir(faulty.at("dir")) == ["file"], 60, "the listing to work again")


def test_store_restarted_under_the_mount(faulty: FaultyMount) -> None:
    """A store that is gone for a moment is waited for."""
    Path(faulty.at("before")).write_bytes(b"before")
    break_store(faulty.proxy, "refuse")
    mend_store(faulty.proxy)
    assert Path(faulty.at("before")).read_bytes() == b"before"
    Path(faulty.at("after")).write_bytes(b"after")
    assert bytes_in_store(faulty.store, "after") == b"after"


def break_store(proxy: FaultProxy, failure: str) -> None:
    if failure == "stall":
        proxy.stall()
    elif failure == "refuse":
        proxy.refuse()
    else:
        proxy.fail()


def mend_store(proxy: FaultProxy) -> None:
    """Whatever was broken works again."""
    proxy.heal()
    proxy.refuse()
    proxy.listen()
