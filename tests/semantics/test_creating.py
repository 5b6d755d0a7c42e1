"""Mounted folders of every kind keep the contract of tests/contracts/mountpoint_creating.py."""

from tests.contracts.mountpoint_creating import (
    CreatingContract,
    HardLinkContract,
    OpeningContract,
    SymlinkContract,
    made_with_mode,
    make,
    umask,
)

__all__ = ["made_with_mode", "make", "umask"]


class TestCreating(CreatingContract):
    """On every kind of folder."""


class TestSymlink(SymlinkContract):
    """On every kind of folder."""


class TestHardLink(HardLinkContract):
    """On every kind of folder."""


class TestOpening(OpeningContract):
    """On every kind of folder."""
