"""The control socket of daemons."""
