"""Mounted folders of every kind keep the contract of tests/contracts/mountpoint_sizes.py."""

from tests.contracts.mountpoint_sizes import SizesContract


class TestSizes(SizesContract):
    """On every kind of folder."""
