"""What the storages of objects share: a tree of files over keys, whichever store holds them."""
