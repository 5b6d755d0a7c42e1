"""Mounted folders of every kind keep the contract of tests/contracts/mountpoint_attributes.py."""

from tests.contracts.mountpoint_attributes import (
    AttributesContract,
    ExtendedAttributesContract,
    TimesContract,
)


class TestAttributes(AttributesContract):
    """On every kind of folder."""


class TestTimes(TimesContract):
    """On every kind of folder."""


class TestExtendedAttributes(ExtendedAttributesContract):
    """On every kind of folder."""
