"""Mounted folders of every kind keep the contract of tests/contracts/mountpoint_mapping.py."""

from tests.contracts.mountpoint_mapping import MappingContract


class TestMapping(MappingContract):
    """On every kind of folder."""
