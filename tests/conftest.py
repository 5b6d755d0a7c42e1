"""What every test may use: the servers."""

import pytest

# Before the suites are imported, so that their assertions tell what they compared.
pytest.register_assert_rewrite("tests.contracts")

pytest_plugins = ["tests.servers.fixtures", "tests.mounts.fixtures"]
