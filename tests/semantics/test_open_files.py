"""Mounted folders of every kind keep the contract of tests/contracts/mountpoint_open_files.py."""

from tests.contracts.mountpoint_open_files import OpenFilesContract


class TestOpenFiles(OpenFilesContract):
    """On every kind of folder."""
