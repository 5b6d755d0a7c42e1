"""Mounted folders of every kind keep the contract of tests/contracts/mountpoint_big_files.py."""

from tests.contracts.mountpoint_big_files import BigFileContract


class TestBigFile(BigFileContract):
    """On every kind of folder."""
