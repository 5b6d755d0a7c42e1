"""Mounted folders of every kind keep the contract of tests/contracts/mountpoint_names.py."""

from tests.contracts.mountpoint_names import NameLimitsContract, NamesContract, odd
from tests.mounts.stores import BucketStore
from tests.servers.seaweed import SeaweedServer

__all__ = ["odd"]


class TestNames(NamesContract):
    """On every kind of folder."""


class TestNameLimits(NameLimitsContract):
    """On every kind of folder."""


def test_seaweed_takes_a_backslash_for_a_slash(seaweed: SeaweedServer, bucket: str) -> None:
    """The one name left out on S3 is left out because of the server: it fails without any mount, too."""
    store = BucketStore(seaweed.client(), bucket)
    store.put("back\\slash", b"content")
    assert store.files() == {"back/slash"}
