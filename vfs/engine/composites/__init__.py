"""Storages made of other mounts: each stands on the stacks of the mounts that it names."""
