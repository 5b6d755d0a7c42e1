"""What a guide to a storage library's advanced features shows, heading by heading, with our nodes."""

import time
from pathlib import Path

import pytest

import vfs
from vfs import StorageManager, StorageNode

MEBIBYTE = 1 << 20


def filled(folder: StorageNode, **files: str) -> StorageNode:
    """The folder with these files in it: names without their suffix, and contents."""
    for name, text in files.items():
        folder.child(f"{name}.txt").write_text(text)
    return folder


def texts_in(folder: StorageNode) -> dict[str, str]:
    return {node.stem: node.read() for node in folder.children()}


def test_external_tool_integration_the_problem(
    s3: StorageNode, storage: StorageManager, tmp_path: Path
) -> None:
    """Whole files go to temporary ones and come back by `read` and `write` in binary modes."""
    storage.node("s3:video.mp4").write(b"frames", mode="wb")
    local = tmp_path / "video.mp4"
    with local.open("wb") as file:
        file.write(storage.node("s3:video.mp4").read(mode="rb"))
    processed = storage.node("s3:processed.mp4")
    with local.open("rb") as file:
        processed.write(file.read(), mode="wb")
    assert processed.read(mode="rb") == b"frames"


def test_the_mimetype_property(storage: StorageManager) -> None:
    """The name's suffix says what the content is; an unknown one says bytes."""
    assert storage.node("uploads:photo.jpg").mimetype == "image/jpeg"
    assert storage.node("videos:movie.mp4").mimetype == "video/mp4"
    assert storage.node("docs:report.pdf").mimetype == "application/pdf"
    assert storage.node("file.unheard-of").mimetype == "application/octet-stream"


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("a.html", "text/html"),
        ("a.css", "text/css"),
        ("a.js", "text/javascript"),
        ("a.json", "application/json"),
        ("a.docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
        ("a.xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
        ("a.zip", "application/zip"),
        ("a.tar", "application/x-tar"),
        ("a.tar.gz", "application/gzip"),
    ],
)
def test_the_mimetype_property_how_it_works(storage: StorageManager, name: str, kind: str) -> None:
    """Web formats, documents and archives are known."""
    assert storage.node(f"files:{name}").mimetype == kind


def test_the_mimetype_property_use_cases(storage: StorageManager) -> None:
    """Uploads are checked, and work is shared out, by kind."""
    assert storage.node("uploads:avatar.jpg").mimetype.startswith("image/")
    assert not storage.node("uploads:avatar.exe").mimetype.startswith("image/")
    taken = {"application/pdf": "pages", "image/png": "pixels"}
    names = ["scan.pdf", "logo.png", "document"]
    handlers = [taken.get(storage.node("files:", name).mimetype, "bytes") for name in names]
    assert handlers == ["pages", "pixels", "bytes"]


def test_the_md5hash_property(storage: StorageManager) -> None:
    """32 lowercase hexadecimal digits, equal where the contents are."""
    file = storage.node("data:file.txt")
    file.write_text("hello")
    assert file.md5hash() == "5d41402abc4b2a76b9719d911017c592"
    one, other = storage.node("v1:data.json"), storage.node("v2:data.json")
    one.write_json({"a": 1})
    other.write_json({"a": 1})
    assert one.md5hash() == other.md5hash() != file.md5hash()


def test_the_md5hash_property_use_cases(storage: StorageManager) -> None:
    """A backup is compared, duplicates are found, a change is noticed."""
    directory = filled(storage.node("data:"), first="same", second="same", third="other")
    original, backup = directory / "first.txt", storage.node("backup:first.txt")
    original.copy_to(backup)
    assert original.md5hash() == backup.md5hash()

    seen: set[str] = set()
    duplicates = []
    for file in directory.children():
        if file.md5hash() in seen:
            duplicates.append(file.basename)
        seen.add(file.md5hash())
    assert duplicates == ["second.txt"]

    before = original.md5hash()
    original.write_text("changed")
    assert original.md5hash() != before


def test_the_skip_if_parameter(storage: StorageManager) -> None:
    """Copies and moves take it; what is skipped stays as it was."""
    source, target = storage.node("data:a"), storage.node("backup:a")
    source.write_text("new")
    target.write_text("old")
    assert source.copy_to(target, skip_if="exists").skipped == 1
    source.move_to(target, skip_if="exists")
    assert (source.read(), target.read()) == ("new", "old")


def test_strategy_details_exists(storage: StorageManager) -> None:
    """Only files that are not there yet are copied, whatever those there hold."""
    source = filled(storage.node("data:src"), a="new", b="new")
    target = filled(storage.node("backup:dst"), a="old")
    for file in source.children():
        file.copy_to(target.child(file.basename), skip_if="exists")
    assert texts_in(target) == {"a": "old", "b": "new"}


def test_strategy_details_size(storage: StorageManager) -> None:
    """What has another size is copied, what has the same is not."""
    source = filled(storage.node("data:src"), a="new", b="longer")
    target = filled(storage.node("backup:dst"), a="old", b="old")
    for file in source.children():
        file.copy_to(target.child(file.basename), skip_if="size")
    assert texts_in(target) == {"a": "old", "b": "longer"}


def test_strategy_details_hash(s3: StorageNode, storage: StorageManager) -> None:
    """Afterwards the contents are equal, on a bucket too, and equal ones were left alone."""
    source = filled(storage.node("data:src"), a="new", b="same")
    target = filled(s3 / "dst", a="old", b="same")
    told = [file.copy_to(target.child(file.basename), skip_if="hash") for file in source.children()]
    assert [summary.copied for summary in told] == [1, 0]
    assert texts_in(target) == texts_in(source)


