"""Expecting a system call to fail with one errno."""

import contextlib
import errno
from collections.abc import Iterator


@contextlib.contextmanager
def refused(*numbers: int) -> Iterator[None]:
    """The block must raise an OSError with one of these errnos."""
    wanted = " or ".join(errno.errorcode[number] for number in numbers)
    try:
        yield
    except OSError as error:
        said = errno.errorcode.get(error.errno or 0, str(error.errno))
        if error.errno not in numbers:
            raise AssertionError(f"{wanted} was due, {said} came: {error}") from error
    else:
        raise AssertionError(f"{wanted} was due, and it succeeded")
