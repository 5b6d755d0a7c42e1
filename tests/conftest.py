"""What every test may use: the servers."""

pytest_plugins = ["tests.servers.fixtures", "tests.mounts.fixtures"]
