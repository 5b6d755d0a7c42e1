"""Configuration: what may be written, and the schema of it."""
