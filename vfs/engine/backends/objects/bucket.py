"""What the tree over objects needs of a store: one bucket by object key, as each store makes it.

Every method blocks, may be called from any thread, tries again by itself where that may help, and names
`path`, the key as users know it, in its errors.
"""

# pyright: reportReturnType=false
# It takes a protocol's methods that are a docstring alone for bodies; mypy checks what they return.

from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Protocol

from vfs.engine.backend import Buffer
from vfs.engine.backends.objects.keys import KeySpace
from vfs.engine.backends.objects.known import KnownPlaces
from vfs.engine.backends.objects.policy import AttributePolicy
from vfs.engine.backends.objects.stored import ALWAYS, Condition, NewObject, Page, Stored, StoredObject


class Objects(Protocol):
    """Single objects: what one request does."""

    def head(self, object_key: str, path: str, *, version: str | None = None) -> StoredObject:
        """Everything but the bytes. Raises NotFound."""

    def get(
        self,
        object_key: str,
        path: str,
        start: int = 0,
        end: int | None = None,
        *,
        version: str | None = None,
        if_match: str | None = None,
    ) -> tuple[StoredObject | None, Buffer]:
        """Bytes of a range, `end` after `start`, with what the store says of the object.

        None and no bytes when the range begins past the end. Raises NotFound, Conflict for another ETag.
        """

    def put(
        self, object_key: str, path: str, body: Buffer, new: NewObject, condition: Condition = ALWAYS
    ) -> Stored:
        """Store a whole object. Raises Conflict unless the condition holds."""

    def delete(self, object_key: str, path: str, *, if_match: str | None = None) -> None:
        """Delete; what is not there is no error. Raises Conflict for another ETag, if the store can tell."""


class Listing(Protocol):
    """Objects by prefix, in the order of their keys."""

    tells_everything: bool
    """Whether a listing tells of each object, markers of folders too, what `Objects.head` would."""

    def pages(self, prefix: str, path: str, *, delimiter: str = "/") -> Iterator[Page]:
        """Every page below a prefix, each asked for when it is needed; delimiter "" lists the whole tree."""

    def page(self, prefix: str, path: str, *, delimiter: str = "", limit: int = ...) -> Page:
        """The first page, of at most `limit` keys."""


class ObjectUpload(Protocol):
    """One object on its way in parts; see `PartUpload`. Thread-safe."""

    @property
    def size(self) -> int:
        """The bytes of all parts so far."""

    def put(self, number: int, data: Buffer) -> None: ...

    def copy(self, number: int, source: str, start: int, end: int, *, if_match: str | None = None) -> None:
        """Take a part from an object of this bucket. Raises Conflict unless its ETag matches, NotFound."""

    def complete(self, condition: Condition = ALWAYS) -> Stored:
        """Publish. Raises Conflict unless the condition holds; the upload can be aborted then."""

    def abort(self) -> None:
        """Forget the parts; an upload already gone is no error."""


class Bucket(Protocol):
    """One bucket as configured, and what is known of it."""

    @property
    def keys(self) -> KeySpace: ...

    @property
    def known(self) -> KnownPlaces: ...

    @property
    def objects(self) -> Objects: ...

    @property
    def listing(self) -> Listing: ...

    @property
    def policy(self) -> AttributePolicy: ...

    @property
    def keeps_attributes(self) -> bool:
        """Whether the policy is to store them."""

    @property
    def part_size(self) -> int:
        """Bytes that go in one request."""

    @property
    def threads(self) -> ThreadPoolExecutor:
        """For the requests of one act that can be under way together; such a task starts no other."""

    @property
    def markers_keep_metadata(self) -> bool | None:
        """Whether an object `folder/` keeps its metadata; None: to be found out with the first one."""

    def copy(self, source: str, target: str, path: str, size: int, condition: Condition = ALWAYS) -> Stored:
        """Copy an object of any size inside the store, its metadata with it. `path` is the target's."""

    def change_metadata(
        self, object_key: str, path: str, found: StoredObject, metadata: Mapping[str, str]
    ) -> Stored:
        """Give an object other metadata. Raises Conflict unless it still is as found, NotFound."""

    def delete_batch(self, named: Mapping[str, str]) -> None:
        """Delete up to a thousand objects, given with their paths; absent ones are no error."""

    def begin_upload(self, object_key: str, path: str, new: NewObject) -> ObjectUpload: ...

    def content_hash(self, object_key: str, path: str) -> tuple[str, str] | None:
        """See `HashesContent`. Raises NotFound."""

    def ping(self) -> None:
        """Ask the store once whether the bucket is there: whoever mounts wants to know now."""

    def close(self) -> None: ...
