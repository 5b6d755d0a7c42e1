"""`vfs passwd`: what a configuration, or a file of users, holds in place of a password."""

import argparse
import getpass
import sys

from vfs.cli.daemon import check_webdav_installed
from vfs.cli.exit_status import OK
from vfs.cli.verbs import Verbs, add_verb
from vfs.config.users_file import Login, delete_user, put_user
from vfs.engine.errors import ConfigError, NotFound


def add_verbs(verbs: "Verbs[argparse.ArgumentParser]") -> None:
    """Add the verbs of this module."""
    passwd = add_verb(
        verbs,
        "passwd",
        "Print the hash of a password for the section webdav, or set it in a file.",
        _passwd,
    )
    passwd.add_argument("user", metavar="USER", nargs="?", help="the user's name, for -f and --digest")
    passwd.add_argument(
        "-f", "--file", metavar="FILE", help="set the user's password in this file, a `users_file`"
    )
    passwd.add_argument("-D", "--delete", action="store_true", help="remove the user from the file")
    passwd.add_argument(
        "--digest",
        action="store_true",
        help="what HTTP Digest needs, for Windows without TLS; keep it secret",
    )


def _passwd(arguments: argparse.Namespace) -> int:
    user, file = arguments.user, arguments.file
    if arguments.delete:
        return _delete(file, user)
    check_webdav_installed()
    from vfs.dav.auth.passwords import digest_of, hash_of

    if not user and (arguments.digest or file):
        raise ConfigError(f"{'--digest' if arguments.digest else '-f'} needs the user's name")
    password = _asked()
    digest = digest_of(user, password) if arguments.digest else None
    if file:
        # A Digest hash of the password before would still let in: the new line has its own, or none.
        is_new = put_user(file, user, Login(hash_of(password), digest))
        print(f"{file}: {user} is {'added' if is_new else 'changed'}")
    else:
        print(digest or hash_of(password))
    return OK


def _delete(file: str | None, user: str | None) -> int:
    if not file or not user:
        raise ConfigError("-D needs -f FILE and the user's name")
    if not delete_user(file, user):
        raise NotFound(f"there is no user {user!r}", file)
    print(f"{file}: {user} is removed")
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
