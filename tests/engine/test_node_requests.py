"""What acts of nodes cost in requests to an S3 store, counted by a proxy in front of it."""

from collections import Counter

import pytest

from tests.engine.copying.buckets import fill_bucket, mount_bucket
from tests.servers.fault_proxy import FaultProxy
from tests.servers.seaweed import SeaweedServer
from vfs.engine.nodes import StorageNode
from vfs.storage import StorageManager

FOLDERS = 4
FILES = 100


@pytest.fixture
def tree(storage: StorageManager, seaweed: SeaweedServer, bucket: str, proxy: FaultProxy) -> StorageNode:
    """A folder with a hundred files of others in four folders that nobody made."""
    objects = {f"tree/{n % FOLDERS}/file-{n}": b"%d" % n for n in range(FILES)}
    fill_bucket(seaweed.client(), bucket, objects)
    mount_bucket(storage, "s3", bucket, proxy.url)
    node = storage.node("s3:tree")
    node.exists()
    return node


def test_files_and_their_sizes_are_one_listing(tree: StorageNode, proxy: FaultProxy) -> None:
    """Kinds, sizes and ETags that a sweep told are not asked for again, file by file."""
    with proxy.counting() as requests:
        files = list(tree.files(recursive=True))
        assert sum(node.size() for node in files) == sum(len(str(n)) for n in range(FILES))
        assert all(node.is_file() and node.etag() for node in files)
    assert len(files) == FILES
    assert requests == Counter(LIST=1)


def test_children_and_their_sizes_are_one_listing(tree: StorageNode, proxy: FaultProxy) -> None:
    """The same for one folder."""
    with proxy.counting() as requests:
        children = (tree / "0").children()
        assert all(node.exists() and node.size() for node in children)
    assert requests == Counter(LIST=1)


def test_how_much_there_is_is_one_listing(tree: StorageNode, proxy: FaultProxy) -> None:
    """However deep it lies."""
    with proxy.counting() as requests:
        assert tree.tree_info().file_count == FILES
    assert requests == Counter(LIST=1)


def test_a_pattern_lists_only_where_it_leads(tree: StorageNode, proxy: FaultProxy) -> None:
    """A folder by name is not looked for among its siblings."""
    with proxy.counting() as requests:
        assert len(list(tree.glob("1/file-*"))) == FILES // FOLDERS
    assert requests == Counter(LIST=1)


def test_a_mapping_is_listed_at_once(tree: StorageNode, storage: StorageManager, proxy: FaultProxy) -> None:
    """Its keys are one listing, and a value is one GET."""
    mapping = storage.mapping("s3:tree")
    with proxy.counting() as requests:
        assert sum(1 for _ in mapping) == FILES
    assert requests == Counter(LIST=1)
    with proxy.counting() as requests:
        assert mapping["1/file-1"] == b"1"
    assert requests == Counter(GET=1)


def test_the_md5_of_an_object_is_one_head(tree: StorageNode, proxy: FaultProxy) -> None:
    """The store knows it; the bytes stay there."""
    with proxy.counting() as requests:
        (tree / "1/file-1").md5hash()
    assert requests == Counter(HEAD=1)


def test_deleting_a_tree_asks_for_no_file(tree: StorageNode, proxy: FaultProxy) -> None:
    """A listing, a request for each thousand files, and a few for each folder."""
    with proxy.counting() as requests:
        tree.delete(recursive=True)
    assert not tree.exists()
    assert requests.total() <= 5 + 6 * (FOLDERS + 1), requests


def test_ranges_of_a_big_file_are_fetched_and_nothing_between(
    storage: StorageManager, seaweed: SeaweedServer, bucket: str, proxy: FaultProxy
) -> None:
    """Several at a time, a GET each, and the file's first bytes with its entry."""
    content = bytes(range(256)) * (64 << 12)
    fill_bucket(seaweed.client(), bucket, {"big": content})
    mount_bucket(storage, "s3", bucket, proxy.url)
    starts = range(8 << 20, 64 << 20, 8 << 20)
    with proxy.counting() as requests:
        found = storage.node("s3:big").read_ranges([(start, start + 1000) for start in starts])
    assert found == [content[start : start + 1000] for start in starts]
    assert requests["GET"] <= 1 + len(starts)
    assert requests.total() <= 2 + len(starts)


def test_reading_what_nothing_is_known_of_is_one_get(tree: StorageNode, proxy: FaultProxy) -> None:
    """The request for its bytes tells what the file is; what is not there costs a question more."""
    with proxy.counting() as requests:
        assert (tree / "1/file-1").read_bytes() == b"1"
    assert requests == Counter(GET=1)
    with proxy.counting() as requests, pytest.raises(FileNotFoundError):
        (tree / "1/none").read_bytes()
    assert requests.total() <= 3, requests
    with pytest.raises(IsADirectoryError):
        (tree / "2").read_bytes()


def test_writing_where_nothing_is_known(tree: StorageNode, proxy: FaultProxy) -> None:
    """What stands there, file or folder, is looked for first; what was written is replaced by one request."""
    node = tree / "0" / "new"
    with proxy.counting() as requests:
        node.write_bytes(b"1")
    assert requests == Counter(HEAD=1, LIST=1, PUT=1)
    with proxy.counting() as requests:
        node.write_bytes(b"2")
    assert requests == Counter(PUT=1)


@pytest.fixture
def history(storage: StorageManager, versioned_bucket: str, proxy: FaultProxy) -> StorageNode:
    """The folder that shows the versions of a file: a big one, `old`, and `new`."""
    mount_bucket(storage, "s3", versioned_bucket, proxy.url)
    for content in (b"x" * (9 << 20), b"old", b"new"):
        storage.node("s3:d/f").write_bytes(content)
    return storage.node("s3:d/.versions/f")


def test_reading_an_old_version_is_one_request(history: StorageNode, proxy: FaultProxy) -> None:
    """Once it was listed; a diff reads the version before it, too."""
    versions = sorted(node for node in history.children() if node.name != "changes")
    changes = sorted((history / "changes").children())
    with proxy.counting() as requests:
        assert versions[1].read_bytes() == b"old"
    assert requests == Counter(GET=1)
    with proxy.counting() as requests:
        assert b"+new" in changes[1].read_bytes()
    assert requests == Counter(GET=2)


def test_restoring_costs_no_bytes(history: StorageNode, storage: StorageManager, proxy: FaultProxy) -> None:
    """However big the version is: the store copies it."""
    file = storage.node("s3:d/f")
    first = min(node for node in history.children() if node.name != "changes")
    with proxy.counting() as requests:
        first.copy_to(file)
    assert requests == Counter(HEAD=1, COPY=1)
    assert file.size() == 9 << 20
    with proxy.counting() as requests:
        file.rollback(1)
    assert requests == Counter(LIST=1, HEAD=1, COPY=1)
    with proxy.counting() as requests:
        file.rollback(0)
    assert requests["COPY"] == 1
    assert set(requests) == {"LIST", "HEAD", "COPY"}
    assert requests.total() <= 5
    assert file.size() == 9 << 20
