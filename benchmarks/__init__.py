"""What a mount costs in time, beside other mounts of the same store; see docs/BENCHMARKS.md."""
