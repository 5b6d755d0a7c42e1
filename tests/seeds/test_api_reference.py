"""What a storage library's quick reference lists, heading by heading, with our manager and nodes."""

import io
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from azure.storage.blob import ContainerClient
from tqdm import tqdm

import vfs
from tests.servers import azure, seaweed
from tests.servers.azure import AzuriteServer
from tests.servers.gcs import GcsServer
from tests.servers.seaweed import SeaweedServer
from tests.servers.web import folder_server
from vfs import Capability, StorageManager, StorageNode

Mounts = Callable[[str], StorageNode]


def test_storage_manager_configuration(tmp_path: Path) -> None:
    """Mounts come from a YAML or JSON file or from a list of dicts; their names are told."""
    (tmp_path / "a.yaml").write_text("- {name: one, type: memory}\n")
    (tmp_path / "b.json").write_text(json.dumps([{"name": "two", "type": "memory"}]))
    with StorageManager() as storage:
        storage.configure(str(tmp_path / "a.yaml"))
        storage.configure(tmp_path / "b.json")
        storage.configure([{"name": "three", "type": "local", "path": str(tmp_path)}])
        assert storage.get_mount_names() == ["one", "two", "three"]
        assert storage.has_mount("two")
        assert not storage.has_mount("four")


def test_file_io(storage: StorageManager) -> None:
    """Text and bytes, whole or through a file object."""
    file = storage.node("data:file")
    file.write("text")
    assert (file.read(), file.read(mode="r"), file.read(mode="rb")) == ("text", "text", b"text")
    file.write(b"bytes", mode="wb")
    with file.open("ab") as stream:
        stream.write(b" and more")
    with file.open() as stream:
        assert stream.read() == "bytes and more"


def test_directory_operations(storage: StorageManager) -> None:
    """Making, listing, and going further down."""
    folder = storage.node("data:folder")
    folder.mkdir()
    folder.child("a", "b.txt").write("b")
    folder.child("c.txt").write("c")
    assert [node.basename for node in folder.children()] == ["a", "c.txt"]
    assert folder.child("a").child("b.txt").exists()


def test_properties(storage: StorageManager) -> None:
    """What asks the storage is called; what the name says is read."""
    node = storage.node("data:reports/2026.tar.gz")
    assert not node.exists()
    node.write("12345")
    assert (node.exists(), node.is_file(), node.is_dir(), node.size()) == (True, True, False, 5)
    assert isinstance(node.mtime(), float)
    assert (node.basename, node.stem, node.suffix) == ("2026.tar.gz", "2026.tar", ".gz")
    assert (node.fullpath, node.path) == ("data:reports/2026.tar.gz", "reports/2026.tar.gz")
    assert node.parent == storage.node("data:reports")
    assert "write" in node.capabilities
    assert node.md5hash() == "827ccb0eea8a706c4c34a16891f84e7b"
    assert node.mimetype == "application/gzip"


def test_copy_and_move(storage: StorageManager) -> None:
    """Files and folders go elsewhere, and away."""
    folder = storage.node("data:folder")
    folder.child("a.txt").write("a")
    folder.copy_to(storage.node("backup:folder"))
    moved = folder.child("a.txt").move_to("backup:moved.txt")
    assert (moved.read(), storage.node("backup:folder/a.txt").read()) == ("a", "a")
    assert folder.children() == []
    storage.node("backup:folder").delete(recursive=True)
    assert [node.basename for node in storage.node("backup:").children()] == ["moved.txt"]


def test_versioning(s3: StorageNode, storage: StorageManager) -> None:
    """How many, which, and reading one; none where none are kept."""
    file = s3 / "file"
    for text in ("one", "two", "three"):
        file.write(text)
    assert file.version_count() == 3
    assert [version.is_latest for version in file.versions()] == [False, False, True]
    with file.open(version=file.versions()[1].id) as old, file.open(version=0) as oldest:
        assert (old.read(), oldest.read()) == ("two", "one")
    assert storage.node("data:file").version_count() == 0


def test_metadata(s3: StorageNode) -> None:
    """A dict of texts, kept by the cloud."""
    file = s3 / "file"
    file.write("x")
    file.set_metadata({"author": "me"})
    assert file.get_metadata() == {"author": "me"}


