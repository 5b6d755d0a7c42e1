"""What differs from run to run on a screen, and the fixed words of the same length that stand for it."""

import functools
import itertools
import os
import re
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from typing import Any
from unittest import mock

import rich.progress

from vfs.control.client import Daemon, Peer

NIGHT = 1_790_000_000
"""When all files were written, in seconds since the epoch: 2026-09-21 14:13:20 UTC."""

HOME = "/tmp/home-of-anna"
"""What stands for the folder in which the commands run; its real name has as many characters."""

PID = 4242

_NUMBERS = {
    "seconds": 0.002,
    "hits": 9,
    "misses": 1,
    "hit_bytes": 0,
    "missed_bytes": 0,
    "bytes_read": 2048,
    "bytes_written": 4096,
    "used": 4096,
    "bytes": 4096,
    "calls": {"stat": 12},
    "mtime_ns": NIGHT * 10**9,
    "names": 1,
    "folders": 1,
    "slow": 0,
}
"""Of what a daemon answers: the measured, under the names that it gives them."""

_WORDS = (
    (r"OK in \d+ ms", "OK in 2 ms"),
    (r"in \d+\.\d s\b", "in 0.1 s"),
    (r"after (one attempt|\d+ attempts)", "after 3 attempts"),
    (r"'test-[0-9a-f]{12}' at http://127\.0\.0\.1:\d+", "'letters' at http://127.0.0.1:9000"),
    (r'"seconds": [\d.e-]+', '"seconds": 0.002'),
    (r'"mtime": (?!1790000000\.0\b)[\d.]+', '"mtime": 1790000060.0'),
    (r"20\d\d-\d\d-\d\d \d\d:\d\d:\d\d", "2026-09-21 14:14:20"),
    (r"(?!2026-09-21 14:1[34])20\d\d-\d\d-\d\d \d\d:\d\d", "2026-09-21 14:14"),
    (r"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d", "2026-09-21T14:14:20"),
    (r"(?m)^(mtime +)(?!1790000000\.0$)[\d.]+", r"\g<1>1790000060.0"),
    (r"(?m)^(etag +)[0-9a-f-]+", r"\g<1>5ca1ab1e"),
    (r'"etag": "[0-9a-f-]+"', '"etag": "5ca1ab1e"'),
    (r"\buser \d+ has no", "user 1000 has no"),
    (
        r"\$argon2id\$v=19\$m=65536,t=3,p=4\$[\w+/]{22}\$[\w+/]{43}",
        "$argon2id$v=19$m=65536,t=3,p=4$...",
    ),
    (r"(?m)^d +[\d,]+ ", "d          4,096 "),
    (r'(?<="kind": "folder", "size": )\d+', "4096"),
)
"""What is written in place of words that a command makes of a clock, of chance, or of the file system."""

_VERSION = re.compile(r"\d{8}T\d{6}\.\d{3}Z~[0-9a-z]{6}")
_VERSION_ID = re.compile(r"\d{20}-[0-9a-f]{8}")


def steady(screen: str, folder: str) -> str:
    """The screen of a command that ran in a folder, as it looks in every run."""
    screen = screen.replace(folder, HOME)
    for pattern, fixed in _WORDS:
        screen = re.sub(pattern, fixed, screen)
    screen = _numbered(_VERSION, "20260921T141320.000Z~anna{:02}", screen)
    return _numbered(_VERSION_ID, "01790000000000000000-5ca1ab{:02}", screen)


def _numbered(pattern: re.Pattern[str], fixed: str, screen: str) -> str:
    """Each different match by a name of its own: equal ones stay equal."""
    found = dict.fromkeys(pattern.findall(screen))
    names = dict(zip(found, map(fixed.format, itertools.count(1)), strict=False))
    return pattern.sub(lambda match: names[match[0]], screen)


@contextmanager
def no_clock() -> Iterator[None]:
    """Within, bars are drawn once at the beginning and once at the end, and daemons measure nothing."""
    bar = functools.partial(rich.progress.Progress, auto_refresh=False)
    ask = Daemon.ask

    def answer(daemon: Daemon, verb: str, arguments: Mapping[str, Any], *, timeout: float) -> Any:
        return _unmeasured(ask(daemon, verb, arguments, timeout=timeout))

    with ExitStack() as patches:
        for name, value in (
            ("rich.progress.Progress", bar),
            ("rich.console.monotonic", lambda: 0.0),
            ("vfs.control.client.Daemon.ask", answer),
            ("vfs.control.client.peer_of", lambda connection: Peer(PID, os.getuid())),
        ):
            patches.enter_context(mock.patch(name, value))
        yield


def _unmeasured(told: Any) -> Any:
    if isinstance(told, list):
        return [_unmeasured(item) for item in told]
    if not isinstance(told, dict):
        return told
    fixed: dict[str, Any] = {**_NUMBERS, "pid": PID, "failures": min(1, told.get("failures", 0))}
    return {name: fixed[name] if name in fixed else _unmeasured(item) for name, item in told.items()}
