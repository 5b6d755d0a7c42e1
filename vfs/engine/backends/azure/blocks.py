"""Blobs sent in blocks: uploads that a caller fills, and edits that keep blocks of the old content.

Blocks wait beside the blob until a list of them is committed; the store drops all others then, and
within a week those of an upload that was given up.
"""

# pyright: reportReturnType=false
# It takes a protocol's methods that are a docstring alone for bodies; mypy checks what they return.

import base64
import errno
import itertools
import secrets
import threading
from dataclasses import dataclass
from typing import Any, Protocol
from xml.etree import ElementTree

from vfs.engine.backend import Buffer, PartLimits
from vfs.engine.backends.azure.blobs import Blobs, stored_by
from vfs.engine.backends.azure.options import AzureOptions
from vfs.engine.backends.azure.signed import SignedRequests
from vfs.engine.backends.azure.stored import request_headers
from vfs.engine.backends.objects.retrying import Retrying
from vfs.engine.backends.objects.stored import ALWAYS, Condition, NewObject, Stored
from vfs.engine.errors import CapabilityNotSupported, Conflict, StorageError

MIB = 1 << 20
MAX_BLOCKS = 50_000
MAX_PARTS = 10_000
"""Of one upload: a part that is taken from the old content may be several blocks."""

LARGEST_BLOCK = 4000 * MIB
_COPIED_BLOCK = 256 * MIB
_ID_BYTES = 16
_ID_LENGTH = len(base64.b64encode(bytes(_ID_BYTES)))


def part_limits(preferred: int) -> PartLimits:
    return PartLimits(1, preferred, LARGEST_BLOCK, MAX_PARTS)


class BlockStore(Protocol):
    """What an upload needs of its container."""

    options: AzureOptions
    retrying: Retrying
    signed: SignedRequests
    blobs: Blobs
    copies_ranges: bool
    """Whether the store takes blocks from its own blobs; emulators do not."""

    def source_headers(self, blob: str, path: str) -> dict[str, str]:
        """The headers that let the store read a blob of this container on our behalf."""


@dataclass(frozen=True, slots=True)
class Block:
    """One block of a blob: `committed` when the blob has it now."""

    id: str
    size: int
    committed: bool = False


@dataclass(frozen=True, slots=True)
class Base:
    """The blob that an edit stands on: its ETag, and its blocks in order; none where it came in one piece."""

    etag: str
    blocks: tuple[Block, ...]


