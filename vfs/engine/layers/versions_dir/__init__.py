"""`.versions/` in every folder of a storage that keeps old versions: files to read."""
