"""Contents that are made of other files: concatenations, diffs, archives; as nodes and in mounts."""