class BlockUpload:
    """`ObjectUpload` of a blob; errors name `path`. Thread-safe. Nothing is sent before the first part."""

    def __init__(self, store: BlockStore, blob: str, path: str, new: NewObject) -> None:
        self._store = store
        self._blob = blob
        self._path = path
        self._new = new
        # Two uploads to one blob must not mix: the store tells blocks apart by name alone.
        self._name = secrets.token_bytes(8)
        self._numbers = itertools.count()
        self._lock = threading.Lock()
        self._parts: dict[int, list[Block]] = {}
        self._base_lock = threading.Lock()
        self._base: Base | None = None

    @property
    def size(self) -> int:
        """The bytes of all parts so far."""
        with self._lock:
            return sum(block.size for blocks in self._parts.values() for block in blocks)

    def put(self, number: int, data: Buffer) -> None:
        """Send a part."""
        self._check(number)
        self._took(number, [self._send(data)] if len(data) else [])

    def copy(self, number: int, source: str, start: int, end: int, *, if_match: str | None = None) -> None:
        """Take a part from a blob of this container: whole blocks of the same blob are kept, not sent.

        What does not fall on their borders is copied inside the store, or, where it cannot, fetched and sent.
        Raises Conflict unless the ETag matches.
        """
        self._check(number)
        base = self._base_of(source)
        if if_match is not None and base.etag != if_match:
            raise Conflict("the file is another one now", self._path)
        taken: list[Block] = []
        for at, to, block in cut(base.blocks, start, end):
            taken += [block] if block is not None else self._copied(source, at, to, base.etag)
        self._took(number, taken)

    def complete(self, condition: Condition = ALWAYS) -> Stored:
        """Publish. Raises Conflict unless the condition holds, or where another write dropped our blocks."""
        with self._lock:
            blocks = [block for number in sorted(self._parts) for block in self._parts[number]]
        if not blocks:
            return self._store.blobs.put(self._blob, self._path, b"", self._new, condition)
        if len(blocks) > MAX_BLOCKS:
            raise StorageError(f"Azure takes {MAX_BLOCKS} blocks", self._path, errno=errno.EFBIG)
        headers = request_headers(self._new) | condition.headers()
        body = _block_list(blocks)

        def once() -> Stored:
            return stored_by(self._request({"comp": "blocklist"}, headers, body))

        def settle(error: StorageError) -> Stored:
            return self._store.blobs.settle(error, self._blob, self._path, self._new, self.size)

        return self._store.retrying.run(once, settle=settle)

    def abort(self) -> None:
        """Forget the parts; the store drops them by itself."""
        with self._lock:
            self._parts.clear()

    def _base_of(self, source: str) -> Base:
        with self._base_lock:
            if self._base is None:
                self._base = self._read_base(source)
            return self._base

    def _read_base(self, source: str) -> Base:
        query = {"comp": "blocklist", "blocklisttype": "committed"}
        answer = self._store.retrying.run(
            lambda: self._store.signed.send("GET", source, query=query, path=self._path)
        )
        etag = self._store.blobs.head(source, self._path).etag
        listed = answer.headers.get("etag", etag)
        if listed != etag:
            raise Conflict("the file is another one now", self._path)
        return Base(etag, _blocks_in(answer.body) if source == self._blob else ())

    def _copied(self, source: str, start: int, end: int, etag: str) -> list[Block]:
        taken = []
        while start < end:
            if self._store.copies_ranges:
                try:
                    step = min(end, start + _COPIED_BLOCK)
                    taken.append(self._copy_inside(source, start, step, etag))
                    start = step
                    continue
                except CapabilityNotSupported:
                    self._store.copies_ranges = False
            step = min(end, start + self._store.options.part_size)
            _, data = self._store.blobs.get(source, self._path, start, step, if_match=etag)
            taken.append(self._send(data))
            start = step
        return taken

    def _copy_inside(self, source: str, start: int, end: int, etag: str) -> Block:
        name = self._next_id()
        headers = {
            "x-ms-source-range": f"bytes={start}-{end - 1}",
            "x-ms-source-if-match": etag,
            **self._store.source_headers(source, self._path),
        }
        long_timeout = self._store.options.long_timeout
        self._store.retrying.run(
            lambda: self._request({"comp": "block", "blockid": name}, headers, b"", long_timeout)
        )
        return Block(name, end - start)

    def _send(self, data: Buffer) -> Block:
        name = self._next_id()
        self._store.retrying.run(lambda: self._request({"comp": "block", "blockid": name}, {}, data))
        return Block(name, len(data))

    def _request(
        self, query: dict[str, str], headers: dict[str, str], body: Buffer, timeout: float | None = None
    ) -> Any:
        return self._store.signed.send(
            "PUT", self._blob, query=query, headers=headers, body=body, path=self._path, timeout=timeout
        )

    def _next_id(self) -> str:
        return base64.b64encode(self._name + next(self._numbers).to_bytes(8, "big")).decode("ascii")

    def _check(self, number: int) -> None:
        if not 1 <= number <= MAX_PARTS:
            raise StorageError(
                f"{MAX_PARTS} parts are the most; set a bigger `part_size`", self._path, errno=errno.EFBIG
            )

    def _took(self, number: int, blocks: list[Block]) -> None:
        with self._lock:
            self._parts[number] = blocks


def cut(blocks: tuple[Block, ...], start: int, end: int) -> list[tuple[int, int, Block | None]]:
    """A range as whole blocks, and what is left of it between them and at its ends."""
    found: list[tuple[int, int, Block | None]] = []
    at, begin = start, 0
    for block in blocks:
        finish = begin + block.size
        if start <= begin and finish <= end:
            if at < begin:
                found.append((at, begin, None))
            found.append((begin, finish, block))
            at = finish
        begin = finish
    if at < end:
        found.append((at, end, None))
    return found


def _block_list(blocks: list[Block]) -> bytes:
    root = ElementTree.Element("BlockList")
    for block in blocks:
        ElementTree.SubElement(root, "Committed" if block.committed else "Uncommitted").text = block.id
    body: bytes = ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)
    return body


def _blocks_in(body: Buffer) -> tuple[Block, ...]:
    """The blocks of a blob; none where their names are not as long as ours, as one list cannot hold both."""
    root = ElementTree.fromstring(body)  # noqa: S314 - expat itself bounds what entities expand to
    blocks = tuple(
        Block(item.findtext("Name") or "", int(item.findtext("Size") or 0), committed=True)
        for item in root.iterfind("CommittedBlocks/Block")
    )
    return blocks if all(len(block.id) == _ID_LENGTH for block in blocks) else ()
