"""What copies cost in requests to an S3 store, counted by a proxy in front of it."""

from collections import Counter
from collections.abc import Iterator

import pytest

from tests.engine.copying.buckets import fill_bucket, mount_bucket
from tests.engine.copying.trees import found
from tests.servers.fault_proxy import FaultProxy
from tests.servers.seaweed import SeaweedServer
from vfs.storage import StorageManager


def objects(count: int) -> dict[str, bytes]:
    """So many files in ten folders that nobody made."""
    return {f"tree/folder-{n % 10}/file-{n}": b"%d" % n for n in range(count)}


FEW = objects(100)


@pytest.fixture
def two(
    storage: StorageManager, seaweed: SeaweedServer, bucket: str, proxy: FaultProxy
) -> Iterator[StorageManager]:
    """Two buckets of one account as `s3` and `other`; the first holds a hundred files of others."""
    fill_bucket(seaweed.client(), bucket, FEW)
    with seaweed.bucket() as second:
        mount_bucket(storage, "s3", bucket, proxy.url)
        mount_bucket(storage, "other", second, proxy.url)
        yield storage
        storage.close()


def test_a_tree_between_buckets_is_listings_and_copies(two: StorageManager, proxy: FaultProxy) -> None:
    """A hundred files are a hundred copies and the pages of the listings: no file is asked for."""
    with proxy.counting() as requests:
        summary = two.node("s3:tree").copy_to("other:there")
    assert (summary.copied, summary.failed_count) == (100, 0)
    assert requests["COPY"] == 100
    assert requests.total() - 100 <= 10
    with proxy.counting() as requests:
        again = two.node("s3:tree").copy_to("other:there", skip="size")
    assert (again.copied, again.skipped) == (0, 100)
    assert set(requests) <= {"LIST", "HEAD"}
    assert requests.total() <= 8
    assert len(found(two.node("other:there"))) == 110


def test_equal_etags_of_one_store_need_no_request(two: StorageManager, proxy: FaultProxy) -> None:
    """skip="hash" is told by the listings where nothing has changed."""
    two.node("s3:tree").copy_to("other:there")
    with proxy.counting() as requests:
        again = two.node("s3:tree").copy_to("other:there", skip="hash")
    assert again.skipped == 100
    assert requests.total() <= 8


def test_within_a_bucket(two: StorageManager, proxy: FaultProxy) -> None:
    """The bytes stay in the store, and no source is asked for."""
    with proxy.counting() as requests:
        summary = two.node("s3:tree/folder-1").copy_to("s3:tree/copy")
    assert summary.copied == 10
    assert requests["COPY"] == 10
    assert requests.total() - 10 <= 9


def test_a_tree_of_this_machine_is_one_put_a_file(two: StorageManager, proxy: FaultProxy) -> None:
    """Nothing is asked before or after a file is stored, its attributes with it; a new folder is five."""
    for path, content in FEW.items():
        two.node("local:", path).write_bytes(content)
    with proxy.counting() as requests:
        summary = two.node("local:tree").copy_to("other:from-here")
    assert summary.copied == 100
    assert requests["GET"] == 0
    assert requests.total() - 100 <= 6 * 11
    with proxy.counting() as requests:
        assert two.node("local:tree").copy_to("other:from-here", skip="size").skipped == 100
    assert requests.total() <= 6


def test_a_tree_to_this_machine_is_one_get_a_file(two: StorageManager, proxy: FaultProxy) -> None:
    """The request for the bytes tells the attributes too."""
    with proxy.counting() as requests:
        assert two.node("s3:tree").copy_to("local:tree").copied == 100
    assert requests["GET"] == 100
    assert requests.total() - 100 <= 8


def test_a_mirror_deletes_many_at_a_time(two: StorageManager, proxy: FaultProxy) -> None:
    """Files that the source has not go with a few requests for each folder."""
    two.node("s3:tree").copy_to("other:there")
    two.node("local:empty").mkdir()
    with proxy.counting() as requests:
        summary = two.node("local:empty").copy_to("other:there", delete=True)
    assert summary.deleted == 100
    assert requests["DELETE MANY"] == 1
    assert requests.total() <= 12 * 8
    assert found(two.node("other:there")) == {}


def test_a_big_file_goes_in_parts(two: StorageManager, proxy: FaultProxy) -> None:
    """24 MiB are three parts, a begin and a complete."""
    two.node("local:big").write_bytes(bytes(1 << 20) for _ in range(24))
    with proxy.counting() as requests:
        assert two.node("local:big").copy_to("other:big").bytes == 24 << 20
    assert requests - Counter(HEAD=2, LIST=2) == Counter({"CREATE UPLOAD": 1, "PART": 3, "COMPLETE": 1})
