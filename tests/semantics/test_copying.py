"""Mounted folders of every kind keep the contract of tests/contracts/mountpoint_copying.py."""

from tests.contracts.mountpoint_copying import CopyingContract


class TestCopying(CopyingContract):
    """On every kind of folder."""
