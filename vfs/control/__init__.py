"""The control socket of a daemon: what its owner asks of it while it serves."""