def test_urls(s3: StorageNode) -> None:
    """A signed one, one below a web server's root, and one that is the content."""
    file = s3 / "a file.txt"
    file.write("x")
    assert "X-Amz-Expires=60" in file.url(expires_in=60)
    assert file.internal_url() == "/s3/a%20file.txt"
    assert file.to_base64() == "data:text/plain;base64,eA=="


READ_WRITE = {"read", "write", "delete"}
VERSIONS = {"versioning", "version_listing", "version_access"}

MATRIX: dict[str, tuple[set[str], set[str]]] = {
    "local": (READ_WRITE, VERSIONS | {"presigned_urls", "temporary", "readonly"}),
    "s3": (READ_WRITE | VERSIONS | {"user_metadata", "presigned_urls"}, {"temporary", "readonly"}),
    "gcs": (READ_WRITE | VERSIONS | {"user_metadata"}, {"temporary", "readonly"}),
    "azure": (READ_WRITE | {"user_metadata", "presigned_urls"}, {"temporary", "readonly"}),
    "http": ({"read", "readonly"}, VERSIONS | {"write", "delete", "user_metadata", "temporary"}),
    "memory": (READ_WRITE | {"temporary"}, VERSIONS | {"presigned_urls", "readonly"}),
    "base64": ({"read"}, VERSIONS | {"delete", "user_metadata", "presigned_urls", "temporary"}),
}
"""What each storage can do, and cannot. Azure's test server keeps no versions; GCS signs with a key only."""


@pytest.fixture
def mounted(storage: StorageManager, request: pytest.FixtureRequest, tmp_path: Path) -> Mounts:
    """Gives the root of a new mount of a kind, on a test server where it needs one."""

    def options(kind: str) -> dict[str, object]:
        if kind == "s3":
            server: SeaweedServer = request.getfixturevalue("seaweed")
            keys = {"key": seaweed.ACCESS_KEY, "secret": seaweed.SECRET_KEY, "region": seaweed.REGION}
            bucket = request.getfixturevalue("versioned_bucket")
            return {"bucket": bucket, "endpoint_url": server.url, **keys}
        if kind == "gcs":
            gcs: GcsServer = request.getfixturevalue("gcs")
            return {"bucket": gcs.make_bucket(versioned=True), "endpoint_url": gcs.url, "token": "anon"}
        if kind == "azure":
            azurite: AzuriteServer = request.getfixturevalue("azurite")
            container: ContainerClient = request.getfixturevalue("container")
            account = {"account_name": azure.ACCOUNT, "account_key": azure.KEY}
            return {"container": container.container_name, "endpoint_url": azurite.url, **account}
        return {"local": {"path": str(tmp_path)}, "http": {"url": "http://127.0.0.1:9"}}.get(kind, {})

    def mount(kind: str) -> StorageNode:
        storage.add_mount({"name": "new", "type": kind, **options(kind)})
        return storage.node("new:")

    return mount


@pytest.mark.parametrize("kind", MATRIX)
def test_backend_capability_matrix(mounted: Mounts, kind: str) -> None:
    """Each storage says of itself what the table says of it."""
    can, cannot = MATRIX[kind]
    root = mounted(kind)
    assert can <= root.capabilities
    assert not cannot & root.capabilities
    assert root.supports("read")
    assert root.supports(Capability.WRITE) is ("write" in can)


def test_backend_capability_matrix_base64(mounted: Mounts) -> None:
    """Writing there gives another path, which is the content."""
    written = mounted("base64").child("any").write_text("Hello").node
    assert (written.path, written.read()) == ("SGVsbG8", "Hello")


def test_skip_strategies(storage: StorageManager) -> None:
    """Each by its name, and as a member of `SkipStrategy`."""
    source, dest = storage.node("data:"), storage.node("backup:")
    source.child("a").write("a")
    source.copy_to(dest)
    copied = {skip: source.copy_to(dest, skip=skip).copied for skip in ("never", "exists", "size", "hash")}
    assert copied == {"never": 1, "exists": 0, "size": 0, "hash": 0}
    assert source.copy_to(dest, skip=vfs.SkipStrategy.CUSTOM, skip_fn=lambda *_: True).skipped == 1