def test_strategy_details_never(storage: StorageManager) -> None:
    """The default: all is copied, over what is there."""
    source, target = storage.node("data:a"), storage.node("backup:a")
    source.write_text("same")
    assert source.copy_to(target, skip_if="never").copied == 1
    assert source.copy_to(target).copied == 1


def test_custom_skip_functions(storage: StorageManager) -> None:
    """A function of source and target decides, also by what is not there."""

    def skip_if_recent(source: StorageNode, dest: StorageNode) -> bool:
        if not dest.exists():
            return False
        return time.time() - dest.mtime() < 86400

    source, dest = storage.node("data:a"), storage.node("backup:a")
    source.write_text("one")
    assert source.copy_to(dest, skip_if=skip_if_recent).copied == 1
    source.write_text("two")
    assert source.copy_to(dest, skip_if=skip_if_recent).skipped == 1
    assert dest.read() == "one"


def skip_if_newer(source: StorageNode, dest: StorageNode) -> bool:
    return dest.exists() and dest.mtime() > source.mtime()


def skip_if_too_large(source: StorageNode, dest: StorageNode) -> bool:
    return source.size() > MEBIBYTE


def skip_hidden(source: StorageNode, dest: StorageNode) -> bool:
    return source.basename.startswith(".")


def smart_skip(source: StorageNode, dest: StorageNode) -> bool:
    if not dest.exists() or dest.size() != source.size():
        return False
    return dest.md5hash() == source.md5hash()


def test_custom_skip_functions_more_examples(storage: StorageManager) -> None:
    """By time, by size, by name, by all together; a whole tree is judged file by file."""
    source, dest = storage.node("data:src"), storage.node("backup:dst")
    (source / "big.bin").write_bytes(bytes(MEBIBYTE + 1))
    (source / ".hidden").write_text("h")
    (source / "text").write_text("t")
    assert source.copy_to(dest, skip_if=skip_if_too_large).skipped == 1
    assert {node.name for node in dest.files()} == {".hidden", "text"}
    dest.clear()
    assert source.copy_to(dest, skip_if=skip_hidden).skipped == 1
    assert {node.name for node in dest.files()} == {"big.bin", "text"}
    (dest / "text").write_text("T")
    assert source.copy_to(dest, skip_if=smart_skip).copied == 2
    assert source.copy_to(dest, skip_if=smart_skip).skipped == 3
    (dest / "text").write_text("newer")
    assert source.child("text").copy_to(dest / "text", skip_if=skip_if_newer).skipped == 1


def test_batch_operations_efficient_directory_sync(s3: StorageNode, storage: StorageManager) -> None:
    """A loop over the files of one folder brings another up to date."""

    def sync_directory(source: StorageNode, dest: StorageNode, strategy: str) -> list[str]:
        files = [file for file in source.children() if file.is_file()]
        done = {file.basename: file.copy_to(dest.child(file.basename), skip_if=strategy) for file in files}
        return [name for name, summary in done.items() if summary.copied]

    source, dest = storage.node("s3:source/"), storage.node("backup:dest/")
    filled(source, a="1", b="2")
    (source / "folder").mkdir()
    filled(dest, a="1")
    assert sync_directory(source, dest, strategy="size") == ["b.txt"]
    assert texts_in(dest) == {"a": "1", "b": "2"}


def test_batch_operations_incremental_backups_with_statistics(storage: StorageManager) -> None:
    """The caller's own count and the summary's agree."""

    def incremental_backup(source_dir: StorageNode, backup_dir: StorageNode) -> dict[str, int]:
        stats = {"copied": 0, "skipped": 0, "bytes": 0}
        for file in source_dir.children():
            if not file.is_file():
                continue
            backup = backup_dir.child(file.basename)
            if backup.exists() and backup.md5hash() == file.md5hash():
                stats["skipped"] += 1
                continue
            file.copy_to(backup)
            stats["copied"] += 1
            stats["bytes"] += file.size()
        return stats

    source = filled(storage.node("data:"), a="1", b="22", c="333")
    filled(storage.node("backups:"), b="22")
    summary = source.copy_to("backups:", skip_if="hash", dry_run=True)
    stats = incremental_backup(source, storage.node("backups:"))
    assert stats == {"copied": 2, "skipped": 1, "bytes": 4}
    assert (summary.copied, summary.skipped, summary.bytes) == (2, 1, 4)


@pytest.mark.parametrize(("strategy", "copied"), [("never", 10), ("exists", 0), ("size", 0), ("hash", 1)])
def test_performance_comparison(storage: StorageManager, strategy: str, copied: int) -> None:
    """Each strategy copies what its table says, where one file of ten differs in its bytes alone."""
    source = filled(storage.node("data:"), **{f"f{number}": str(number) for number in range(10)})
    source.copy_to("backup:")
    storage.node("backup:f3.txt").write_text("x")
    assert source.copy_to("backup:", skip_if=strategy).copied == copied


def test_best_practices_copy_strategies(storage: StorageManager) -> None:
    """A strategy of one's own can say what it left out."""
    source = filled(storage.node("data:src"), a="1", b="2")
    dest = filled(storage.node("backup:dst"), a="1")
    log = []

    def sync_with_logging(one: StorageNode, other: StorageNode) -> bool:
        unchanged = other.exists() and other.md5hash() == one.md5hash()
        log.append(f"{'skipped' if unchanged else 'copying'}: {one.basename}")
        return unchanged

    assert source.copy_to(dest, skip_if=sync_with_logging) == vfs.CopySummary(copied=1, skipped=1, bytes=1)
    assert sorted(log) == ["copying: b.txt", "skipped: a.txt"]
