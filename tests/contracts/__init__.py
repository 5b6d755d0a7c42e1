"""What every mountpoint must show: suites of acts on paths, to subclass with a fixture and little else."""
