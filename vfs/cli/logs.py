"""Where a daemon's log goes: a file of bounded size for each mount point, and stderr in the foreground."""

import argparse
import faulthandler
import logging
import os
import sys
from logging.handlers import RotatingFileHandler
from urllib.parse import quote

from vfs.cli.log_formats import JOURNAL, Journal, Json, Text, is_journal_listening, note_request
from vfs.engine.errors import from_os_error

LEVELS = ("debug", "info", "warning", "error")

FORMS = ("auto", "text", "json", "journal")
"""How records are told: by default to people, and with their facts where stderr leads to the journal."""

_LARGEST = 8 << 20


def add_log_options(parser: argparse.ArgumentParser, *, each: str) -> None:
    """The options that tell how a daemon logs; it has a file for each `each` by default."""
    parser.add_argument("--log-level", choices=LEVELS, default="info", help="default: %(default)s")
    parser.add_argument(
        "--log-format",
        choices=FORMS,
        default="auto",
        help="text; json, an object on each line; journal, systemd's, with a field for each fact; default: "
        "journal where stderr leads there, else text",
    )
    parser.add_argument(
        "--log-file",
        metavar="FILE",
        help=f"default: a file for each {each} in the log folder of the state",
    )


def log_file_for(mountpoint: str, state: str) -> str:
    """The log of the daemon that serves this mount point, under the state directory."""
    name = quote(os.path.abspath(mountpoint).strip("/") or "root", safe="")
    return os.path.join(state, "log", f"{name[-200:]}.log")


def log_file() -> str | None:
    """The file that records go to; None until `log_to` opened one."""
    handlers = logging.getLogger().handlers
    return next((h.baseFilename for h in handlers if isinstance(h, logging.FileHandler)), None)


def log_to(path: str, level: str, *, console: bool, program: str = "vfsmount", form: str = "auto") -> None:
    """Write our records of at least this level to a file, and to stderr, a line each, when `console`.

    Where stderr leads to systemd's journal they go there with their facts instead, unless `form` says "text"
    or "json": those are the forms of file and stderr. Without `console` whatever else is written to stderr
    (by libfuse, say) goes to the file too.
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
    file.setFormatter(Json() if form == "json" else Text())
    handlers: list[logging.Handler] = [file]
    if console:
        handlers.append(_console(program, form))
    for handler in handlers:
        handler.addFilter(note_request)
    logging.basicConfig(level=logging.WARNING, handlers=handlers, force=True)
    logging.getLogger("vfs").setLevel(level.upper())


def _console(program: str, form: str) -> logging.Handler:
    if form == "journal" or (form == "auto" and is_journal_listening()):
        try:
            return Journal(program)
        except OSError as error:
            raise from_os_error(error, JOURNAL) from error
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(Json() if form == "json" else _OneLine(program))
    return handler


class _OneLine(logging.Formatter):
    """The message alone, as the command's own words; a traceback is for the file."""

    def __init__(self, program: str) -> None:
        super().__init__()
        self._program = program

    def format(self, record: logging.LogRecord) -> str:
        return "\n".join(f"{self._program}: {line}" for line in record.getMessage().splitlines())
