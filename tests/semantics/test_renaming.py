"""Mounted folders of every kind keep the contract of tests/contracts/mountpoint_renaming.py."""

from tests.contracts.mountpoint_renaming import RenamingContract


class TestRenaming(RenamingContract):
    """On every kind of folder."""
