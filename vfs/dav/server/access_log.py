"""The access log: a line for each request in the combined format, which every log analyser reads."""

import functools
import logging
import os
import re
import time
from collections.abc import Mapping
from typing import Any

log = logging.getLogger("vfs.access")

USER = "REMOTE_USER"
"""In a request's environment: who was let in."""

PLACE = "vfs.dav.place"
"""In a request's environment: the path that it is about, from the folder of all mounts."""

_ESCAPED = {code: f"\\x{code:02x}" for code in [*range(32), *range(127, 160)]} | {34: '\\"', 92: "\\\\"}

_UNSAFE = re.compile(r'[\x00-\x1f"\\\x7f-\x9f]').search


def access_line(
    line: str, status: int, sent: int, address: str, environ: Mapping[str, Any], now: float
) -> str:
    """What is noted of a request; nothing in it can begin another line, or end a quoted part."""
    user = _escaped(str(environ.get(USER) or "-")).replace(" ", "\\x20")
    referer = _escaped(str(environ.get("HTTP_REFERER") or "-"))
    agent = _escaped(str(environ.get("HTTP_USER_AGENT") or "-"))
    asked = f'"{_escaped(line)}" {status} {sent or "-"}'
    return f'{address} - {user} [{_moment(int(now))}] {asked} "{referer}" "{agent}"'


def _escaped(text: str) -> str:
    return text.translate(_ESCAPED) if _UNSAFE(text) else text


def facts_of(environ: Mapping[str, Any], seconds: float) -> Mapping[str, object]:
    """What records of logs know besides their words: mount, path, operation and how long it took."""
    facts: dict[str, object] = {"operation": environ.get("REQUEST_METHOD"), "seconds": round(seconds, 6)}
    place = environ.get(PLACE)
    if place is not None:
        facts["mount"], _, facts["path"] = place[1:].partition("/")
    return facts


@functools.lru_cache(maxsize=1)
def _moment(second: int) -> str:
    return time.strftime("%d/%b/%Y:%H:%M:%S %z", time.localtime(second))


class AccessLog:
    """A file of such lines, or the log of the process where no file is named."""

    def __init__(self, path: str | os.PathLike[str] | None) -> None:
        """Raises OSError for a file that cannot be written."""
        self._path = path
        self._file = None if path is None else self._opened()

    def _opened(self) -> int:
        assert self._path is not None
        return os.open(self._path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o640)

    def note(self, line: str, environ: Mapping[str, Any], seconds: float) -> None:
        """Note a request that took so long; what is in a file is in the log too for who debugs."""
        level = logging.INFO
        if self._file is not None:
            level = logging.DEBUG
            os.write(self._file, line.encode("utf-8", "backslashreplace") + b"\n")
        if log.isEnabledFor(level):
            log.log(level, "%s", line, extra=facts_of(environ, seconds))

    def reopen(self) -> None:
        """Go on in a new file of the same name, where the old one was put away. Raises OSError."""
        if self._file is not None:
            new = self._opened()
            # In one act: other threads are writing.
            os.dup2(new, self._file, inheritable=False)
            os.close(new)
