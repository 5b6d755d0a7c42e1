"""Mounted folders of every kind keep the contract of tests/contracts/mountpoint_permissions.py."""

from tests.contracts.mountpoint_permissions import PermissionsContract


class TestPermissions(PermissionsContract):
    """On every kind of folder."""
