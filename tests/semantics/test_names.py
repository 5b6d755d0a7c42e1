"""Mounted folders of every kind keep the contract of tests/contracts/mountpoint_names.py."""

from tests.contracts.mountpoint_names import NameLimitsContract, NamesContract, odd

__all__ = ["odd"]


class TestNames(NamesContract):
    """On every kind of folder."""


class TestNameLimits(NameLimitsContract):
    """On every kind of folder."""
