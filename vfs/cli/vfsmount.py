"""`vfsmount CONFIG MOUNTPOINT`: mount what a configuration names, in the background or the foreground."""

import argparse
import importlib.metadata
import os
import sys

from vfs.cli import background
from vfs.cli.exit_status import FAILED, OK
from vfs.cli.logs import add_log_options
from vfs.cli.paragraphs import Paragraphs

_EPILOG = """\
exit status: 0 mounted (with --foreground: served and unmounted, everything sent); 1 something failed, or
was left unsent in the journal; 2 the command line or the configuration is wrong. Nothing stays mounted
unless it is 0. Unmount with: fusermount3 -u MOUNTPOINT
"""


def main(argv: list[str] | None = None) -> int:
    """Run the command with these arguments; gives its exit status."""
    arguments = sys.argv[1:] if argv is None else argv
    parsed = command().parse_args(arguments)
    if parsed.foreground:
        # Late, since only the daemon needs the engine: the command itself should answer at once.
        from vfs.cli.daemon import serve

        return serve(parsed)
    try:
        status, message = background.start(arguments)
    except KeyboardInterrupt:
        status, message = FAILED, "vfsmount: interrupted; nothing is mounted"
    if status == OK:
        message = _unanswered(parsed.mountpoint)
    if message:
        print(message, file=sys.stderr)
        return status or FAILED
    return OK


def command() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="vfsmount",
        description="Mount the storages that a configuration names as one file system.",
        epilog=_EPILOG,
        formatter_class=Paragraphs,
    )
    parser.add_argument("config", metavar="CONFIG", help="the configuration: YAML, or .json, or .toml")
    parser.add_argument("mountpoint", metavar="MOUNTPOINT", help="an empty folder of yours")
    parser.add_argument(
        "-f", "--foreground", action="store_true", help="serve here until unmounted or signalled"
    )
    parser.add_argument(
        "-o",
        dest="options",
        metavar="OPT[,OPT...]",
        action="append",
        default=[],
        help="allow_other, allow_root, ro, uid=, gid=, umask=, [no_]default_permissions, nonempty, fsname=, "
        "read_ahead_kb=, mount=, debug; what mount(8) adds is understood",
    )
    parser.add_argument("--mount", metavar="NAME", help="show this mount alone, as the root")
    parser.add_argument(
        "--dav", action="store_true", help="serve the mounts over WebDAV as well, as the section webdav says"
    )
    add_log_options(parser, each="mount point")
    parser.add_argument(
        "--version", action="version", version=f"vfsmount {importlib.metadata.version('vfs')}"
    )
    parser.add_argument("--report-to", type=int, metavar="FD", help=argparse.SUPPRESS)
    return parser


def _unanswered(mountpoint: str) -> str:
    """Why the new mount does not answer; empty when it does."""
    try:
        os.statvfs(mountpoint)
    except OSError as error:
        return f"vfsmount: {mountpoint}: mounted, but does not answer: {error.strerror}"
    return ""


if __name__ == "__main__":
    sys.exit(main())
