"""What the same guide and quick reference show of nodes that are made of others, heading by heading."""

import io
import zipfile

import pytest

import vfs
from vfs import StorageManager, StorageNode


@pytest.fixture
def parts(storage: StorageManager) -> list[StorageNode]:
    """Five files with a line each."""
    nodes = [storage.node(f"docs:part{number}.txt") for number in range(1, 6)]
    for number, node in enumerate(nodes, start=1):
        node.write_text(f"line {number}\n")
    return nodes


def members(archive: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(archive)) as found:
        assert found.testzip() is None
        return {name: found.read(name) for name in found.namelist()}


def test_the_iternode_method(storage: StorageManager, parts: list[StorageNode]) -> None:
    """Read or copied, it is what the nodes hold at that moment, in their order."""
    header, body, footer = parts[:3]
    document = storage.iternode(header, body, footer)
    body.write_text("changed since\n")
    assert document.read() == "line 1\nchanged since\nline 3\n"
    document.copy_to(storage.node("output:full_document.txt"))
    assert storage.node("output:full_document.txt").read() == document.read_text()
    assert document.read_bytes() == document.read_text().encode()


def test_the_iternode_method_dynamic_building(storage: StorageManager, parts: list[StorageNode]) -> None:
    """Begun empty, nodes are appended one by one or several together."""
    builder = storage.iternode()
    assert builder.read() == ""
    builder.append(parts[0])
    for number in range(2, 4):
        builder.append(storage.node(f"docs:part{number}.txt"))
    builder.extend(parts[3], parts[4])
    final = storage.node("complete_document.txt")
    builder.copy_to(final)
    assert final.read() == "".join(f"line {number}\n" for number in range(1, 6))


def test_the_iternode_method_creating_archives(storage: StorageManager, parts: list[StorageNode]) -> None:
    """A member for each node; the archive is bytes to be written anywhere."""
    zip_bytes = storage.iternode(*parts[:3]).zip()
    archive = storage.node("backup.zip")
    archive.write(zip_bytes, mode="wb")
    expected = {f"part{number}.txt": f"line {number}\n".encode() for number in (1, 2, 3)}
    assert members(archive.read_bytes()) == expected


def test_the_diffnode_method(storage: StorageManager) -> None:
    """A unified diff, made when it is asked for."""
    one, other = storage.node("docs:config_v1.txt"), storage.node("docs:config_v2.txt")
    one.write_text("a\nb\n")
    diff = storage.diffnode(one, other)
    other.write_text("a\nc\n")
    assert [line for line in diff.read().splitlines() if line[:1] in "+-"][2:] == ["-b", "+c"]
    diff.copy_to(storage.node("changes.diff"))
    assert storage.node("changes.diff").read() == diff.read()


def test_the_diffnode_method_binary_files(storage: StorageManager) -> None:
    """They are said to differ, in one line."""
    one, other = storage.node("docs:a"), storage.node("docs:b")
    one.write_bytes(b"\0\1")
    other.write_bytes(b"\0\2")
    (line,) = storage.diffnode(one, other).read().splitlines()
    assert line.startswith("Binary files")


def test_the_diffnode_method_use_cases(storage: StorageManager, s3: StorageNode) -> None:
    """Changes of a configuration are told to somebody, and only if there are any."""
    old, new = storage.node("s3:prod/config.json"), storage.node("s3:staging/config.json")
    told: list[str] = []
    for text in ('{"a": 1}\n', '{"a": 2}\n'):
        old.write_text('{"a": 1}\n')
        new.write_text(text)
        changes = storage.diffnode(old, new)
        if changes.read():
            told.append(changes.read())
    assert len(told) == 1
    assert '+{"a": 2}' in told[0]


def test_the_diffnode_method_use_cases_versions(storage: StorageManager, s3: StorageNode) -> None:
    """The version before the newest is a node like another."""
    for text in ("one\n", "two\n", "three\n"):
        storage.node("s3:document.txt").write_text(text)
    current = storage.node("s3:document.txt")
    previous = storage.node("s3:document.txt", version=-2)
    diff = storage.diffnode(previous, current)
    diff.copy_to(storage.node("changelog.diff"))
    assert storage.node("changelog.diff").read().endswith("-two\n+three\n")


def test_virtual_node_properties(storage: StorageManager, parts: list[StorageNode]) -> None:
    """It exists nowhere and cannot be written, but be read and copied; only an iternode takes more nodes."""
    node = storage.iternode(*parts[:2])
    assert node.exists() is False
    for write in (node.write, node.write_text):
        with pytest.raises(ValueError, match="cannot be written"):
            write("data")
    with pytest.raises(ValueError, match="cannot be written"):
        node.write_bytes(b"data")
    assert node.read() == "line 1\nline 2\n"
    node.copy_to(storage.node("output:output.txt"))
    assert storage.node("output:output.txt").read() == node.read()
    node.append(parts[2])
    node.extend(parts[3], parts[4])
    assert node.read().count("line") == 5
    with pytest.raises(ValueError, match="two nodes"):
        storage.diffnode(*parts[:2]).append(parts[2])


def test_common_patterns_lazy_concatenation(storage: StorageManager, parts: list[StorageNode]) -> None:
    """Built of parts, one more appended, and materialized."""
    builder = storage.iternode(*parts[:3])
    builder.append(parts[3])
    builder.copy_to(storage.node("result.txt"))
    assert storage.node("result.txt").read() == "line 1\nline 2\nline 3\nline 4\n"


def test_common_patterns_generate_diff(storage: StorageManager, parts: list[StorageNode]) -> None:
    """Two nodes are compared, and the diff is a file."""
    storage.diffnode(parts[0], parts[1]).copy_to(storage.node("changes.diff"))
    assert storage.node("changes.diff").read().endswith("-line 1\n+line 2\n")


def test_common_patterns_create_zip_archive(storage: StorageManager, parts: list[StorageNode]) -> None:
    """Of one file, of a folder with all below, of several files."""
    file = storage.node("data:report.pdf")
    file.write_bytes(b"%PDF")
    storage.node("data:report.zip").write(file.zip(), mode="wb")
    assert members(storage.node("data:report.zip").read_bytes()) == {"report.pdf": b"%PDF"}

    folder = storage.node("data:documents/")
    folder.child("a.txt").write("a")
    folder.child("deep/b.txt").write("b")
    found = members(folder.zip())
    assert {name: data for name, data in found.items() if not name.endswith("/")} == {
        "a.txt": b"a",
        "deep/b.txt": b"b",
    }
    assert set(members(storage.iternode(*parts[:2]).zip())) == {"part1.txt", "part2.txt"}


def test_node_creation(storage: StorageManager, parts: list[StorageNode]) -> None:
    """The manager makes all three kinds of nodes, and asks no storage for that."""
    assert isinstance(storage.node("docs:none"), vfs.StorageNode)
    missing = storage.node("docs:none")
    joined, diff = storage.iternode(missing), storage.diffnode(missing, missing)
    for node in (joined, diff):
        with pytest.raises(vfs.NotFound, match="docs:none"):
            node.read()
