"""Mounted folders of every kind keep the contract of tests/contracts/mountpoint_removing.py."""

from tests.contracts.mountpoint_removing import RemovingContract


class TestRemoving(RemovingContract):
    """On every kind of folder."""