def test_copy_parameters(storage: StorageManager) -> None:
    """`custom` needs its function, and a function needs `custom`."""
    source = storage.node("data:")
    with pytest.raises(TypeError, match="skip_fn"):
        source.copy_to("backup:", skip="custom")
    with pytest.raises(TypeError, match="skip_fn"):
        source.copy_to("backup:", skip="size", skip_fn=lambda *_: True)


def test_common_patterns_incremental_backup(storage: StorageManager) -> None:
    """Only changed files are copied."""
    source, dest = storage.node("data:"), storage.node("backup:")
    for name in ("a", "b"):
        source.child(name).write(name)
    assert source.copy_to(dest, skip="hash").copied == 2
    source.child("b").write("B")
    assert source.copy_to(dest, skip="hash").copied == 1


def test_common_patterns_progress_tracking(storage: StorageManager) -> None:
    """A tqdm bar moves on by one for each file."""
    source = storage.node("data:")
    for name in ("a", "b", "c"):
        source.child(name).write(name)
    with tqdm(desc="Copying", file=io.StringIO()) as bar:
        source.copy_to("backup:", progress=lambda current, total: bar.update(1))
        assert bar.n == 3


def test_common_patterns_filter_by_size(storage: StorageManager) -> None:
    """A function of the node and its path says which files go."""
    source = storage.node("data:")
    source.child("small").write("1")
    source.child("big").write("1" * 1000)
    source.copy_to("backup:", filter=lambda node, path: node.size() < 100)
    assert [node.path for node in storage.node("backup:").children()] == ["small"]


def test_common_patterns_custom_skip_logic(storage: StorageManager) -> None:
    """A newer file at the destination stays."""

    def skip_if_newer(src: StorageNode, dest: StorageNode) -> bool:
        return dest.exists() and dest.mtime() > src.mtime()

    source, dest = storage.node("data:a"), storage.node("backup:a")
    source.write("older")
    assert source.copy_to(dest, skip="custom", skip_fn=skip_if_newer).copied == 1
    dest.write("newer")
    assert source.copy_to(dest, skip="custom", skip_fn=skip_if_newer).skipped == 1


def test_common_patterns_copy_with_callbacks(storage: StorageManager) -> None:
    """Each file is told, copied or skipped, and why."""
    source = storage.node("data:")
    for name in ("a", "b"):
        source.child(name).write(name)
    source.child("a").copy_to("backup:a")
    told: list[tuple[str, ...]] = []
    source.copy_to(
        "backup:",
        skip="hash",
        on_file=lambda node: told.append(("copied", node.path)),
        on_skip=lambda node, reason: told.append(("skipped", node.path, reason)),
    )
    copied, skipped = sorted(told)
    assert copied == ("copied", "b")
    assert skipped[:2] == ("skipped", "a")
    assert "content" in skipped[2]


def test_node_creation_of_a_version(s3: StorageNode, storage: StorageManager) -> None:
    """With a version it is a snapshot that can only be read."""
    (s3 / "file").write("one")
    (s3 / "file").write("two")
    snapshot = storage.node("s3:file", version=0)
    assert (snapshot.read(), snapshot.exists()) == ("one", True)
    with pytest.raises(ValueError, match="cannot be written"):
        snapshot.write("three")


def test_versioning_remove_consecutive_duplicates(storage: StorageManager) -> None:
    """Where history is kept on any storage too: what says the same as the version before it goes."""
    storage.add_mount({"name": "kept", "type": "memory", "layers": ["versioned"]})
    file = storage.node("kept:file")
    for text in ("one", "one", "two", "two"):
        file.write(text)
    assert (file.version_count(), file.compact_versions(dry_run=True)) == (4, 2)
    assert file.compact_versions() == 2
    assert file.version_count() == 2


def test_advanced_fill_from_url(storage: StorageManager, tmp_path: Path) -> None:
    """What a web server gives is the file's content."""
    (tmp_path / "page.txt").write_text("from afar")
    node = storage.node("data:page.txt")
    with folder_server(tmp_path) as url:
        node.fill_from_url(f"{url}/page.txt", timeout=30, allow_private=True)
    assert node.read() == "from afar"
