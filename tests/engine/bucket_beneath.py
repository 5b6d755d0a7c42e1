"""The contract of backends for what stands on a bucket, and has all odd names in another suite."""

import pytest

from vfs.engine.backend import Backend
from vfs.testing.backend import BackendContract

FEW_NAMES = ["a*.txt", "a[1].txt", " leading", "line\nbreak", "%2F", "日本語", "n" * 255]
"""Escaping shows in these; the bucket has all others in its own suite, and so has what stands on it."""


class BucketBeneathContract(BackendContract):
    """All promises, each by requests to a server. Subclass it like `BackendContract`."""

    invalid_utf8_names = False
    longest_key_bytes = 1023
    unkeepable_names = frozenset({"back\\slash"})

    @pytest.mark.parametrize("name", FEW_NAMES, ids=ascii)
    def test_an_odd_name_is_a_plain_name(self, backend: Backend, name: str) -> None:
        """Create, list, read, replace and delete touch exactly the named file, also in such a folder."""
        super().test_an_odd_name_is_a_plain_name(backend, name)

    @pytest.mark.parametrize("name", FEW_NAMES, ids=ascii)
    def test_an_odd_name_can_be_moved_to_and_from(self, backend: Backend, name: str) -> None:
        """A rename takes odd names on both sides."""
        super().test_an_odd_name_can_be_moved_to_and_from(backend, name)
