"""What layers and mounts made of mounts must keep over a bucket.

Files, copies and transfers go another way through them there than over a memory, over which each of them
keeps the whole contract; folders, links and names do not, and a bucket by itself keeps all of it.
"""

from vfs.testing.attributes import AttributeContract
from vfs.testing.copying import CopyContract, MoveContract
from vfs.testing.errors import ErrorContract
from vfs.testing.files import FileContract
from vfs.testing.transfers import TransferContract


class OverS3Contract(
    FileContract, CopyContract, MoveContract, AttributeContract, TransferContract, ErrorContract
):
    """Subclass it and give a `backend` that stands on an empty bucket of the test server."""

    invalid_utf8_names = False
    longest_key_bytes = 1023
    unkeepable_names = frozenset({"back\\slash"})
