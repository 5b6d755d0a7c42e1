"""A storage type of the tests: memory that tells what it was asked for."""

from pydantic import BaseModel

from vfs.testing import WatchedStore


class WatchedOptions(BaseModel, frozen=True, extra="forbid"):
    """It has none."""


class WatchedStorage(WatchedStore):
    """As layers are tried on, made from options."""

    def __init__(self, options: WatchedOptions) -> None:
        super().__init__()
