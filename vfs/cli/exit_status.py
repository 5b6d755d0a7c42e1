"""What the commands' exit statuses mean."""

OK = 0
"""Done; for a daemon in the foreground: served, unmounted, everything sent."""

FAILED = 1
"""Something failed, or a part of it, and stderr names it; for a daemon: or was left unsent in the journal."""

MISUSED = 2
"""The command line or the configuration is wrong; nothing was begun."""

INTERRUPTED = 130
"""Ctrl-C, as shells tell of SIGINT. What was not finished is not there; what was is whole."""

UNREAD = 141
"""Whoever read our output went away, as shells tell of SIGPIPE."""
