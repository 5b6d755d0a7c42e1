"""How many examples the random tests try: few in each run, many times as many when somebody has the time."""

import os

TIMES = int(os.environ.get("VFS_TEST_EXAMPLES", "1"))
"""`make test-slow` sets it."""


def examples(usual: int) -> int:
    """As many as the ordinary run tries, or the multiple that the environment asks for."""
    return usual * TIMES
