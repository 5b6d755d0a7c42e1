"""What each act over WebDAV costs in requests to a bucket, and what a bucket that is away costs a client."""

import io
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

import vfs
from tests.dav.asking import Client, asking
from tests.mounts.kinds import s3_settings
from tests.mounts.waiting import wait_until
from tests.servers.fault_proxy import FaultProxy
from tests.servers.seaweed import SeaweedServer
from vfs.engine.waiting import told_before_waits

MIB = 1 << 20


class Counted:
    """A client of a fresh storage over a bucket, whose requests are counted."""

    def __init__(self, client: Client, proxy: FaultProxy, store: object, bucket: str) -> None:
        self.client = client
        self.counting = proxy.counting
        self.proxy = proxy
        self._store = store
        self._bucket = bucket

    def store(self, key: str, content: bytes) -> None:
        """Behind the back of the storage."""
        self._store.put_object(Bucket=self._bucket, Key=key, Body=content)  # type: ignore[attr-defined]


@pytest.fixture
def counted(seaweed: SeaweedServer, proxy: FaultProxy, bucket: str, tmp_path: Path) -> Iterator[Counted]:
    mount = {**s3_settings(bucket, proxy.url), "ttl": 600}
    with vfs.open({"mounts": {"s3": mount}}) as storage, asking(storage, tmp_path) as client:
        yield Counted(client, proxy, seaweed.client(), bucket)


def test_reading_a_file_nobody_asked_for_yet(counted: Counted) -> None:
    """One GET brings a small file, its headers and its bytes."""
    counted.store("f", b"content")
    with counted.counting() as requests:
        assert counted.client.get("/s3/f").body == b"content"
    assert requests == Counter(GET=1)


@pytest.mark.parametrize("act", ["get", "find"])
def test_others_are_answered_while_a_bucket_is_waited_for(counted: Counted, act: str) -> None:
    """The turn is given away when the request is sent, not before; what is known here keeps it."""
    counted.store("f", b"content")
    sent: list[int] = []
    with counted.counting() as requests, told_before_waits(lambda: sent.append(sum(requests.values()))):
        assert getattr(counted.client, act)("/s3/f").status < 300
        assert sent
        sent.clear()
        assert getattr(counted.client, act)("/s3/f").status < 300
        assert not sent


def test_ranges_fetch_what_was_asked_for(counted: Counted) -> None:
    """A range of a big file is one request, and nothing is fetched that the client did not ask for."""
    body = bytes(range(256)) * (32 * MIB // 256)
    counted.store("big", body)
    counted.client.get("/s3/big", Range="bytes=0-0")
    with counted.counting() as requests:
        for start in (4 * MIB, 20 * MIB, 12 * MIB):
            answer = counted.client.get("/s3/big", Range=f"bytes={start}-{start + MIB - 1}")
            assert (answer.status, answer.body) == (206, body[start : start + MIB])
    assert requests == Counter(GET=3)


def test_a_folder_is_one_listing(counted: Counted) -> None:
    """However many files are in it; and looking at one of them afterwards costs nothing."""
    for number in range(50):
        counted.store(f"folder/{number}", b"1")
    with counted.counting() as requests:
        assert len(counted.client.find("/s3/folder/", depth="1").hrefs) == 51
    assert requests["LIST"] <= 2
    assert sum(requests.values()) - requests["LIST"] <= 1
    with counted.counting() as requests:
        assert counted.client.find("/s3/folder/7").status == 207
        assert counted.client.find("/s3/folder/._7").status == 404
        assert counted.client.get("/s3/folder/._7").status == 404
    assert requests == Counter()


def test_storing_a_file(counted: Counted) -> None:
    """Into a folder that was listed: one PUT."""
    counted.client.find("/s3/", depth="1")
    with counted.counting() as requests:
        assert counted.client.put("/s3/new", b"1").status == 201
    assert requests == Counter(PUT=1)


def test_an_upload_leaves_while_it_comes(counted: Counted) -> None:
    """A big file goes out in parts; one that is cut off is taken back, and nothing was ever seen of it."""
    counted.client.find("/s3/", depth="1")
    body = b"x" * (40 * MIB)

    class Coming(io.BytesIO):
        """Its end comes when some of it is in the store."""

        def read(self, size: int | None = -1) -> bytes:
            if self.tell() == len(body) - MIB:
                wait_until(
                    lambda: any(request.act == "PART" for request in counted.proxy.requests), 30, "a part"
                )
            return super().read(min(size or MIB, MIB))

    with counted.counting() as requests:
        sent = {"wsgi.input": Coming(body), "CONTENT_LENGTH": str(len(body))}
        assert counted.client.ask("PUT", "/s3/big", **sent).status == 201
    assert requests["PART"] == 5
    assert requests["COMPLETE"] == 1
    with counted.counting() as requests:
        cut = counted.client.ask("PUT", "/s3/cut", body, CONTENT_LENGTH=str(len(body) + 1))
    assert cut.status == 400
    assert (requests["COMPLETE"], requests["ABORT"]) == (0, 1)
    assert counted.client.get("/s3/cut").status == 404


def test_copies_stay_inside_the_store(counted: Counted) -> None:
    """A copy and a rename carry no bytes through here."""
    counted.client.put("/s3/f", b"1")
    with counted.counting() as requests:
        assert counted.client.ask("COPY", "/s3/f", headers={"Destination": "/s3/g"}).status == 201
        assert counted.client.ask("MOVE", "/s3/g", headers={"Destination": "/s3/h"}).status == 201
    assert requests["COPY"] == 2
    assert requests["GET"] == requests["PUT"] == 0
