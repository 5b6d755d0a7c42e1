"""`vfs VERB ...`: files in storages, configurations, and the daemons that mount them."""

import argparse
import importlib.metadata
import os
import sys

from vfs.cli import (
    changing,
    completing,
    configuration,
    daemons,
    histories,
    journals,
    locks,
    looking,
    passwords,
    transferring,
    versions,
)
from vfs.cli.exit_status import FAILED, INTERRUPTED, MISUSED, UNREAD
from vfs.cli.output import printable
from vfs.cli.paragraphs import Paragraphs
from vfs.cli.verbs import Parser
from vfs.engine.errors import ConfigError, StorageError

_FAMILIES = (
    looking,
    transferring,
    changing,
    versions,
    configuration,
    daemons,
    journals,
    locks,
    histories,
    passwords,
    completing,
)
"""Modules whose `add_verbs` gives the command its verbs."""

_EPILOG = """\
A place is mount:path in a mount of the configuration, :path in its main mount, or a path of this machine; a
file here whose name has a colon is ./a:b. Names are names and never patterns, unless --glob says so.
--config and --json may also stand before the verb.

exit status: 0 all is well; 1 something failed, and stderr says what; 2 the command line or the configuration
is wrong, and nothing was begun; 130 interrupted; 141 nobody reads what is told
"""


def main(argv: list[str] | None = None) -> int:
    """Run the command with these arguments; gives its exit status."""
    parsed = command().parse_args(argv)
    try:
        status: int = parsed.run(parsed)
        sys.stdout.flush()
    except BrokenPipeError:
        # Python would complain when it flushes what is left at the end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return UNREAD
    except StorageError as error:
        for line in str(error).splitlines():
            print(f"vfs: {printable(line)}", file=sys.stderr)
        return MISUSED if isinstance(error, ConfigError) else FAILED
    except KeyboardInterrupt:
        return INTERRUPTED
    return status


def command() -> argparse.ArgumentParser:
    """The whole command: what parses its arguments is also what its manual is made of."""
    parser = Parser(
        prog="vfs",
        description="Work with files in storages, look after configurations and the daemons that mount them.",
        epilog=_EPILOG,
        formatter_class=Paragraphs,
    )
    parser.add_argument("--version", action="version", version=f"vfs {importlib.metadata.version('vfs')}")
    verbs = parser.add_subparsers(metavar="VERB", dest="verb", required=True)
    for family in _FAMILIES:
        family.add_verbs(verbs)
    return parser


if __name__ == "__main__":
    sys.exit(main())
