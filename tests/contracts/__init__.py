"""What every implementation of a contract must show: suites to subclass with a fixture and little else."""

import pytest

pytest.register_assert_rewrite(
    "tests.contracts.attributes",
    "tests.contracts.backend",
    "tests.contracts.layer_content",
    "tests.contracts.copying",
    "tests.contracts.files",
    "tests.contracts.folders",
    "tests.contracts.in_place",
    "tests.contracts.layer",
    "tests.contracts.links",
    "tests.contracts.names",
    "tests.contracts.transfers",
)
