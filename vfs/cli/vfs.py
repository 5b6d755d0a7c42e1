"""`vfs VERB ...`: what is to be done about configurations and daemons besides mounting."""

import argparse
import importlib.metadata
import sys

from vfs.cli import configuration, daemons, histories
from vfs.cli.exit_status import FAILED, MISUSED
from vfs.engine.errors import ConfigError, StorageError

_FAMILIES = (configuration, daemons, histories)
"""Modules whose `add_verbs` gives the command its verbs."""


def main(argv: list[str] | None = None) -> int:
    """Run the command with these arguments; gives its exit status."""
    parsed = _parser().parse_args(argv)
    try:
        status: int = parsed.run(parsed)
    except StorageError as error:
        for line in str(error).splitlines():
            print(f"vfs: {line}", file=sys.stderr)
        return MISUSED if isinstance(error, ConfigError) else FAILED
    except KeyboardInterrupt:
        return FAILED
    return status


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="vfs",
        description="Look after configurations of storages, and the daemons that mount them.",
        epilog="exit status: 0 all is well; 1 something is wrong, and said; 2 the command line is wrong",
    )
    parser.add_argument("--version", action="version", version=f"vfs {importlib.metadata.version('vfs')}")
    verbs = parser.add_subparsers(metavar="VERB", required=True)
    for family in _FAMILIES:
        family.add_verbs(verbs)
    return parser


if __name__ == "__main__":
    sys.exit(main())
