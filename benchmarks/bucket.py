"""One bucket without any mount: filled before, looked into after, and the raw limit of what can be done."""

import itertools
import time
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import obstore
from obstore.store import S3Store

from tests.servers.seaweed import ACCESS_KEY, REGION, SECRET_KEY

POLL_SECONDS = 0.002
DURABLE_SECONDS = 120.0
RANGE_BYTES = 8 << 20
CONNECTIONS = 8
PART_BYTES = 8 << 20


class NeverDurable(Exception):
    """What was written through a mount did not reach the store in time."""


@dataclass(frozen=True, slots=True)
class Access:
    """Where the store is."""

    url: str
    key: str = ACCESS_KEY
    secret: str = SECRET_KEY
    region: str = REGION


class Bucket:
    """A bucket by obstore alone, and by boto3 where obstore has no call."""

    def __init__(self, access: Access, client: Any, name: str) -> None:
        self.access = access
        self._client = client
        self.name = name
        self._fresh = itertools.count()
        self._present: set[str] = set()
        self._pool = ThreadPoolExecutor(CONNECTIONS)
        self._store = S3Store(
            name,
            endpoint=access.url,
            access_key_id=access.key,
            secret_access_key=access.secret,
            region=access.region,
            virtual_hosted_style_request=False,
            client_options={"allow_http": True, "timeout": "60s"},
        )

    def fresh_name(self) -> str:
        """A name that no earlier call gave, so that nothing is measured that a cache may know."""
        return f"new-{next(self._fresh)}"

    def ensure(self, contents: Mapping[str, bytes]) -> None:
        """Store these objects, but for those that an earlier call has stored."""
        missing = [key for key in contents if key not in self._present]
        list(self._pool.map(lambda key: self.put(key, contents[key]), missing))
        self._present.update(missing)

    def put(self, key: str, data: bytes) -> None:
        obstore.put(self._store, key, data)

    def get_range(self, key: str, start: int, end: int) -> bytes:
        return obstore.get_range(self._store, key, start=start, end=end).to_bytes()

    def get_in_ranges(self, key: str, size: int) -> int:
        """Read an object in ranges, several at a time, keeping none; the bytes that came."""
        starts = range(0, size, RANGE_BYTES)
        pieces = self._pool.map(
            lambda start: len(
                obstore.get_range(self._store, key, start=start, end=min(start + RANGE_BYTES, size))
            ),
            starts,
        )
        return sum(pieces)

    def replace_block(self, key: str, start: int, block: bytes) -> None:
        """Change a few bytes in the middle: the part around them is sent, the store copies all the rest."""
        size = obstore.head(self._store, key)["size"]
        first = start // PART_BYTES * PART_BYTES
        last = min(first + PART_BYTES, size)
        whole = bytearray(self.get_range(key, first, last))
        whole[start - first : start - first + len(block)] = block
        target = {"Bucket": self.name, "Key": key}
        upload = target | {"UploadId": self._client.create_multipart_upload(**target)["UploadId"]}

        def put(number: int, begin: int, end: int) -> dict[str, Any]:
            if begin == first:
                answer = self._client.upload_part(**upload, PartNumber=number, Body=bytes(whole))
            else:
                copied = f"bytes={begin}-{end - 1}"
                answer = self._client.upload_part_copy(
                    **upload, PartNumber=number, CopySource=target, CopySourceRange=copied
                )["CopyPartResult"]
            return {"PartNumber": number, "ETag": answer["ETag"]}

        parts = list(self._pool.map(put, (1, 2, 3), (0, first, last), (first, last, size)))
        self._client.complete_multipart_upload(**upload, MultipartUpload={"Parts": parts})

    def sizes(self, prefix: str) -> dict[str, int]:
        """Every object under a prefix, with its size."""
        return {item["path"]: item["size"] for page in obstore.list(self._store, prefix) for item in page}

    def exists(self, key: str) -> bool:
        try:
            obstore.head(self._store, key)
        except FileNotFoundError:
            return False
        return True

    def wait_for_object(self, key: str, size: int) -> None:
        """Return once a HEAD shows the object at this size; NeverDurable when it does not come."""

        def is_there() -> bool:
            try:
                return obstore.head(self._store, key)["size"] == size
            except FileNotFoundError:
                return False

        _wait(is_there, key)

    def wait_for_objects(self, prefix: str, expected: Mapping[str, int]) -> None:
        """Return once a listing shows all of these objects at their sizes; NeverDurable otherwise."""

        def are_there() -> bool:
            found = self.sizes(prefix)
            return all(found.get(key) == size for key, size in expected.items())

        _wait(are_there, prefix)

    def wait_for_bytes(self, key: str, start: int, data: bytes) -> None:
        """Return once the object has these bytes at `start`; NeverDurable when it never has."""
        _wait(lambda: self.get_range(key, start, start + len(data)) == data, key)

    def delete(self, keys: Iterable[str]) -> None:
        obstore.delete(self._store, list(keys))

    def close(self) -> None:
        self._pool.shutdown()


def _wait(condition: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + DURABLE_SECONDS
    while not condition():
        if time.monotonic() > deadline:
            raise NeverDurable(f"{what} is not in the store after {DURABLE_SECONDS:g} s")
        time.sleep(POLL_SECONDS)


def drop_page_cache() -> None:
    """Make the kernel forget file content that is on disk, everywhere on this machine; needs root."""
    with open("/proc/sys/vm/drop_caches", "w") as switch:
        switch.write("1")
