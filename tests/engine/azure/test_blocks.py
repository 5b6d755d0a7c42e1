"""Files in blocks: edits that keep blocks of the old content, and uploads that meet each other."""

import secrets
from concurrent.futures import ThreadPoolExecutor

import pytest
from azure.storage.blob import ContainerClient

from tests.engine.azure.stores import opened
from tests.servers.fault_proxy import FaultProxy
from tests.servers.web import Script, scripted_server
from vfs.engine.backend import UploadsParts
from vfs.engine.backends.azure import AzureBackend
from vfs.engine.backends.azure.blocks import Block, cut
from vfs.engine.errors import AlreadyExists, Conflict

MIB = 1 << 20


def test_an_edit_sends_what_changed_and_the_rest_of_its_block(
    counted: AzureBackend, azure_proxy: FaultProxy
) -> None:
    """Whole blocks of the old content are kept by name; edges are fetched where the store copies none."""
    content = secrets.token_bytes(32 * MIB)
    old = counted.write("f", iter([content]))
    upload = counted.begin_upload("f")
    with azure_proxy.counting() as requests:
        upload.copy(1, 0, 17 * MIB, if_match=old.etag)
        upload.put(2, b"x" * 100)
        upload.copy(3, 17 * MIB + 100, 32 * MIB, if_match=old.etag)
        upload.complete(if_match=old.etag)
    assert bytes(counted.read("f")) == content[: 17 * MIB] + b"x" * 100 + content[17 * MIB + 100 :]
    # Blocks 1, 2 and 4 stay; of the third, one MiB before and seven behind the change were fetched.
    assert requests["BLOCK"] == 3
    assert requests["GET"] == 2
    assert requests["COMMIT"] == 1


def test_a_second_edit_stands_on_the_first(backend: AzureBackend) -> None:
    """Blocks of any size are kept, also those that an edit made."""
    content = bytearray(secrets.token_bytes(24 * MIB))
    etag = backend.write("f", iter([bytes(content)])).etag
    for at in (5 * MIB, 5 * MIB + 50, 23 * MIB, 0):
        upload = backend.begin_upload("f")
        content[at : at + 100] = bytes([at % 251]) * 100
        if at:
            upload.copy(1, 0, at, if_match=etag)
        upload.put(2, bytes(content[at : at + 100]))
        upload.copy(3, at + 100, len(content), if_match=etag)
        etag = upload.complete(if_match=etag).etag
    assert bytes(backend.read("f")) == content


def test_an_edit_of_what_others_sent_in_one_piece(backend: AzureBackend, container: ContainerClient) -> None:
    """A blob without blocks, or with names of another length, is edited all the same."""
    content = secrets.token_bytes(3 * MIB)
    container.upload_blob("whole", content)
    container.upload_blob("blocks", content)
    other = container.get_blob_client("blocks")
    other.stage_block("short", content)
    other.commit_block_list(["short"])
    for key in ("whole", "blocks"):
        etag = backend.stat(key).etag
        upload = backend.begin_upload(key)
        upload.copy(1, 0, MIB, if_match=etag)
        upload.put(2, b"changed")
        upload.copy(3, MIB + 7, 3 * MIB, if_match=etag)
        upload.complete(if_match=etag)
        assert bytes(backend.read(key)) == content[:MIB] + b"changed" + content[MIB + 7 :]


def test_blocks_of_two_uploads_do_not_mix(backend: AzureBackend) -> None:
    """Each file is all of one writer, though the store keeps the blocks of both beside one blob."""
    bodies = [bytes([number]) * (9 * MIB) for number in range(4)]
    uploads = [backend.begin_upload("f") for _ in bodies]
    for upload, body in zip(uploads, bodies, strict=True):
        upload.put(1, body[: 8 * MIB])
        upload.put(2, body[8 * MIB :])
    outcomes = []
    for upload in uploads:
        try:
            upload.complete()
        except Conflict:
            outcomes.append(False)
        else:
            outcomes.append(True)
    assert True in outcomes
    assert bytes(backend.read("f")) == bodies[max(number for number, won in enumerate(outcomes) if won)]


def test_one_of_eight_big_writers_wins(backend: AzureBackend) -> None:
    """Of concurrent makers of one file in parts exactly one succeeds, and the file is all its own."""

    def make(number: int) -> int | None:
        try:
            backend.write("f", iter([bytes([number]) * (9 * MIB)]), overwrite=False)
        except AlreadyExists:
            return None
        return number

    with ThreadPoolExecutor(8) as pool:
        winners = [number for number in pool.map(make, range(8)) if number is not None]
    assert len(winners) == 1
    assert bytes(backend.read("f")) == bytes(winners) * (9 * MIB)


def test_blocks_that_another_write_dropped_are_a_conflict(
    counted: AzureBackend, azure_proxy: FaultProxy
) -> None:
    """The store says so of the list; who was to make a new file is told that it is there."""
    for complete, error in ((lambda upload: upload.complete(), Conflict), (_complete_new, AlreadyExists)):
        upload = counted.begin_upload("f")
        upload.put(1, b"x")
        azure_proxy.fail(400, "InvalidBlockList", times=1, matches=lambda request: request.act == "COMMIT")
        with pytest.raises(error):
            complete(upload)


def _complete_new(upload: object) -> None:
    upload.complete(overwrite=False)  # type: ignore[attr-defined]


def test_a_store_that_copies_ranges_is_asked_to() -> None:
    """What falls between blocks is taken inside the store, pinned, by a URL signed for it alone."""

    def respond(request: Script) -> None:
        if request.command == "GET":
            request.send(200, b"<BlockList><CommittedBlocks /></BlockList>", ETag='"0x1"')
        else:
            request.send(
                200 if request.command == "HEAD" else 201,
                ETag='"0x1"',
                Last_Modified="Sat, 21 Nov 2026 11:00:00 GMT",
            )

    with scripted_server(respond) as (url, requests), opened(url, "c") as backend:
        uploads = backend.ability(UploadsParts)
        assert uploads is not None
        upload = uploads.begin_upload("f")
        upload.copy(1, 0, 600 * MIB, if_match='"0x1"')
    copies = [headers for method, _, headers in requests if method == "PUT"]
    assert [headers["x-ms-source-range"] for headers in copies] == [
        f"bytes=0-{256 * MIB - 1}",
        f"bytes={256 * MIB}-{512 * MIB - 1}",
        f"bytes={512 * MIB}-{600 * MIB - 1}",
    ]
    assert {headers["x-ms-source-if-match"] for headers in copies} == {'"0x1"'}
    assert all("sp=r&" in headers["x-ms-copy-source"] for headers in copies)


Piece = tuple[int, int, str | None]


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        (0, 30, [(0, 10, "a"), (10, 20, "b"), (20, 30, "c")]),
        (0, 15, [(0, 10, "a"), (10, 15, None)]),
        (5, 25, [(5, 10, None), (10, 20, "b"), (20, 25, None)]),
        (12, 18, [(12, 18, None)]),
        (10, 20, [(10, 20, "b")]),
    ],
)
def test_a_range_is_cut_at_the_borders_of_blocks(start: int, end: int, expected: list[Piece]) -> None:
    """Whole blocks by name, and what is left of the range as it is."""
    blocks = tuple(Block(name, 10, committed=True) for name in "abc")
    assert [(a, b, block and block.id) for a, b, block in cut(blocks, start, end)] == expected
