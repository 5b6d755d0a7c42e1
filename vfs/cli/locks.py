"""`vfs locks`: who holds locks of WebDAV, and taking one from whoever holds it."""

import argparse
import os
import time
from contextlib import closing
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from urllib.parse import unquote

from vfs.cli.config_search import WHERE, config_named
from vfs.cli.daemon import check_webdav_installed
from vfs.cli.exit_status import FAILED, OK
from vfs.cli.output import Output
from vfs.cli.verbs import Verbs, add_verb

if TYPE_CHECKING:
    from vfs.dav.state.locks import Lock, LockTable


def add_verbs(verbs: "Verbs[argparse.ArgumentParser]") -> None:
    """Add the verbs of this module."""
    locks = add_verb(verbs, "locks", "List the locks that WebDAV clients hold, or break some.", _locks)
    locks.add_argument("--config", metavar="FILE", help=f"whose locks are meant; default: {WHERE}")
    locks.add_argument("--break", dest="broken", action="append", metavar="TOKEN", help="remove this lock")
    locks.add_argument("--json", action="store_true", help="tell it as JSON, an object on each line")


def _locks(arguments: argparse.Namespace) -> int:
    check_webdav_installed()
    # Late, since only this verb needs them.
    from vfs.config import load_settings
    from vfs.dav.state.opening import open_locks

    settings = load_settings(config_named(arguments.config, os.environ))
    out = Output(json=arguments.json)
    with closing(open_locks(settings.served)) as table:
        return _break(table, arguments.broken, out) if arguments.broken else _list(table, out)


def _break(table: "LockTable", tokens: list[str], out: Output) -> int:
    status = OK
    for token in tokens:
        if not table.drop(token):
            out.failure(f"there is no lock {token}")
            status = FAILED
    return status


def _list(table: "LockTable", out: Output) -> int:
    now = time.time()
    for lock in table.at("/", below=True):
        if lock.expires > now:
            out.tell(*out.row(_cells(lock)), **_told(lock))
    return OK


def _told(lock: "Lock") -> dict[str, str]:
    expires = datetime.fromtimestamp(lock.expires, UTC).isoformat(timespec="seconds")
    return {
        "token": lock.token,
        "place": _place(lock),
        "user": lock.principal,
        "scope": lock.scope,
        "depth": lock.depth,
        "expires": expires,
    }


def _cells(lock: "Lock") -> list[str]:
    told = _told(lock)
    return [told["place"], told["user"], told["scope"], f"until {told['expires']}", told["token"]]


def _place(lock: "Lock") -> str:
    """`mount:path`; the folder of all mounts has no such name."""
    mount, _, key = unquote(lock.root, errors="surrogateescape")[1:].partition("/")
    return f"{mount}:{key}" if mount else "/"
