"""The file of users: names with the hashes of their passwords, a line each, written by `vfs passwd`.

    # what begins with a number sign, and empty lines, are left alone
    alice:$argon2id$v=19$m=65536,t=3,p=4$...$...
    bob:$argon2id$v=19$m=65536,t=3,p=4$...$...:0cc175b9c0f1b6a831c399e269772661

The third part, if there is one, is what HTTP Digest needs. No message repeats what a line holds.
"""

import contextlib
import fcntl
import os
import re
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from vfs.engine.errors import ConfigError

_ARGON2 = re.compile(r"\$argon2(id|i|d)\$v=\d+\$m=\d+,t=\d+,p=\d+\$[A-Za-z0-9+/]+\$[A-Za-z0-9+/]+")
_HA1 = re.compile(r"[0-9a-f]{32}")

_NEW_MODE = 0o600
_WIDEST_MODE = 0o640
"""What a file that is there may keep of its permissions: its group may be the server's."""


@dataclass(frozen=True, slots=True)
class Login:
    """What a user logs in with: hashes, which no representation shows."""

    password: str = field(repr=False)
    digest: str | None = field(default=None, repr=False)


def is_hash(text: str) -> bool:
    """Whether this is a hash of a password, as `vfs passwd` makes it."""
    return _ARGON2.fullmatch(text) is not None


def is_digest(text: str) -> bool:
    """Whether this is what HTTP Digest needs, as `vfs passwd --digest` makes it."""
    return _HA1.fullmatch(text) is not None


def is_name(text: str) -> bool:
    """Whether a user can have this name."""
    # Basic ends the name at a colon, and headers have no place for control characters.
    return text != "" and ":" not in text and text.isprintable()


def read_users(path: str | os.PathLike[str]) -> Mapping[str, Login]:
    """The users that a file names. Raises ConfigError, with the line, for the first thing that is wrong."""
    found: dict[str, Login] = {}
    lines: dict[str, int] = {}
    for number, line in enumerate(_lines_of(path), 1):
        if _is_comment(line):
            continue
        try:
            name, login = _parsed(line)
            if name in lines:
                raise ConfigError(f"the user of line {lines[name]} once more")
        except ConfigError as error:
            raise ConfigError(f"{os.fspath(path)}: line {number}: {error.message}") from None
        found[name], lines[name] = login, number
    return found


def put_user(path: str | os.PathLike[str], name: str, login: Login) -> bool:
    """Set what a user logs in with, in place of what was there; whether the user is new.

    All other lines stay as they are. The file is replaced in one act, and made where there is none, for its
    owner alone. Raises ConfigError for a name that can be none, and for a file that cannot be written.
    """
    if not is_name(name) or name.startswith("#") or name != name.strip():
        raise ConfigError(f"{name!r} cannot name a user: no ':', no control characters, no '#' before it")
    written = ":".join(filter(None, (name, login.password, login.digest)))
    with _edited(path, must_exist=False) as lines:
        numbers = _lines_with(lines, name)
        if numbers:
            lines[numbers[0]] = written
        else:
            lines.append(written)
        for number in reversed(numbers[1:]):
            del lines[number]
    return not numbers


def delete_user(path: str | os.PathLike[str], name: str) -> bool:
    """Remove a user; False where there is none of this name. Raises ConfigError as `put_user` does."""
    with _edited(path, must_exist=True) as lines:
        numbers = _lines_with(lines, name)
        for number in reversed(numbers):
            del lines[number]
    return bool(numbers)


def _parsed(line: str) -> tuple[str, Login]:
    name, *hashes = line.split(":")
    if not 1 <= len(hashes) <= 2:
        raise ConfigError("must be NAME:HASH, or NAME:HASH:DIGEST; `vfs passwd -f` writes such lines")
    if not is_name(name):
        raise ConfigError("this cannot be the name of a user")
    if not is_hash(hashes[0]):
        raise ConfigError("this is no hash of a password; make one with `vfs passwd -f`")
    if len(hashes) == 2 and not is_digest(hashes[1]):
        raise ConfigError("this is no Digest hash; make one with `vfs passwd -f --digest`")
    return name, Login(*hashes)


def _is_comment(line: str) -> bool:
    return not line.strip() or line.startswith("#")


def _lines_with(lines: Sequence[str], name: str) -> list[int]:
    """Where in the lines a user is, counted from 0."""
    return [
        number
        for number, line in enumerate(lines)
        if not _is_comment(line) and line.partition(":")[0] == name
    ]


def _lines_of(path: str | os.PathLike[str]) -> list[str]:
    """Without their ends; what is no UTF-8 is there as surrogates. Raises ConfigError."""
    try:
        with open(path, "rb") as file:
            content = file.read()
    except OSError as error:
        raise ConfigError(f"{os.fspath(path)}: cannot be read: {error.strerror}") from error
    lines = content.decode("utf-8", "surrogateescape").split("\n")
    return [line.removesuffix("\r") for line in (lines if lines[-1] else lines[:-1])]


@contextlib.contextmanager
def _edited(path: str | os.PathLike[str], *, must_exist: bool) -> Iterator[list[str]]:
    """The lines of a file, to be changed; written when the block ends, and nobody else's change is lost."""
    place = os.path.realpath(path)
    try:
        with _alone(os.path.dirname(place)):
            lines = _lines_of(place) if must_exist or os.path.exists(place) else []
            yield lines
            _replace(place, "".join(f"{line}\n" for line in lines).encode("utf-8", "surrogateescape"))
    except OSError as error:
        raise ConfigError(f"{place}: cannot be written: {error.strerror}") from error


@contextlib.contextmanager
def _alone(folder: str) -> Iterator[None]:
    """Inside, no other process that does the same is at work in this folder."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _replace(place: str, content: bytes) -> None:
    """Write a file in one act, with the owner that it has, so that a server can go on reading it."""
    descriptor, draft = tempfile.mkstemp(prefix=".vfs-passwd-", dir=os.path.dirname(place))
    try:
        with os.fdopen(descriptor, "wb") as file:
            with contextlib.suppress(FileNotFoundError):
                present = os.stat(place)
                if (present.st_uid, present.st_gid) != (os.geteuid(), os.getegid()):
                    os.fchown(descriptor, present.st_uid, present.st_gid)
                os.fchmod(descriptor, present.st_mode & _WIDEST_MODE | _NEW_MODE)
            file.write(content)
            file.flush()
            os.fsync(descriptor)
        os.replace(draft, place)
    except BaseException:
        os.unlink(draft)
        raise
