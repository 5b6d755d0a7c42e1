"""What the commands' exit statuses mean."""

OK = 0
"""Done; for a daemon in the foreground: served, unmounted, everything sent."""

FAILED = 1
"""A store, the mount point or the mount failed, or something was left unsent in the journal."""

MISUSED = 2
"""The command line or the configuration is wrong."""
