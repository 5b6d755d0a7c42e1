"""Mounted folders of every kind keep the contract of tests/contracts/mountpoint_editing.py."""

from tests.contracts.mountpoint_editing import EditingContract


class TestEditing(EditingContract):
    """On every kind of folder."""
