"""`vfs passwd`: what a configuration holds in place of a password."""

import argparse
import getpass
import sys

from vfs.cli.daemon import check_webdav_installed
from vfs.cli.exit_status import OK
from vfs.cli.verbs import Verbs, add_verb
from vfs.engine.errors import ConfigError


def add_verbs(verbs: "Verbs[argparse.ArgumentParser]") -> None:
    """Add the verbs of this module."""
    passwd = add_verb(
        verbs, "passwd", "Print the hash of a password, for a user of the section webdav.", _passwd
    )
    passwd.add_argument("user", metavar="USER", nargs="?", help="the user's name, for --digest")
    passwd.add_argument(
        "--digest",
        action="store_true",
        help="what HTTP Digest needs, for Windows without TLS; keep it secret",
    )


def _passwd(arguments: argparse.Namespace) -> int:
    check_webdav_installed()
    from vfs.dav.auth.passwords import digest_of, hash_of

    if arguments.digest and not arguments.user:
        raise ConfigError("--digest needs the user's name, which is part of it")
    password = _asked()
    print(digest_of(arguments.user, password) if arguments.digest else hash_of(password))
    return OK


def _asked() -> str:
    """The password: typed twice and not shown, or the first line of what is not a terminal."""
    if sys.stdin.isatty():
        password = getpass.getpass("Password: ")
        if getpass.getpass("The same again: ") != password:
            raise ConfigError("these were two different passwords")
    else:
        password = sys.stdin.readline().rstrip("\r\n")
    if not password:
        raise ConfigError("an empty password lets everybody in")
    return password
