"""Where a daemon's log goes: a file of bounded size for each mount point, and stderr in the foreground."""

import faulthandler
import logging
import os
import sys
from logging.handlers import RotatingFileHandler
from urllib.parse import quote

from vfs.engine.errors import from_os_error

LEVELS = ("debug", "info", "warning", "error")

_LARGEST = 8 << 20


def log_file_for(mountpoint: str, state: str) -> str:
    """The log of the daemon that serves this mount point, under the state directory."""
    name = quote(os.path.abspath(mountpoint).strip("/") or "root", safe="")
    return os.path.join(state, "log", f"{name[-200:]}.log")


def log_file() -> str | None:
    """The file that records go to; None until `log_to` opened one."""
    handlers = logging.getLogger().handlers
    return next((h.baseFilename for h in handlers if isinstance(h, logging.FileHandler)), None)


def log_to(path: str, level: str, *, console: bool, program: str = "vfsmount") -> None:
    """Write our records of at least this level to a file, and to stderr, a line each, when `console`.

    Without `console` whatever else is written to stderr (by libfuse, say) goes to the file too.
    Drivers are heard from warnings up: what they say below may hold credentials. Raises StorageError for a
    file that cannot be written.
    """
    try:
        os.makedirs(os.path.dirname(os.path.abspath(path)), mode=0o700, exist_ok=True)
        file = RotatingFileHandler(path, maxBytes=_LARGEST, backupCount=1, encoding="utf-8", errors="replace")
        # A descriptor of its own, never closed: fatal signals write here, whatever was rotated meanwhile.
        fatal = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CLOEXEC)
    except OSError as error:
        raise from_os_error(error, path) from error
    faulthandler.enable(fatal)
    if not console:
        os.dup2(fatal, sys.stderr.fileno())
    file.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    handlers: list[logging.Handler] = [file]
    if console:
        handlers.append(logging.StreamHandler(sys.stderr))
        handlers[-1].setFormatter(_OneLine(program))
    logging.basicConfig(level=logging.WARNING, handlers=handlers, force=True)
    logging.getLogger("vfs").setLevel(level.upper())


class _OneLine(logging.Formatter):
    """The message alone, as the command's own words; a traceback is for the file."""

    def __init__(self, program: str) -> None:
        super().__init__()
        self._program = program

    def format(self, record: logging.LogRecord) -> str:
        return "\n".join(f"{self._program}: {line}" for line in record.getMessage().splitlines())
