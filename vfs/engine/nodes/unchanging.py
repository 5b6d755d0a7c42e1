"""What a stream needs of a content that can only be read: an old version, something made of other files."""

import errno
from abc import ABC, abstractmethod
from typing import NoReturn

from vfs.engine.backend import Buffer
from vfs.engine.errors import PermissionDenied


class Unchanging(ABC):
    """One state of a content of `size` bytes, open to be read by one thread at a time."""

    size: int

    @abstractmethod
    def read(self, offset: int, size: int) -> Buffer:
        """Fewer bytes than asked only at the end."""

    def close(self) -> None:  # noqa: B027 - most hold nothing open between two reads
        """Give back what is held open. Calling it again is harmless."""

    def write(self, offset: int, data: Buffer) -> NoReturn:
        raise self._refusal()

    def truncate(self, size: int) -> NoReturn:
        raise self._refusal()

    def _refusal(self) -> PermissionDenied:
        return PermissionDenied("this can only be read", errno=errno.EROFS)
