"""Hours in minutes: mixed load through every front door while the store and the daemon fail.

    python -m tests.soak --minutes 30

It ends with a report, and with exit status 1 where a promise was broken.
"""
